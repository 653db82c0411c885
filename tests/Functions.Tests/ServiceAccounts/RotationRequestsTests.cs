using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What a rotation costs in calls, exactly; docs/rotation.md gives the reason for each.</summary>
public sealed class RotationRequestsTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(RotatedResource.ApiCredential, "cosmos 7, keyVault 1", "cosmos 6, keyVault 3")]
    [InlineData(RotatedResource.EntraApplication, "cosmos 7, keyVault 1, graph 3", "cosmos 4, keyVault 3, graph 2")]
    [InlineData(RotatedResource.StorageAccountKeys, "cosmos 6, keyVault 1, resourceManager 1, blob 1", "cosmos 4, keyVault 3, resourceManager 1, blob 1")]
    [InlineData(RotatedResource.CosmosAccountKeys, "cosmos 6, keyVault 1, resourceManager 3, dataPlanes 1", "cosmos 4, keyVault 3, resourceManager 2, dataPlanes 1")]
    [InlineData(RotatedResource.ServiceBusKeys, "cosmos 6, keyVault 1, resourceManager 1, dataPlanes 1", "cosmos 4, keyVault 3, resourceManager 1, dataPlanes 1")]
    [InlineData(RotatedResource.EventHubKeys, "cosmos 6, keyVault 1, resourceManager 1, dataPlanes 1", "cosmos 4, keyVault 3, resourceManager 1, dataPlanes 1")]
    public async Task A_rotation_takes_these_calls_and_no_more(string kind, string toIssue, string toRetire)
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, kind);
        (await Count(app)).Should().BeEmpty("nothing is due");

        await app.Cloud.Advance(RotatedAccount.Interval);
        var issue = await Count(app);
        (await account.Step()).Should().Be("settle");
        await app.Cloud.Advance(RotatedAccount.Overlap);
        var retire = await Count(app);
        (await account.Step()).Should().Be("done");

        // One of Cosmos DB's and the one of Table Storage are the audit event's; a new key is also told to people, which is one more of Cosmos DB's.
        issue.Should().Be($"{toIssue}, tables 1");
        retire.Should().Be($"{toRetire}, tables 1");
    }

    /// <summary>The calls of one run; without the queries for what is due, which are one per hundred accounts and one that finds no more.</summary>
    private async Task<string> Count(App app)
    {
        await app.Cloud.ResetRequests();
        await app.Cloud.RunTimer("RotateServiceAccountKeys");
        var requests = await app.Cloud.RequestsByOperation();
        output.WriteLine(requests.ToJsonString());
        var counts = ((string[])["cosmos", "keyVault", "resourceManager", "graph", "blob", "dataPlanes", "tables"]).Select(service => (
            Service: service,
            Calls: requests[service]?.AsObject().Where(operation => !operation.Key.Contains("(query", StringComparison.Ordinal)).Sum(operation => (int)operation.Value!) ?? 0));
        return string.Join(", ", counts.Where(count => count.Calls > 0).Select(count => $"{count.Service} {count.Calls}"));
    }
}
