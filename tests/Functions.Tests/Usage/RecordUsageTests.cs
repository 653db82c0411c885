using CustomerFunctions.Tests.Audit;

namespace CustomerFunctions.Tests.Usage;

public sealed class RecordUsageTests
{
    [Fact]
    public async Task Two_hundred_writers_at_once_lose_nothing_and_double_nothing()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "professional");

        // Each one's last report is the next one's first, so every second is sent twice.
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(writer => customer.Record(Consumption.Report($"r{writer}"), Consumption.Report($"own{writer}", quantity: 3), Consumption.Report($"r{(writer + 1) % 200}"))));

        answers.Should().OnlyContain(answer => answer.Status == 200);
        answers.Sum(answer => (int)answer["recorded"]!).Should().Be(400);
        answers.Sum(answer => (int)answer["duplicates"]!).Should().Be(200);
        (await customer.Used()).Should().Be(200 + (200 * 3));
    }

    [Fact]
    public async Task A_report_that_comes_again_counts_once_whatever_it_says_then()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        (await customer.Record(Consumption.Report("a", quantity: 2), Consumption.Report("a", quantity: 2))).ShouldBe(200)["duplicates"]!.GetValue<int>().Should().Be(1);

        (await customer.Record(Consumption.Report("a", quantity: 7))).ShouldBe(200)["recorded"]!.GetValue<int>().Should().Be(0);

        (await customer.Used()).Should().Be(2);
        (await app.Admin.Post(customer.Path, new { events = new[] { new { id = "a", source = "another", meter = "fix", quantity = 1 } } })).ShouldBe(200)["recorded"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task A_report_whose_id_is_known_with_other_content_is_told()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        var at = (await app.Cloud.Now()).AddHours(-1);
        (await customer.Record(Consumption.Report("a", quantity: 2), Consumption.Report("b", time: at), Consumption.Report("c", quantity: 3))).ShouldBe(200).Object.ContainsKey("conflicts").Should().BeFalse();

        var answer = (await customer.Record(
            Consumption.Report("a", quantity: 7), Consumption.Report("b", time: at), Consumption.Report("c", "apiRequest", 3), Consumption.Report("new", quantity: 1), Consumption.Report("new", quantity: 2))).ShouldBe(200);

        ((int)answer["recorded"]!, (int)answer["duplicates"]!).Should().Be((1, 4));
        answer["conflicts"]!.AsArray().Select(conflict => $"{conflict!["source"]} {conflict["id"]}").Should().Equal("tests a", "tests c", "tests new");
        (await customer.Record(Consumption.Report("b", time: at.AddMilliseconds(1)))).ShouldBe(200)["conflicts"]!.AsArray().Should().ContainSingle();
        (await customer.Record(Consumption.Report("b"), Consumption.Report("a", quantity: 2))).ShouldBe(200).Object.ContainsKey("conflicts").Should().BeFalse("no time is no other time");
        (await customer.Used()).Should().Be(2 + 1 + 3 + 1);
    }

    [Fact]
    public async Task What_a_clock_that_is_ahead_reports_again_is_no_other_content()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        var ahead = Consumption.Report("ahead", time: (await app.Cloud.Now()).AddMinutes(4));
        await customer.Record(ahead);

        (await customer.Record(ahead)).ShouldBe(200).Object.ContainsKey("conflicts").Should().BeFalse();
    }

    [Fact]
    public async Task A_quota_that_stops_says_which_it_is_and_when_it_resets_and_repetitions_still_pass()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "free");
        (await customer.Record(Consumption.Report("first", quantity: 5))).ShouldBe(200);

        var refusal = (await customer.Record(Consumption.Report("second"), Consumption.Report("other", "apiRequest"))).ShouldBeRefused(429, "quota-reached");

        ((string)refusal["detail"]!).Should().Contain("'fix'").And.Contain("resets at");
        refusal["violated-policies"]!.AsArray().Select(policy => (string?)policy).Should().Equal("fix");
        refusal.Headers.GetValues("RateLimit").Single().Should().StartWith("\"fix\";r=0;t=");
        refusal.Headers.RetryAfter!.Delta!.Value.Should().BeGreaterThan(TimeSpan.Zero).And.BeLessThan(TimeSpan.FromDays(31));
        (await customer.Used("apiRequest")).Should().Be(0, "a request is recorded as a whole or not at all");
        (await customer.Record(Consumption.Report("first", quantity: 5))).ShouldBe(200)["duplicates"]!.GetValue<int>().Should().Be(1);
    }

    [Fact]
    public async Task What_comes_late_for_a_month_that_was_used_up_is_refused_without_a_time_to_come_again()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "free");
        var now = await app.Cloud.Now();
        var before = now.AddDays(-now.Day);
        (await customer.Record(Consumption.Report("first", quantity: 5, time: before))).ShouldBe(200);

        var refusal = (await customer.Record(Consumption.Report("late", time: before))).ShouldBeRefused(429, "quota-reached");

        refusal.Headers.RetryAfter.Should().BeNull("that month does not come again");
        refusal.Headers.GetValues("RateLimit").Single().Should().Be("\"fix\";r=0");
        ((string)refusal["detail"]!).Should().Contain($"{before:yyyy-MM}").And.Contain("is over").And.NotContain("resets");
        (await customer.Record(Consumption.Report("now"))).ShouldBe(200);
    }

    [Fact]
    public async Task What_a_clock_that_is_ahead_reports_counts_now()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "basic");
        (await customer.Record(Consumption.Report("ahead", time: (await app.Cloud.Now()).AddMinutes(4)))).ShouldBe(200);

        var stored = (await app.Data.All("customers", $"SELECT * FROM c WHERE c.type = 'usageEvent' AND c.customerId = '{customer.CustomerId}'")).Single();

        ((string)stored["time"]!).Should().Be((string)stored["recordedAt"]!, "else it opened a month before that begins");
    }

    [Fact]
    public async Task At_80_and_at_100_percent_the_customer_is_told_once()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app, "professional");
        await customer.Record(Consumption.Report("a", quantity: 799));
        for (var i = 0; i < 5; i++) { await customer.Record(Consumption.Report($"b{i}")); }
        await Task.WhenAll(Enumerable.Range(0, 10).Select(i => customer.Record(Consumption.Report($"c{i}", quantity: 30))));

        ((int)(await customer.Quota())["percent"]!).Should().Be(110);
        var told = (await new AuditTrail(app, customer.CustomerId).Events()).Where(happened => ((string)happened["action"]!).StartsWith("quota.", StringComparison.Ordinal)).ToList();
        told.Select(happened => (string)happened["action"]!).Should().BeEquivalentTo("quota.warning", "quota.reached");
        told.Should().OnlyContain(happened => (string?)happened["metadata"]!["meter"] == "fix");
    }

    [Fact]
    public async Task The_trials_last_unit_ends_it_at_once_with_one_event_and_what_is_left_is_reading()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app);
        var key = app.Caller(await app.CreateApiKey(customer.CustomerId));
        (await customer.Record(Consumption.Report("nine", quantity: 9))).ShouldBe(200);
        (await key.Post(customer.Path, new { events = new[] { Consumption.Report("one") } })).ShouldBe(200);

        var path = $"/api/customers/{customer.CustomerId}";
        var ended = (await key.Get(path)).ShouldBe(200);
        ended["trial"]!["status"]!.GetValue<string>().Should().Be("expired");
        ended["subscription"]!["status"]!.GetValue<string>().Should().Be("paused");
        (await new AuditTrail(app, customer.CustomerId).Actions()).Count(action => action == "trial.ended").Should().Be(1);
        (await key.Post(customer.Path, new { events = new[] { Consumption.Report("more") } })).ShouldBeRefused(403, "trial-ended");
        (await key.Post($"{path}/api-keys", new { name = "another" })).ShouldBeRefused(403, "trial-ended");
        (await key.Get(customer.Path)).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_wrong_with_reports_is_said_of_each()
    {
        var app = await App.Shared;
        var customer = await Consumption.On(app);
        var now = await app.Cloud.Now();

        var incomplete = (await customer.Record(new { }, Consumption.Report("a"), new { id = "b", source = "test", meter = "fix" })).ShouldBeRefused(400, "invalid-request");
        var wrong = (await customer.Record(
            Consumption.Report("a", "miles"), Consumption.Report("b", quantity: 0), Consumption.Report("c", time: now.AddDays(-33)), Consumption.Report("d", time: now.AddHours(1)))).ShouldBeRefused(400, "invalid-request");

        Pointers(incomplete).Should().Equal("/events/0/id", "/events/0/source", "/events/0/meter", "/events/0/quantity", "/events/2/quantity");
        Pointers(wrong).Should().Equal("/events/0/meter", "/events/1/quantity", "/events/2/time", "/events/3/time");
        (await customer.Record()).ShouldBeRefused(400, "invalid-request", "/events");
        (await customer.Record([.. Enumerable.Range(0, 1001).Select(i => Consumption.Report($"{i}"))])).ShouldBeRefused(400, "invalid-request", "/events");

        static IEnumerable<string> Pointers(Answer refusal) => refusal["errors"]!.AsArray().Select(error => (string)error!["pointer"]!);
    }
}
