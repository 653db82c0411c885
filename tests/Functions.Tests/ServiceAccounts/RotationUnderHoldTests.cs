using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What cannot wait for a hold or a suspension to end, and what must wait until that is over altogether.</summary>
public sealed class RotationUnderHoldTests(TwoInstances fixture) : IClassFixture<TwoInstances>
{
    private const string Timer = "RotateServiceAccountKeys";
    private static readonly object Stolen = new { mode = "emergency", reason = "A laptop was stolen" };
    private readonly App app = fixture.App;

    [Theory]
    [InlineData(RotatedResource.ApiCredential, true)]
    [InlineData(RotatedResource.ApiCredential, false)]
    [InlineData(RotatedResource.EntraApplication, true)]
    [InlineData(RotatedResource.EntraApplication, false)]
    [InlineData(RotatedResource.StorageAccountKeys, true)]
    [InlineData(RotatedResource.StorageAccountKeys, false)]
    public async Task What_an_emergency_ends_gets_no_overlap_from_a_hold_nor_from_a_suspension(string kind, bool isCustomersHold)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (stolen, _) = await account.Current();
        if (isCustomersHold)
        {
            await Hold(account);
            await app.Cloud.Advance(RotatedAccount.Interval);
            Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });
        }

        await app.Cloud.Fault(RetirementOf(account));
        (await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202);
        await app.Cloud.ClearFaults();
        (await account.KeyStates()).Should().Equal("current", "retiring");
        if (!isCustomersHold) { (await app.Admin.Post(account.Path + "/suspend", new { reason = "Under review" })).ShouldBe(200); }
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["retired"] = 1 });

        (await account.KeyStates()).Should().Equal("current", "revoked");
        if (isCustomersHold) { await Release(account); }
        else { (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200); }
        await account.ShouldHaveRetired(stolen);
        await account.ShouldHaveOneCurrentKey();
        ((string?)(await app.Admin.Get(account.Path + "/rotation-health")).ShouldBe(200)["state"]).Should().Be("healthy", "what was due has been done");
        await account.Forget();
    }

    [Fact]
    public async Task An_applications_stolen_secret_is_replaced_and_removed_while_nobody_may_sign_in()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var (stolen, _) = await account.Current();
        await Hold(account);

        var rotated = (await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202);

        ((string?)rotated["step"]).Should().Be("done", rotated.Body);
        (await account.KeyStates()).Should().Equal("current", "revoked");
        (await account.Versions()).Should().OnlyContain(version => !version.Enabled, "it is opened with the hold's end");
        await Release(account);
        await account.ShouldHaveRetired(stolen);
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task What_came_due_meanwhile_waits_until_the_secret_can_be_read_again()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await Hold(account);
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PATCH /secrets/{account.SecretName}/", count = 20, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 });
        await Release(account);
        await app.Cloud.ClearFaults();
        ((string?)(await account.Get())["state"]).Should().Be("restoring");

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["waiting"] = 1 });

        (await account.Versions()).Should().ContainSingle("a version that is published now could be read by nobody");
        await app.Cloud.Advance(TimeSpan.FromMinutes(7));
        Counts(await app.Cloud.RunTimer("SettleServiceAccounts")).Should().Equal(new Dictionary<string, int> { ["settled"] = 1 });
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["rotated"] = 1 });
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Fact]
    public async Task What_was_published_under_a_hold_by_a_process_that_died_can_be_read_soon_after_the_hold()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await Hold(account);
        await app.Cloud.Fault(new { service = "cosmos", operation = $"^PUT .*/docs/{account.Id}", skip = 2, count = 60, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 });
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await app.Cloud.ClearFaults();
        (await account.Versions()).Should().HaveCount(2, "it is published, as a version that nobody may read").And.OnlyContain(version => !version.Enabled);
        (await account.Step()).Should().Be("test", "and nobody knows");
        foreach (var time in new[] { TimeSpan.FromMinutes(5), TimeSpan.FromDays(2) })
        {
            await app.Cloud.Advance(time);
            Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });
        }

        await Release(account);

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["rotated"] = 1 });
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_secret_that_would_end_under_a_hold_is_replaced_under_it(bool isCustomersHold)
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var ends = (await app.Admin.Get(account.Path + "/rotation-health")).ShouldBe(200)["deadline"]!.GetValue<DateTimeOffset>();
        if (isCustomersHold) { await Hold(account); }
        else { (await app.Admin.Post(account.Path + "/suspend", new { reason = "Under review" })).ShouldBe(200); }
        await app.Cloud.Advance(RotatedAccount.Interval);
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });

        await app.Cloud.Advance(ends - await app.Cloud.Now() - TimeSpan.FromHours(16));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["rotated"] = 1 });
        (await account.Versions()).Should().OnlyContain(version => !version.Enabled, "what is published under a hold can be read after it");
        await app.Cloud.Advance(TimeSpan.FromDays(2));
        if (isCustomersHold) { await Release(account); }
        else { (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200); }

        (await account.Accepts((await account.Current()).Value)).Should().BeTrue("whoever reads the secret after the hold gets one that works");
        await account.ShouldHaveOneCurrentKey();
        await account.Forget();
    }

    /// <summary>The first thing outside that retiring the old key takes is not to be had.</summary>
    private static object RetirementOf(RotatedAccount account)
    {
        var (service, operation, skip) = account.Kind switch
        {
            RotatedResource.ApiCredential => ("keyVault", $"^GET /secrets/{account.SecretName}[/?]", 0),
            RotatedResource.EntraApplication => ("graph", $"{account.ResourceId}.*/removePassword", 0),
            _ => ("resourceManager", $"{account.ResourceName}/regenerateKey", 1),
        };
        return new { service, operation, skip, count = 20, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 };
    }

    private async Task Hold(RotatedAccount account) => (await app.Admin.Post($"/api/customers/{account.CustomerId}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

    private async Task Release(RotatedAccount account) => (await app.Admin.Post($"/api/customers/{account.CustomerId}/restore", new { hold = "billing" })).ShouldBe(200);

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
}
