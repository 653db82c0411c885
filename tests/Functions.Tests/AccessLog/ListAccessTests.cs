using System.Globalization;
using System.Text.Json.Nodes;
using CustomerFunctions.AccessLog;

namespace CustomerFunctions.Tests.AccessLog;

public sealed class ListAccessTests
{
    private static readonly TimeSpan WriteTime = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Every_use_of_a_key_and_every_secret_that_was_shown_is_counted_by_key_address_and_hour_and_goes_when_the_plan_keeps_it_no_longer()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.CreateCustomer())["id"]!;
        var created = (await app.Admin.Post($"/api/customers/{id}/api-keys", new { name = "ci" })).ShouldBe(201);
        var (key, holder) = ((string)created["id"]!, app.Caller((string)created["key"]!));
        for (var i = 0; i < 5; i++) { (await holder.Get($"/api/customers/{id}")).ShouldBe(200); }
        // The first use is written at once, the others within a minute.
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));

        await Eventually.True(async () => (await Entries(app, id, $"key={key}")).Sum(entry => (long)entry["count"]!) == 5, WriteTime, "all uses are written");
        var used = (await Entries(app, id, $"key={key}"))[0];
        ((string)used["what"]!).Should().Be("keyUsed");
        used["who"]!.ToJsonString().Should().Be($$"""{"type":"apiKey","id":"{{key}}"}""");
        ((string)used["address"]!).Should().Be("127.0.0.1");
        var shown = (await Entries(app, id, "key=bootstrap-admin")).Should().ContainSingle().Subject;
        $"{shown["what"]} {shown["who"]!["type"]} {shown["count"]}".Should().Be("secretShown system 1");
        new JsonArray([.. (await Entries(app, id)).Select(entry => entry.DeepClone())]).ToJsonString().Should().NotContain(((string)created["key"]!)[^40..]);

        var hour = (DateTimeOffset)used["hour"]!;
        (await Entries(app, id, $"key={key}&from={Text(hour.AddHours(2))}")).Should().BeEmpty();
        (await Entries(app, id, $"key={key}&to={Text(hour)}")).Should().BeEmpty();
        (await Entries(app, id, $"from={Text(hour)}&to={Text(hour.AddHours(3))}&maxpagesize=1")).Sum(entry => (long)entry["count"]!).Should().Be(6);
        (await Entries(app, id, "address=127.0.0.2")).Should().BeEmpty();

        await app.Cloud.Advance(TimeSpan.FromDays(31));
        (await holder.Get($"/api/customers/{id}")).Status.Should().BeOneOf(200, 403);
        await app.Cloud.RunTimer("PurgeAuditEvents");
        (await Entries(app, id)).Should().OnlyContain(entry => (DateTimeOffset)entry["hour"]! > hour.AddDays(30));
    }

    [Fact]
    public async Task An_authenticated_read_on_a_warm_instance_is_one_point_read_and_writes_nothing()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.CreateCustomer())["id"]!;
        var holder = app.Caller(await app.CreateApiKey(id));
        (await holder.Get($"/api/customers/{id}")).ShouldBe(200);
        await Eventually.True(async () => (await Entries(app, id)).Any(entry => (string)entry["what"]! == "keyUsed"), WriteTime, "the first use is written");
        (await holder.Get($"/api/customers/{id}")).ShouldBe(200);
        await app.Cloud.ResetRequests();

        const int Reads = 10;
        for (var i = 0; i < Reads; i++) { (await holder.Get($"/api/customers/{id}")).ShouldBe(200); }

        var requests = await app.Cloud.Requests();
        // What the instance remembers of the key is good for ten seconds: on a slow machine it may be read anew.
        ((int)requests["cosmos"]!).Should().BeInRange(1, Reads + 2);
        ((int?)requests["tables"] ?? 0).Should().BeLessThanOrEqualTo(1, "uses are written once a minute");
    }

    [Fact]
    public async Task Owners_read_it_members_do_not_and_a_parameter_that_means_nothing_is_refused()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var (owner, member) = (await Person.SignedUp(app), await Person.SignedUp(app));
        (await app.Admin.Put($"/api/customers/{id}/members/{await owner.Id()}", new { role = "owner" })).ShouldBe(201);
        (await app.Admin.Put($"/api/customers/{id}/members/{await member.Id()}", new { role = "member" })).ShouldBe(201);

        (await owner.Api.Get($"/api/customers/{id}/access-log")).ShouldBe(200);
        (await member.Api.Get($"/api/customers/{id}/access-log")).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Get($"/api/customers/{id}/access-log?who=me")).ShouldBeRefused(400, "invalid-request", "?who");
        (await app.Admin.Get($"/api/customers/{id}/access-log?from=yesterday")).ShouldBeRefused(400, "invalid-request", "?from");
        (await app.Admin.Get($"/api/customers/{id}/access-log?continuation=abc")).ShouldBeRefused(400, "invalid-request", "?continuation");
    }

    [Fact]
    public void A_flood_of_made_up_addresses_makes_as_many_rows_as_the_bound_says_and_counts_every_use()
    {
        var tallies = new AccessTallies(AccessUse.AddressesPerHour, maxHolders: 10, TimeSpan.FromMinutes(1));
        var now = new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 10_000; i++) { tallies.Add(Subject("key_1", $"10.0.{i / 256}.{i % 256}", now), now); }

        var counts = tallies.Due(now.AddMinutes(2)).Select(tally => tally.Take()).ToList();

        counts.Should().HaveCount(AccessUse.AddressesPerHour + 1);
        counts.Single(count => count.Subject.Address == AccessSubject.OtherAddresses).Count.Should().Be(10_000 - AccessUse.AddressesPerHour);
    }

    [Fact]
    public void Very_many_keys_are_counted_without_telling_their_addresses_apart()
    {
        var tallies = new AccessTallies(AccessUse.AddressesPerHour, maxHolders: 3, TimeSpan.FromMinutes(1));
        var now = new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
        for (var i = 0; i < 5; i++) { tallies.Add(Subject($"key_{i}", "192.0.2.1", now), now)!.Subject.Address.Should().Be(i < 3 ? "192.0.2.1" : AccessSubject.OtherAddresses); }
        tallies.Due(now.AddHours(3));

        tallies.Add(Subject("key_4", "192.0.2.1", now.AddHours(3)), now.AddHours(3))!.Subject.Address.Should().Be("192.0.2.1", "the keys of another hour are forgotten");
    }

    [Fact]
    public void A_count_that_could_not_be_written_is_due_again()
    {
        var tallies = new AccessTallies(AccessUse.AddressesPerHour, maxHolders: 3, TimeSpan.FromMinutes(1));
        var now = new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero);
        var tally = tallies.Add(Subject("key_1", "192.0.2.1", now), now)!;
        tally.Take().Count.Should().Be(1);
        tally.PutBack();

        tallies.Due(now.AddSeconds(30)).Should().BeEmpty();
        tallies.Due(now.AddMinutes(1)).Should().Equal(tally);
    }

    private static AccessSubject Subject(string key, string address, DateTimeOffset now) => new("cus_1", AccessUse.KeyUsed, "apiKey", key, address, AccessSubject.HourOf(now));

    private static string Text(DateTimeOffset instant) => instant.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static async Task<IReadOnlyList<JsonObject>> Entries(App app, string id, string query = "maxpagesize=200")
    {
        var entries = new List<JsonObject>();
        for (var next = $"/api/customers/{id}/access-log?{query}"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            entries.AddRange(page["value"]!.AsArray().Select(entry => entry!.AsObject()));
            next = (string?)page["nextLink"];
        }
        return entries;
    }
}
