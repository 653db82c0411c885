using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>How an account's rotation is set, and that the timer keeps to it.</summary>
public sealed class RotationPolicyTests
{
    private const string Timer = "RotateServiceAccountKeys";

    [Fact]
    public async Task A_policy_is_changed_by_merge_patch_under_the_accounts_etag_and_recorded()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var before = (await app.Admin.Get(account.Path)).ShouldBe(200);

        (await app.Admin.Patch(account.Path + "/rotation-policy", new { interval = "P7D" })).ShouldBeRefused(428, "if-match-required");
        var changed = (await app.Admin.Patch(account.Path + "/rotation-policy", new { interval = "P7D", verify = false, window = new { start = "02:00", duration = "PT3H", days = new[] { "saturday", "sunday" } } }, before.ETag)).ShouldBe(200);

        JsonNode.DeepEquals(changed["rotation"], JsonNode.Parse("""{"interval":"P7D","overlap":"PT6H","verify":false,"window":{"start":"02:00","duration":"PT3H","days":["saturday","sunday"]}}""")).Should().BeTrue(changed.Body);
        var next = changed["nextRotationAt"]!.GetValue<DateTimeOffset>();
        next.DayOfWeek.Should().BeOneOf(DayOfWeek.Saturday, DayOfWeek.Sunday);
        next.Hour.Should().BeInRange(2, 4);
        (next - changed["createdAt"]!.GetValue<DateTimeOffset>()).Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromDays(7));
        (await app.Admin.Patch(account.Path + "/rotation-policy", new { interval = "P8D" }, before.ETag)).ShouldBeRefused(412, "stale");
        var back = (await app.Admin.Send(Patch(app, account, """{"window":null,"verify":null}""", changed.ETag!))).ShouldBe(200);
        back["rotation"]!.AsObject().Should().NotContainKey("window");
        ((bool)back["rotation"]!["verify"]!).Should().BeTrue();
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body.Should().Contain("serviceAccount.rotationPolicyChanged");
    }

    [Theory]
    [InlineData("""{"interval":"PT59M"}""", "/interval")]
    [InlineData("""{"overlap":"P31D"}""", "/overlap")]
    [InlineData("""{"verify":false}""", "/verify")]
    [InlineData("""{"window":{"start":"2am","duration":"PT1H"}}""", "/window/start")]
    [InlineData("""{"window":{"start":"02:00","duration":"PT14M"}}""", "/window/duration")]
    [InlineData("""{"window":{"start":"02:00","duration":"PT1H","timeZone":"Mars/Olympus"}}""", "/window/timeZone")]
    [InlineData("""{"window":{"start":"02:00","duration":"PT1H","days":["someday"]}}""", "/window/days")]
    [InlineData("""{"window":{"duration":"PT1H"}}""", "/window/start")]
    [InlineData("""{"pairWith":"sva_01J00000000000000000000000"}""", "/pairWith")]
    [InlineData("""{"pairWith":"somebody"}""", "/pairWith")]
    public async Task What_cannot_be_kept_to_is_refused_with_the_field(string patch, string field)
    {
        var app = await App.Shared;
        var account = await TwoSlot.Value;

        var refused = (await app.Admin.Send(Patch(app, account, patch, "*"))).ShouldBeRefused(400, "invalid-request");

        refused["errors"]!.AsArray().Select(error => (string)error!["pointer"]!).Should().Equal(field);
    }

    [Fact]
    public async Task Who_was_paired_with_a_deleted_account_is_free_for_another()
    {
        var app = await App.Shared;
        var one = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var other = await RotatedAccount.CreateFor(app, RotatedAccount.ApiCredential, one.CustomerId, "other");
        var third = await RotatedAccount.CreateFor(app, RotatedAccount.ApiCredential, one.CustomerId, "third");
        (await app.Admin.Patch(one.Path + "/rotation-policy", new { pairWith = other.Id }, "*")).ShouldBe(200);

        (await app.Admin.Delete(other.Path, "*")).ShouldBe(204);

        (await one.Get())["rotation"]!.AsObject().Should().NotContainKey("pairWith");
        (await app.Admin.Patch(third.Path + "/rotation-policy", new { pairWith = one.Id }, "*")).ShouldBe(200);
        ((string?)(await one.Get())["rotation"]!["pairWith"]).Should().Be(third.Id);
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential, true)]
    [InlineData(RotatedResource.EntraApplication, true)]
    [InlineData(RotatedResource.StorageAccountKeys, false)]
    public async Task A_new_key_may_be_published_untried_where_the_old_one_is_not_made_anew_for_it(string kind, bool mayBe)
    {
        var app = await App.Shared;
        var accounts = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";
        var resourceId = await RotatedResource.Create(app, kind);

        var answer = await app.Admin.Post(accounts, new { name = "deploy", kind, resourceId, rotation = new { verify = false } });

        if (!mayBe) { answer.ShouldBeRefused(400, "invalid-request", "/rotation/verify"); return; }
        (await app.Admin.Patch($"{accounts}/{answer.ShouldBe(201)["id"]}/rotation-policy", new { interval = "P7D", verify = false }, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task A_change_does_not_take_an_account_nor_its_pair_from_the_instance_that_is_at_it()
    {
        var app = await App.Shared;
        var one = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var other = await RotatedAccount.CreateFor(app, RotatedAccount.ApiCredential, one.CustomerId, "other");

        await Claim(app, other, isClaimed: true);
        (await app.Admin.Patch(one.Path + "/rotation-policy", new { pairWith = other.Id }, "*")).ShouldBeRefused(409, "rotation-in-progress");
        (await app.Admin.Patch(other.Path, new { displayName = "Deploys" }, "*")).ShouldBeRefused(409, "rotation-in-progress");
        (await one.Get())["rotation"]!.AsObject().Should().NotContainKey("pairWith");
        await Claim(app, other, isClaimed: false);
        (await app.Admin.Patch(one.Path + "/rotation-policy", new { pairWith = other.Id }, "*")).ShouldBe(200);

        await Claim(app, other, isClaimed: true);
        (await app.Admin.Patch(one.Path + "/rotation-policy", """{"pairWith":null}""", "*")).ShouldBeRefused(409, "rotation-in-progress");
        ((string?)(await one.Get())["rotation"]!["pairWith"]).Should().Be(other.Id);
        await Claim(app, other, isClaimed: false);
        (await app.Admin.Patch(one.Path + "/rotation-policy", """{"pairWith":null}""", "*")).ShouldBe(200);
        (await other.Get())["rotation"]!.AsObject().Should().NotContainKey("pairWith");
    }

    /// <summary>As an instance leaves an account that it is at, and when it is through.</summary>
    private static async Task Claim(App app, RotatedAccount account, bool isClaimed)
    {
        var document = await account.Document();
        document.Remove("leasedUntil");
        if (isClaimed) { document["leasedUntil"] = document["workDueAt"]!.DeepClone(); }
        await app.Data.Replace("customers", account.CustomerId, document);
    }

    [Fact]
    public async Task A_rotation_waits_for_its_window_and_for_the_end_of_quiet_hours()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        await app.Cloud.Advance(RotatedAccount.Interval);
        var now = await app.Cloud.Now();
        await SetQuietHours(app, account, new { hours = new[] { new { start = Clock(now.AddHours(-1)), duration = "PT2H" } } });

        ((int?)(await app.Cloud.RunTimer(Timer))["returnValue"]!["waiting"]).Should().Be(1);

        (await account.Step()).Should().Be("done");
        var waits = (await account.Get())["nextRotationAt"]!.GetValue<DateTimeOffset>() - now;
        waits.Should().BeGreaterThan(TimeSpan.FromMinutes(58)).And.BeLessThan(TimeSpan.FromMinutes(122), "its place is in the hour after");
        await app.Cloud.Advance(waits + TimeSpan.FromMinutes(1));
        ((int?)(await app.Cloud.RunTimer(Timer))["returnValue"]!["rotated"]).Should().Be(1);
    }

    [Fact]
    public async Task Quiet_hours_that_outlast_a_key_alarm_and_do_not_hold_its_rotation_any_longer()
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var created = await app.CreateServiceAccount(customer, rotation: new { interval = "P1D", overlap = "PT6H" });
        var account = $"/api/customers/{customer}/service-accounts/{created["id"]}";
        var due = created["nextRotationAt"]!.GetValue<DateTimeOffset>();
        // The one day that is not quiet was the day before it comes due.
        var quiet = Enum.GetValues<DayOfWeek>().Where(day => day != due.AddDays(-1).DayOfWeek).Select(day => day.ToString().ToLowerInvariant());
        (await app.Admin.Put($"/api/customers/{customer}/quiet-hours", new { hours = new[] { new { start = "00:00", duration = "P1D", days = quiet } } }, "*")).ShouldBe(200);
        await app.Cloud.Advance(due - await app.Cloud.Now() + TimeSpan.FromMinutes(1));

        ((int?)(await app.Cloud.RunTimer(Timer))["returnValue"]!["waiting"]).Should().Be(1);

        var health = (await app.Admin.Get(account + "/rotation-health")).ShouldBe(200);
        var (starts, ends) = (health["nextRotationAt"]!.GetValue<DateTimeOffset>(), health["deadline"]!.GetValue<DateTimeOffset>());
        (starts + TimeSpan.FromHours(6) + System.Xml.XmlConvert.ToTimeSpan((string)health["worstCaseRetry"]!)).Should().BeOnOrBefore(ends, "who reads the old key just before has its whole overlap");
        health["alarmedAt"].Should().NotBeNull("the quiet hours and the interval do not go together, and somebody should know before it starts");
        await app.Cloud.Advance(starts - await app.Cloud.Now() + TimeSpan.FromSeconds(1));
        ((int?)(await app.Cloud.RunTimer(Timer))["returnValue"]!["rotated"]).Should().Be(1, "a dead key that is handed out is worse than a rotation in quiet hours");
        (await app.Admin.Get($"/api/customers/{customer}/audit-log")).ShouldBe(200).Body.Should().Contain("serviceAccount.rotationMarginGone");
    }

    [Fact]
    public async Task An_overlap_that_was_stored_when_it_could_be_shorter_counts_as_five_minutes()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var document = await account.Document();
        document["policy"]!["overlap"] = document["policy"]!["overlap"]!.GetValue<string>().StartsWith('P') ? "PT1M" : "00:01:00";
        await app.Data.Replace("customers", account.CustomerId, document);

        ((string?)(await account.Get())["rotation"]!["overlap"]).Should().Be("PT5M");
        var rotation = (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

        (rotation["overlapEndsAt"]!.GetValue<DateTimeOffset>() - rotation["promotedAt"]!.GetValue<DateTimeOffset>()).Should().Be(TimeSpan.FromMinutes(5));
    }

    [Fact]
    public async Task Two_that_are_paired_never_rotate_within_each_others_overlap()
    {
        await using var app = await App.StartWithoutSchedules();
        var one = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var created = await app.CreateServiceAccount(one.CustomerId, "other", new { interval = "P30D", overlap = "PT6H" });
        var two = $"/api/customers/{one.CustomerId}/service-accounts/{created["id"]}";
        (await app.Admin.Patch(one.Path + "/rotation-policy", new { pairWith = created["id"] }, "*")).ShouldBe(200);
        ((string?)(await app.Admin.Get(two)).ShouldBe(200)["rotation"]!["pairWith"]).Should().Be(one.Id, "both say so");
        await app.Cloud.Advance(RotatedAccount.Interval);

        var runs = await Task.WhenAll(app.Cloud.RunTimer(Timer), app.Cloud.RunTimer(Timer));

        runs.Sum(run => (int?)run["returnValue"]!["rotated"] ?? 0).Should().BeLessThanOrEqualTo(1);
        await app.Cloud.Advance(TimeSpan.FromMinutes(11));
        await app.Cloud.RunTimer(Timer);
        var steps = new[] { await one.Step(), (string?)(await app.Admin.Get(two))["latestRotation"]!["step"] };
        steps.Should().BeEquivalentTo(["settle", "done"]);
        var idle = steps[0] == "done" ? one.Path : two;
        (await app.Admin.Post(idle + "/rotate")).ShouldBeRefused(409, "rotation-in-progress");
        (await app.Admin.Get($"/api/customers/{one.CustomerId}/rotation-calendar")).ShouldBe(200)["value"]!.AsArray().Should().Contain(entry => (bool)entry!["collides"]!);

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await app.Cloud.RunTimer(Timer);
        await app.Cloud.Advance(TimeSpan.FromMinutes(11));
        await app.Cloud.RunTimer(Timer);
        new[] { await one.Step(), (string?)(await app.Admin.Get(two))["latestRotation"]!["step"] }.Should().BeEquivalentTo(["settle", "done"], "it is the other's turn");
        ((string?)(await app.Admin.Get(idle))["latestRotation"]!["trigger"]).Should().Be("scheduled");
        await WaitsTooLong(app, one.CustomerId);
    }

    /// <summary>One that rotates every hour is paired with one whose overlap lasts for a month: it waits, alarms, and in the end does not let its key end.</summary>
    private static async Task WaitsTooLong(App app, string customerId)
    {
        var accounts = $"/api/customers/{customerId}/service-accounts";
        var hurried = $"{accounts}/{(await app.CreateServiceAccount(customerId, "hurried", new { interval = "PT1H", overlap = "PT1H" }))["id"]}";
        var slow = await app.CreateServiceAccount(customerId, "slow", new { interval = "P30D", overlap = "P30D" });
        (await app.Admin.Patch(hurried + "/rotation-policy", new { pairWith = slow["id"] }, "*")).ShouldBe(200);
        (await app.Admin.Post($"{accounts}/{slow["id"]}/rotate")).ShouldBe(202);

        var healths = new List<JsonObject>();
        foreach (var hours in (double[])[2, 12.9, 0.25])
        {
            await app.Cloud.Advance(TimeSpan.FromHours(hours));
            await app.Cloud.RunTimer(Timer);
            healths.Add((await app.Admin.Get(hurried + "/rotation-health")).ShouldBe(200).Object);
        }

        healths[..2].Should().OnlyContain(health => (string?)health["state"] == "due" && health["nextRotationAt"]!.GetValue<DateTimeOffset>() > health["lastRotatedAt"]!.GetValue<DateTimeOffset>().AddHours(2));
        healths[..2].Select(health => health.ContainsKey("alarmedAt")).Should().Equal(false, true);
        System.Xml.XmlConvert.ToTimeSpan((string)healths[1]["overdueBy"]!).Should().BeGreaterThan(TimeSpan.FromHours(13), "looking again does not make it young");
        healths[2]["lastRotatedAt"]!.GetValue<DateTimeOffset>().Should().BeAfter(healths[1]["lastRotatedAt"]!.GetValue<DateTimeOffset>(), "a key that ends is worse than two that change together");
        (await app.Admin.Get($"/api/customers/{customerId}/audit-log")).ShouldBe(200)["value"]!.AsArray().Count(happened => (string?)happened!["action"] == "serviceAccount.rotationMarginGone").Should().Be(1, "once is enough");
    }

    [Fact]
    public async Task The_calendar_shows_what_comes_in_the_span_and_staff_see_it_for_all()
    {
        await using var app = await App.StartWithoutSchedules();
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var next = (await account.Get())["nextRotationAt"]!.GetValue<DateTimeOffset>();

        var own = (await app.Admin.Get($"/api/customers/{account.CustomerId}/rotation-calendar?to={Uri.EscapeDataString($"{await app.Cloud.Now() + TimeSpan.FromDays(80):O}")}")).ShouldBe(200)["value"]!.AsArray();
        var all = (await app.Admin.Get("/api/rotation-calendar")).ShouldBe(200)["value"]!.AsArray();

        own.Should().HaveCountGreaterThanOrEqualTo(2);
        own[0]!["rotatesAt"]!.GetValue<DateTimeOffset>().Should().Be(next);
        own[0]!["retiresAt"]!.GetValue<DateTimeOffset>().Should().Be(next + RotatedAccount.Overlap);
        all.Should().ContainSingle(entry => (string)entry!["serviceAccountId"]! == account.Id);
        await ForetellsTheSameToStaff(app, account.CustomerId);
        (await app.Caller(await app.CreateApiKey(account.CustomerId)).Get("/api/rotation-calendar")).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Get("/api/rotation-calendar?from=yesterday")).ShouldBeRefused(400, "invalid-request");
    }

    /// <summary>Two of a pair that are due in the same days, a page each, and quiet hours around both.</summary>
    private static async Task ForetellsTheSameToStaff(App app, string customerId)
    {
        var accounts = $"/api/customers/{customerId}/service-accounts";
        var (one, other) = (await app.CreateServiceAccount(customerId, "one", new { interval = "P20D", overlap = "P15D" }), await app.CreateServiceAccount(customerId, "other", new { interval = "P20D", overlap = "P15D" }));
        (await app.Admin.Patch($"{accounts}/{one["id"]}/rotation-policy", new { pairWith = other["id"] }, "*")).ShouldBe(200);
        var planned = new[] { one, other }.Select(account => account["nextRotationAt"]!.GetValue<DateTimeOffset>()).ToList();
        (await app.Admin.Put($"/api/customers/{customerId}/quiet-hours", new { hours = planned.Select(at => new { start = Clock(at.AddMinutes(-30)), duration = "PT2H" }) }, "*")).ShouldBe(200);

        var own = First((await app.Admin.Get($"/api/customers/{customerId}/rotation-calendar")).ShouldBe(200)["value"]!.AsArray());
        var pages = new List<JsonNode>();
        for (var next = "/api/rotation-calendar?maxpagesize=1"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            pages.AddRange(page["value"]!.AsArray().Select(entry => entry!.DeepClone()));
            next = (string?)page["nextLink"];
        }

        First(pages).Should().BeEquivalentTo(own, "both are foretold by the same rules");
        own.Should().HaveCount(2).And.OnlyContain(entry => !planned.Contains(entry.RotatesAt), "those hours are quiet");
        own.Count(entry => entry.Collides).Should().Be(1, "of a pair the later one waits");
        foreach (var account in new[] { one, other }) { (await app.Admin.Post($"{accounts}/{account["id"]}/suspend", new { reason = "Under review" })).ShouldBe(200); }
        First((await app.Admin.Get($"/api/customers/{customerId}/rotation-calendar")).ShouldBe(200)["value"]!.AsArray()).Should().BeEmpty("what is suspended does not rotate");
        First((await app.Admin.Get("/api/rotation-calendar")).ShouldBe(200)["value"]!.AsArray()).Should().BeEmpty();

        static IReadOnlyList<(string Name, DateTimeOffset RotatesAt, bool Collides)> First(IEnumerable<JsonNode?> entries) =>
            [.. entries.Select(entry => ((string)entry!["name"]!, entry["rotatesAt"]!.GetValue<DateTimeOffset>(), (bool)entry["collides"]!)).Where(entry => entry.Item1 is "one" or "other").DistinctBy(entry => entry.Item1)];
    }

    [Fact]
    public async Task Quiet_hours_are_read_as_they_were_set_and_bad_ones_are_refused()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var path = $"/api/customers/{account.CustomerId}/quiet-hours";

        await SetQuietHours(app, account, new { hours = new[] { new { start = "08:00", duration = "PT10H" } } });

        ((string?)(await app.Admin.Get(path)).ShouldBe(200)["hours"]![0]!["start"]).Should().Be("08:00");
        (await app.Admin.Put(path, new { hours = new[] { new { start = "25:00", duration = "PT10H" } } }, "*")).ShouldBeRefused(400, "invalid-request");
        (await app.Admin.Put(path, new { }, "*")).ShouldBeRefused(400, "invalid-request");
    }

    private static readonly Lazy<Task<RotatedAccount>> TwoSlot = new(async () => await RotatedAccount.Create(await App.Shared, RotatedAccount.StorageAccountKeys));

    private static string Clock(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm", CultureInfo.InvariantCulture);

    private static async Task SetQuietHours(App app, RotatedAccount account, object hours) =>
        (await app.Admin.Put($"/api/customers/{account.CustomerId}/quiet-hours", hours, "*")).ShouldBe(200);

    private static HttpRequestMessage Patch(App app, RotatedAccount account, string patch, string etag)
    {
        var request = new HttpRequestMessage(HttpMethod.Patch, app.Cloud.Endpoint("functions") + account.Path + "/rotation-policy") { Content = new StringContent(patch, Encoding.UTF8, "application/merge-patch+json") };
        request.Headers.TryAddWithoutValidation("If-Match", etag);
        return request;
    }
}
