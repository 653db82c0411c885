using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Client secrets of an application in Entra: what Graph has after each thing that may happen.</summary>
public sealed class EntraApplicationTests : IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task A_rotation_adds_a_secret_that_lasts_for_the_policy_and_removes_the_old_one_after_the_overlap()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        await Foreign(account);
        var (first, firstKey) = await account.Current();
        var longer = (await app.Admin.Patch(account.Path + "/rotation-policy", new { interval = "P365D" }, "*")).ShouldBe(200);
        (longer["nextRotationAt"]!.GetValue<DateTimeOffset>() - longer["createdAt"]!.GetValue<DateTimeOffset>()).Should().BeLessThan(RotatedAccount.Interval, "the secret that is out does not last any longer for it");
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.RunTimer(Timer);

        var (second, secondKey) = await account.Current();
        (await Names(account)).Should().BeEquivalentTo("somebody's", firstKey, secondKey);
        (await account.Accepts(first)).Should().BeTrue();
        (await account.Accepts(second)).Should().BeTrue();
        var added = (await Passwords(account)).Single(password => (string?)password["displayName"] == secondKey);
        var lifetime = added["endDateTime"]!.GetValue<DateTimeOffset>() - added["startDateTime"]!.GetValue<DateTimeOffset>();
        lifetime.Should().BeCloseTo(TimeSpan.FromDays(365) + RotatedAccount.Overlap + TimeSpan.FromDays(30), TimeSpan.FromMinutes(1));
        var expires = DateTimeOffset.FromUnixTimeSeconds((long)(await app.Secret(account.SecretName))["attributes"]!["exp"]!);
        expires.Should().BeCloseTo(added["endDateTime"]!.GetValue<DateTimeOffset>(), TimeSpan.FromSeconds(1), "the vault says when it really ends");
        ((await app.Admin.Get(account.Path + "/rotation-health"))["deadline"]!.GetValue<DateTimeOffset>() - expires).Should().BeLessThan(TimeSpan.FromSeconds(1));
        (await account.Document()).ToJsonString().Should().NotContain(second);

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);
        (await Names(account)).Should().BeEquivalentTo("somebody's", secondKey);
        (await account.Accepts(first)).Should().BeFalse();
    }

    [Fact]
    public async Task A_secret_whose_text_was_lost_is_removed_and_another_added()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        await Foreign(account);
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.Fault(new { service = "graph", kind = "reset", when = "after", operation = "addPassword", count = 1 });
        await app.Cloud.RunTimer(Timer);
        (await Names(account)).Should().HaveCount(3, "the lost one is there, and nobody knows its text");
        (await account.Step()).Should().Be("create");

        await account.RunTimerUntil("settle");

        var live = (await account.Keys()).Where(key => (string?)key["state"] is "current" or "retiring").Select(key => (string)key["id"]!);
        (await Names(account)).Should().BeEquivalentTo([.. live, "somebody's"]);
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task A_secret_that_the_directory_has_not_spread_yet_is_waited_for()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        await app.Cloud.Advance(RotatedAccount.Interval);
        (await app.Cloud.Local.PutAsJsonAsync("/graph", new { propagationSeconds = 60 })).EnsureSuccessStatusCode();
        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);
        ((bool)rehearsal["works"]!, (string?)rehearsal["notRehearsed"]![0]!["step"]).Should().Be((true, "test"), "a rehearsal does not wait that long, and says so");
        (await Names(account)).Should().ContainSingle();
        (await app.Cloud.Local.PutAsJsonAsync("/graph", new { propagationSeconds = 4 })).EnsureSuccessStatusCode();

        await app.Cloud.RunTimer(Timer);

        (await account.Step()).Should().Be("settle");
        (await Names(account)).Should().HaveCount(2, "none was given up");
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task An_application_without_room_keeps_everybodys_secrets_and_says_why()
    {
        var customer = await app.CreateCustomer();
        var appId = await RotatedResource.CreateApplication(app, "personal", "AzureADandPersonalMicrosoftAccount");
        var created = (await app.Admin.Post($"/api/customers/{customer["id"]}/service-accounts", RotatedAccount.Body(RotatedResource.EntraApplication, appId))).ShouldBe(201).Object;
        var account = new RotatedAccount(app, RotatedResource.EntraApplication, (string)customer["id"]!, appId, created);
        await Foreign(account);
        await app.Cloud.Advance(RotatedAccount.Interval);

        await app.Cloud.RunTimer(Timer);

        ((string?)(await account.Get())["latestRotation"]!["failure"]).Should().Contain("2 secrets");
        (await Names(account)).Should().HaveCount(2).And.Contain("somebody's");
        var other = await app.CreateCustomer();
        (await app.Admin.Post($"/api/customers/{other["id"]}/service-accounts", RotatedAccount.Body(RotatedResource.EntraApplication, appId))).ShouldBeRefused(422, "resource-unusable", "/resourceId");
        (await account.Accepts((await account.Current()).Value)).Should().BeTrue();
    }

    [Fact]
    public async Task An_application_that_is_unknown_or_taken_is_refused_before_it_is_touched()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var accounts = $"/api/customers/{account.CustomerId}/service-accounts";
        (await app.Admin.Post(accounts, RotatedAccount.Body(RotatedResource.EntraApplication, Guid.NewGuid().ToString(), "unknown"))).ShouldBeRefused(422, "resource-unusable", "/resourceId");
        (await app.Admin.Post(accounts, RotatedAccount.Body(RotatedResource.EntraApplication, "my application", "malformed"))).ShouldBeRefused(400, "invalid-request", "/resourceId");
        (await app.Admin.Post(accounts, RotatedAccount.Body(RotatedResource.EntraApplication, account.ResourceId!.ToUpperInvariant(), "taken"))).ShouldBe(409);
        (await Names(account)).Should().ContainSingle();
    }

    private Task<JsonObject> Foreign(RotatedAccount account) =>
        app.Graph(HttpMethod.Post, $"applications(appId='{account.ResourceId}')/addPassword", new { passwordCredential = new { displayName = "somebody's" } });

    private async Task<IReadOnlyList<JsonObject>> Passwords(RotatedAccount account) =>
        [.. (await app.Graph(HttpMethod.Get, $"applications(appId='{account.ResourceId}')"))["passwordCredentials"]!.AsArray().Select(password => password!.AsObject())];

    private async Task<IReadOnlyList<string?>> Names(RotatedAccount account) => [.. (await Passwords(account)).Select(password => (string?)password["displayName"])];
}
