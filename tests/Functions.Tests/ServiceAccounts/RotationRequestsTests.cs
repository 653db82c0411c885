using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What a rotation costs in calls, exactly; docs/rotation.md gives the reason for each.</summary>
public sealed class RotationRequestsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(RotatedAccount.ApiCredential, 7, 1, 0, 0, 6, 3, 0, 0)]
    [InlineData(RotatedAccount.StorageAccountKeys, 6, 1, 1, 1, 4, 3, 1, 1)]
    public async Task A_rotation_takes_these_calls_and_no_more(
        string kind, int cosmos, int keyVault, int resourceManager, int blob, int cosmosToRetire, int keyVaultToRetire, int resourceManagerToRetire, int blobToRetire)
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, kind);
        (await Count(app)).Values.Should().OnlyContain(count => count == 0, "nothing is due");

        await app.Cloud.Advance(RotatedAccount.Interval);
        var issue = await Count(app);
        (await account.Step()).Should().Be("settle");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        var retire = await Count(app);
        (await account.Step()).Should().Be("done");

        // One of Cosmos DB's and the one of Table Storage are the audit event's; a new key is also told to people, which is one more of Cosmos DB's.
        issue.Should().Equal(new Dictionary<string, int> { ["cosmos"] = cosmos, ["keyVault"] = keyVault, ["resourceManager"] = resourceManager, ["blob"] = blob, ["tables"] = 1 });
        retire.Should().Equal(new Dictionary<string, int> { ["cosmos"] = cosmosToRetire, ["keyVault"] = keyVaultToRetire, ["resourceManager"] = resourceManagerToRetire, ["blob"] = blobToRetire, ["tables"] = 1 });
    }

    /// <summary>The calls of one run; without the queries for what is due, which are one per hundred accounts and one that finds no more.</summary>
    private async Task<Dictionary<string, int>> Count(App app)
    {
        await app.Cloud.ResetRequests();
        await app.Cloud.RunTimer("RotateServiceAccountKeys");
        var requests = await app.Cloud.RequestsByOperation();
        output.WriteLine(requests.ToJsonString());
        return ((string[])["cosmos", "keyVault", "resourceManager", "blob", "tables"]).ToDictionary(
            service => service,
            service => requests[service]!.AsObject().Where(operation => !operation.Key.Contains("(query", StringComparison.Ordinal)).Sum(operation => (int)operation.Value!));
    }
}
