namespace CustomerFunctions.Tests.Audit;

public sealed class RefusalLogTests
{
    [Fact]
    public async Task Who_is_refused_leaves_a_trace_in_his_own_log_and_none_in_another_customers()
    {
        await using var app = await App.StartWithoutSchedules();
        var own = (string)(await app.CreateCustomer())["id"]!;
        var other = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(own);

        (await app.Caller(key).Get($"/api/customers/{other}")).ShouldBeRefused(404, "not-found");
        (await app.Caller(key).Get("/api/customers")).ShouldBeRefused(403, "forbidden");

        var trail = new AuditTrail(app, own);
        await Eventually.True(async () => (await trail.Events("action=access.refused")).Count == 2, TimeSpan.FromSeconds(30), "the refusals are in the log");
        var events = await trail.Events("action=access.refused");
        events.Select(happened => $"{happened["targets"]![0]!["id"]} {happened["metadata"]!["status"]} {happened["metadata"]!["code"]}").Should().Equal("ListCustomers 403 forbidden", "GetCustomer 404 not-found");
        events[1]["targets"]![1]!["id"]!.GetValue<string>().Should().Be(other);
        (await new AuditTrail(app, other).Actions()).Should().Equal("customer.created");
    }

    [Fact]
    public async Task An_attack_is_no_load_on_the_log()
    {
        await using var app = await App.StartWithoutSchedules();
        var own = (string)(await app.CreateCustomer())["id"]!;
        var caller = app.Caller(await app.CreateApiKey(own));
        for (var i = 0; i < 100; i++) { (await caller.Get("/api/customers")).Status.Should().BeOneOf(403, 429); }
        // The log is written in order: when this is there, everything before it is.
        var trail = new AuditTrail(app, own);
        await Eventually.True(async () => (await trail.Events("action=access.refused")).Count >= CustomerFunctions.Audit.RefusalLog.PerMinute, TimeSpan.FromSeconds(30), "the refusals are in the log");

        (await trail.Events("action=access.refused")).Count.Should().BeLessThanOrEqualTo(2 * CustomerFunctions.Audit.RefusalLog.PerMinute, "a minute may have begun on the way");
    }
}
