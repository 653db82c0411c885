namespace CustomerFunctions.Tests.Flags;

public sealed class ResetFeatureFlagTests
{
    [Fact]
    public async Task A_flag_goes_back_to_the_plan_and_a_second_time_changes_nothing()
    {
        var app = await App.Shared;
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var before = (await app.Admin.Get(customer + "/feature-flags")).Body;
        (await app.Admin.Put(customer + "/feature-flags/keyRotation", new { enabled = false })).ShouldBe(200);

        (await app.Admin.Delete(customer + "/feature-flags/keyRotation")).ShouldBe(204);

        (await app.Admin.Get(customer + "/feature-flags")).Body.Should().Be(before);
        var etag = (await app.Admin.Get(customer)).ETag;
        (await app.Admin.Delete(customer + "/feature-flags/keyRotation")).ShouldBe(204);
        (await app.Admin.Get(customer)).ETag.Should().Be(etag);
        (await app.Admin.Delete(customer + "/feature-flags/flyingCars")).ShouldBeRefused(404, "not-found");
    }
}
