using System.Text.Json.Nodes;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Tests.Roles;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What a rehearsal finds out, what it leaves out and says so, and what it leaves behind: nothing, also when the process dies.</summary>
[Collection(nameof(AzureWorld))]
public sealed class RehearsalTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Theory]
    [InlineData(RotatedResource.StorageAccountKeys, "key2", "key1")]
    [InlineData(RotatedResource.CosmosAccountKeys, "secondary", "primary")]
    [InlineData(RotatedResource.ServiceBusKeys, "SecondaryKey", "PrimaryKey")]
    [InlineData(RotatedResource.EventHubKeys, "SecondaryKey", "PrimaryKey")]
    public async Task Of_two_keys_both_are_tried_and_the_right_to_make_them_anew_is_asked_for(string kind, string idle, string inUse)
    {
        var account = await RotatedAccount.Create(app, kind);
        await app.Cloud.ResetRequests();

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        ((bool)rehearsal["works"]!).Should().BeTrue(rehearsal.Body);
        Steps(rehearsal).Should().StartWith(["create: The resource's two keys were read, and Resource Manager says that the app may make them anew.", "test: Both keys were tried where their users use them, and work."]);
        Left(rehearsal).Should().Equal(
            $"create: {idle} was not made anew: that would end the key in it, and there is no third to try it with.",
            "store: No version of the secret was set: the newest one is what its users read.",
            $"retire: {inUse}, which is in use, was not made anew.");
        var requests = (await app.Cloud.RequestsByOperation())["resourceManager"]!.AsObject();
        requests.Sum(one => (int)one.Value!).Should().Be(2, "the keys are listed, and the permissions");
        requests.Select(one => one.Key).Should().NotContain(key => key.Contains("regenerate", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task A_rehearsal_is_recorded_although_somebody_changes_the_account_at_that_moment()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        await app.Cloud.Fault(new { service = "cosmos", operation = $"^PUT .*/docs/{account.Id}", count = 1, seconds = 300, kind = "latency", milliseconds = 1500 });
        var rehearsing = app.Admin.Post(account.Path + "/rehearse");
        await Eventually.True(async () => (await app.Cloud.Faults()).All(fault => ((string?)fault!["fault"]!["operation"])?.Contains(account.Id, StringComparison.Ordinal) != true || (int)fault["hits"]! > 0), TimeSpan.FromSeconds(30), "the rehearsal is being recorded");
        (await app.Admin.Patch(account.Path, new { description = "Deploys" }, "*")).ShouldBe(200);

        (await rehearsing).ShouldBe(200);

        await app.Cloud.RunTimer("WriteAuditEvents");
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray().Where(one => (string?)one!["action"] == "serviceAccount.rotationRehearsed").Should().ContainSingle();
    }

    [Fact]
    public async Task A_missing_right_is_found_before_a_rotation_needs_it()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await May(account, ["*"], ["Microsoft.Storage/storageAccounts/regenerateKey/action"]);

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        ((bool)rehearsal["works"]!).Should().BeFalse();
        Steps(rehearsal)[0].Should().Be("create: This app's identity may not do Microsoft.Storage/storageAccounts/regenerateKey/action.");
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        ((string?)(await account.Get())["latestRotation"]!["failure"]).Should().Be("Azure Resource Manager answered 403.", "a rotation finds the same");
    }

    [Fact]
    public async Task An_identity_that_may_not_see_its_own_rights_rehearses_the_rest_and_says_so()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await May(account, ["Microsoft.Storage/*"], []);

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        ((bool)rehearsal["works"]!).Should().BeTrue(rehearsal.Body);
        Steps(rehearsal)[0].Should().Be("create: The resource's two keys were read.");
        Left(rehearsal).Should().ContainSingle(left => left.StartsWith("create: Whether the app may make a key anew was not seen", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_secret_is_made_signed_in_with_and_removed()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var before = await Passwords(account);
        await app.Cloud.ResetRequests();

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        Steps(rehearsal)[0].Should().Be("create: A credential was made, opened what its users open with it, and was thrown away.");
        Left(rehearsal).Should().Equal("store: No version of the secret was set: the newest one is what its users read.");
        var requests = (await app.Cloud.RequestsByOperation())["graph"]!.AsObject();
        requests.Single(one => one.Key.Contains("addPassword", StringComparison.Ordinal)).Value!.GetValue<int>().Should().Be(1);
        requests.Where(one => one.Key.Contains("token", StringComparison.Ordinal)).Sum(one => (int)one.Value!).Should().Be(2, "with the new secret, and with the one in use");
        (await Passwords(account)).Select(Id).Should().Equal(before.Select(Id));
        (await account.KeyStates()).Should().Equal("current");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_client_secret_whose_rehearsal_died_ends_by_itself_and_is_removed_by_whatever_comes_next(bool isRehearsal)
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var known = (await Passwords(account)).Select(Id).ToList();
        await app.Cloud.Fault(new { service = "graph", operation = $"{account.ResourceId}.*addPassword", kind = "kill", when = "after", count = 1, seconds = 300, instance = 1 });
        try { await (await app.CallerOf(1, app.AdminKey)).Post(account.Path + "/rehearse"); }
        catch (HttpRequestException) { /* The process has died. */ }

        var left = (await Passwords(account)).Single(password => !known.Contains(Id(password)));
        (left["endDateTime"]!.GetValue<DateTimeOffset>() - left["startDateTime"]!.GetValue<DateTimeOffset>()).Should().BeLessThanOrEqualTo(ThrowawayTrial.Life + TimeSpan.FromMinutes(1));
        (await account.Keys()).Should().ContainSingle(key => (string?)key["createdBy"] == "rehearsal", "it was written down before it was made");

        if (isRehearsal) { await app.Cloud.Advance(ThrowawayTrial.Life); }
        (await (await app.CallerOf(0, app.AdminKey)).Post(account.Path + (isRehearsal ? "/rehearse" : "/rotate"))).Status.Should().Be(isRehearsal ? 200 : 202);

        (await Passwords(account)).Select(Id).Should().NotContain(Id(left));
        (await Passwords(account)).Should().HaveCount(isRehearsal ? 1 : 2);
        (await account.Accepts((await account.Current()).Value)).Should().BeTrue();
        await Eventually.True(async () => (string?)(await app.Cloud.Instances())[1]!["state"] == "running", TimeSpan.FromSeconds(60), "the host has started it again");
    }

    [Fact]
    public async Task An_API_credential_whose_rehearsal_died_is_refused_when_its_minutes_are_over_and_dropped_by_the_next()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var now = await app.Cloud.Now();
        var document = await account.Document();
        document["keys"]!.AsArray().Add(new JsonObject { ["id"] = "key_left", ["state"] = "retiring", ["hash"] = new string('0', 64), ["rotationId"] = "rot_x", ["createdAt"] = Text(now), ["createdBy"] = "rehearsal", ["retireAt"] = Text(now), ["endsAt"] = Text(now + ThrowawayTrial.Life) });
        await app.Data.Replace("customers", account.CustomerId, document);
        await app.Cloud.Advance(ThrowawayTrial.Life);

        (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        (await account.KeyStates()).Should().Equal("current");
        var trial = new KeyVersion { Id = "key_x", State = KeyState.Retiring, Hash = "00", RotationId = "rot_x", CreatedAt = now, CreatedBy = "rehearsal", EndsAt = now + ThrowawayTrial.Life };
        var held = (KeyRotationTests.Rotated(now) with { Keys = [trial] }).AsKeyHolder().Keys.Single();
        (held.RefusalAt(now), held.RefusalAt(now + ThrowawayTrial.Life)?.Kind.Code).Should().Be((null, "key-expired"));
    }

    /// <summary>What the app may do with an account's resource from now on.</summary>
    private Task May(RotatedAccount account, string[] actions, string[] notActions) => app.May(account.ResourceId!, actions, notActions);

    private async Task<IReadOnlyList<JsonObject>> Passwords(RotatedAccount account) =>
        [.. (await app.Graph(HttpMethod.Get, $"applications(appId='{account.ResourceId}')"))["passwordCredentials"]!.AsArray().Select(password => password!.AsObject())];

    private static string Id(JsonObject password) => (string)password["keyId"]!;

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);

    private static IReadOnlyList<string> Steps(Answer rehearsal) => [.. rehearsal["steps"]!.AsArray().Select(step => $"{step!["step"]}: {step["detail"]}")];

    private static IReadOnlyList<string> Left(Answer rehearsal) => [.. rehearsal["notRehearsed"]!.AsArray().Select(step => $"{step!["step"]}: {step["what"]}")];
}
