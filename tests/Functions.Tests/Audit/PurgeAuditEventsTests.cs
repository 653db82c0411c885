namespace CustomerFunctions.Tests.Audit;

public sealed class PurgeAuditEventsTests
{
    [Fact]
    public async Task Events_go_when_the_plan_keeps_them_no_longer_and_what_is_left_still_verifies()
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = await app.CreateCustomer();
        var id = (string)customer["id"]!;
        var trail = new AuditTrail(app, id);
        await Change(app, id, 120);
        await app.Cloud.Advance(TimeSpan.FromDays(20));
        var etag = await Change(app, id, 2);

        (await Purge(app)).Should().BeEmpty("nothing is older than thirty days");
        await app.Cloud.Advance(TimeSpan.FromDays(11));
        (await Purge(app)).Should().Equal("purged");

        (await trail.Events()).Select(happened => (long)happened["sequence"]!).Should().Equal(123, 122);
        await trail.ShouldBeIntact(2);
        (await trail.Rows()).Should().HaveCount(5, "two events, their marks and the checkpoint are left");
        (await app.Admin.Get($"/api/customers/{id}")).ETag.Should().Be(etag, "nobody has changed the customer");
        (await Purge(app)).Should().BeEmpty("it is not due again");

        await app.Cloud.Advance(TimeSpan.FromDays(40));
        (await Purge(app)).Should().Equal("purged");
        (await trail.Events()).Select(happened => (long)happened["sequence"]!).Should().Equal([123], "the newest stays, for the log goes on there");
        await Change(app, id, 1);
        await trail.ShouldBeIntact(2);
        await trail.Remove(AuditTrail.Key(123));
        (await trail.Verify()).Broken!.ToJsonString().Should().Be("""{"sequence":123,"fault":"removed"}""");
    }

    [Theory]
    [InlineData("before")]
    [InlineData("after")]
    public async Task A_purge_that_is_killed_leaves_a_log_that_verifies_and_is_finished_by_the_next(string when)
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        for (var (skip, happened) = (0, true); happened; skip++)
        {
            var id = (string)(await app.CreateCustomer())["id"]!;
            await Change(app, id, 60);
            await app.Cloud.Advance(TimeSpan.FromDays(31));
            await app.Cloud.Fault(new { service = "tables", operation = @"^(PUT|POST) ", skip, count = 1, seconds = 300, kind = "kill", when });
            await app.Cloud.RunTimer("PurgeAuditEvents");
            happened = (await app.Cloud.Faults()).Count == 0;
            await app.Cloud.ClearFaults();
            var trail = new AuditTrail(app, id);
            (await trail.Verify()).Broken.Should().BeNull("killed {0} call {1}", when, skip + 1);

            await app.Cloud.RunTimer("PurgeAuditEvents");
            await app.Cloud.RunTimer("PurgeAuditEvents");
            (await trail.Events()).Should().ContainSingle();
            (await trail.Rows()).Should().HaveCount(3);
            await trail.ShouldBeIntact(1);
        }
    }

    [Theory]
    [InlineData("trial", 30)]
    [InlineData("free", 30)]
    [InlineData("basic", 90)]
    [InlineData("professional", 365)]
    [InlineData("enterprise", 2555)]
    [InlineData("a plan of tomorrow", 30)]
    public void A_plan_says_how_long_the_log_goes_back(string plan, int days) => CustomerFunctions.Audit.AuditRetention.Of(plan).Should().Be(TimeSpan.FromDays(days));

    private static async Task<string> Change(App app, string id, int times)
    {
        var etag = "*";
        for (var i = 0; i < times; i++) { etag = (await app.Admin.Patch($"/api/customers/{id}", new { displayName = $"Ada {Guid.NewGuid():N}" }, etag)).ShouldBe(200).ETag; }
        return etag;
    }

    private static async Task<IReadOnlyList<string>> Purge(App app) =>
        [.. (await app.Cloud.RunTimer("PurgeAuditEvents"))["returnValue"]?.AsObject().Select(outcome => outcome.Key) ?? []];
}
