using System.Text.Json.Nodes;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.AccessLog;

public sealed class ListServiceAccountAccessTests
{
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_service_accounts_own_log_has_its_uses_and_reveals_and_costs_one_request_however_much_its_customer_has()
    {
        await using var app = await App.StartWithoutSchedules();
        var (mine, owner) = (await RotatedAccount.Create(app, RotatedAccount.ApiCredential), await Person.SignedUp(app));
        var other = await RotatedAccount.CreateFor(app, RotatedAccount.ApiCredential, mine.CustomerId, "other");
        (await app.Admin.Put($"/api/customers/{mine.CustomerId}/members/{await owner.Id()}", new { role = "owner" })).ShouldBe(201);
        var (credential, foreign) = (app.Caller((await mine.Current()).Value), app.Caller((await other.Current()).Value));
        (await credential.Get($"/api/customers/{mine.CustomerId}")).ShouldBe(200);
        (await foreign.Get($"/api/customers/{mine.CustomerId}")).ShouldBe(200);
        foreach (var account in new[] { mine, other }) { (await owner.Api.Post(account.Path + "/keys/current/reveal")).ShouldBe(200); }
        var token = (string)(await credential.Post("/api/auth/token", new { })).ShouldBe(200)["accessToken"]!;
        (await app.Caller(token).Get($"/api/customers/{mine.CustomerId}")).ShouldBe(200);
        for (var i = 0; i < 8; i++) { (await app.Caller(await app.CreateApiKey(mine.CustomerId, $"key {i}")).Get($"/api/customers/{mine.CustomerId}")).ShouldBe(200); }
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));

        var expected = new[] { $"keyUsed serviceAccount {mine.Id}", $"secretShown account {await owner.Id()}", $"secretShown serviceAccount {mine.Id}" };
        await Eventually.True(async () => (await Entries(owner.Api, mine.Path)).Select(Text).Order(StringComparer.Ordinal).SequenceEqual(expected), WriteTime, "all of it is written");
        await Eventually.True(async () => (await Entries(owner.Api, mine.Path)).Single(entry => Text(entry) == expected[0])["count"]!.GetValue<long>() == 3, WriteTime, "the token came from the credential");
        (await Entries(owner.Api, other.Path)).Select(Text).Should().BeEquivalentTo($"keyUsed serviceAccount {other.Id}", $"secretShown account {await owner.Id()}");
        (await Entries(app.Admin, mine.Path, "maxpagesize=1")).Should().HaveCount(3, "the pages lead on");
        await Eventually.True(async () => (await Entries(app.Admin, $"/api/customers/{mine.CustomerId}", "maxpagesize=200")).Count == 13, WriteTime, "the customer's log has the rest too");
        await app.Cloud.ResetRequests();

        (await app.Admin.Get(mine.Path + "/access-log")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(3);

        (await app.Cloud.RequestsByOperation())["tables"]!.AsObject().Where(one => one.Key.StartsWith("GET", StringComparison.Ordinal)).Sum(one => (int)one.Value!).Should().Be(1);
        await Purged(app, mine);
    }

    [Fact]
    public async Task Who_may_not_read_it_and_what_makes_no_sense_is_refused()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (member, log) = (await Person.SignedUp(app), account.Path + "/access-log");
        (await app.Admin.Put($"/api/customers/{account.CustomerId}/members/{await member.Id()}", new { role = "member" })).ShouldBe(201);

        (await member.Api.Get(log)).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Get(log + "?key=me")).ShouldBeRefused(400, "invalid-request", "?key");
        (await app.Admin.Get(log + "?from=yesterday")).ShouldBeRefused(400, "invalid-request", "?from");
        var customers = (string?)(await app.Admin.Get($"/api/customers/{account.CustomerId}/access-log?maxpagesize=1"))["nextLink"];
        if (customers is not null) { (await app.Admin.Get($"{log}?continuation={customers.Split("continuation=")[1]}")).ShouldBeRefused(400, "invalid-request", "?continuation"); }
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/service-accounts/sva_01J00000000000000000000000/access-log")).ShouldBeRefused(404, "not-found");
    }

    /// <summary>It goes with its customer's.</summary>
    private static async Task Purged(App app, RotatedAccount account)
    {
        await app.Cloud.Advance(TimeSpan.FromDays(31));
        await app.Cloud.RunTimer("PurgeAuditEvents");
        (await Entries(app.Admin, account.Path)).Should().BeEmpty();
    }

    private static string Text(JsonObject entry) => $"{entry["what"]} {entry["who"]!["type"]} {entry["who"]!["id"]}";

    private static async Task<IReadOnlyList<JsonObject>> Entries(Api caller, string of, string query = "maxpagesize=50")
    {
        var entries = new List<JsonObject>();
        for (var next = $"{of}/access-log?{query}"; next is not null;)
        {
            var page = (await caller.Get(next)).ShouldBe(200);
            entries.AddRange(page["value"]!.AsArray().Select(entry => entry!.AsObject()));
            next = (string?)page["nextLink"];
        }
        return entries;
    }
}
