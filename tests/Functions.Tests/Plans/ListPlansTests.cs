namespace CustomerFunctions.Tests.Plans;

public sealed class ListPlansTests
{
    [Fact]
    public async Task Everybody_who_is_signed_in_sees_what_there_is_to_choose_from()
    {
        var app = await App.Shared;
        var key = app.Caller(await app.CreateApiKey((string)(await app.CreateCustomer())["id"]!));

        foreach (var caller in new[] { app.Admin, key, (await Person.SignedUp(app)).Api })
        {
            var plans = (await caller.Get("/api/plans")).ShouldBe(200)["value"]!.AsArray();
            plans.Select(plan => (string?)plan!["name"]).Should().Equal("trial", "free", "basic", "professional", "enterprise");
            plans[1]!["quotas"]![0]!.ToJsonString().Should().Be("""{"meter":"fix","perMonth":5,"rollover":0,"overage":"stop"}""");
            plans[3]!["roleTemplate"]!.ToJsonString().Should().Be("""["Reader","Monitoring Reader"]""");
        }
        (await app.Caller(key: null).Get("/api/plans")).ShouldBeRefused(401, "unauthenticated");
    }
}
