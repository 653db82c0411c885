using CustomerFunctions.Tests.Audit;

namespace CustomerFunctions.Tests.Trials;

public sealed class ExtendTrialTests
{
    [Fact]
    public async Task Staff_gives_more_time_and_units_for_a_reason_and_what_was_foretold_happens()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var request = new { days = 7, units = 5, reason = "A slow start" };

        var foretold = (await app.Admin.Post($"{path}/trial/extend?whatIf=true", request)).ShouldBe(200);
        (await app.Admin.Get(path)).ShouldBe(200)["trial"]!.ToJsonString().Should().Be(customer["trial"]!.ToJsonString(), "it was only asked about");
        var extended = (await app.Admin.Post($"{path}/trial/extend", request)).ShouldBe(200);

        var end = extended["trial"]!["endsAt"]!.GetValue<DateTimeOffset>();
        end.Should().Be(customer["trial"]!["endsAt"]!.GetValue<DateTimeOffset>().AddDays(7));
        ((int)extended["trial"]!["unitsLimit"]!).Should().Be(15);
        foretold["effects"]!.AsArray().Select(effect => ((string)effect!["action"]!, effect["at"]!.GetValue<DateTimeOffset>())).Should().Equal(("trialReminder", end.AddDays(-3)), ("trialEnds", end));
        ((string)(await new AuditTrail(app, (string)customer["id"]!).Events()).Single(happened => (string)happened["action"]! == "trial.extended")["metadata"]!["reason"]!).Should().Be("A slow start");
    }

    [Fact]
    public async Task It_needs_a_reason_and_something_to_give_and_staff()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/trial/extend";
        (await app.Admin.Post(path, new { days = 0, reason = "" })).ShouldBeRefused(400, "invalid-request", "/days");
        (await app.Admin.Post(path, new { reason = "For nothing" })).ShouldBeRefused(400, "invalid-request", "/days");
        var (owner, customer) = await Person.Owning(app);
        (await owner.Api.Post($"{customer}/trial/extend", new { days = 1, reason = "I would like that" })).ShouldBeRefused(403, "forbidden");
    }
}
