namespace CustomerFunctions.Tests.Customers;

public sealed class ActivateCustomerTests
{
    [Fact]
    public async Task Activating_lifts_staffs_hold_and_its_keys_work_again()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var holder = app.Caller(await app.CreateApiKey((string)customer["id"]!));
        (await app.Admin.Post(path + "/deactivate")).ShouldBe(200);

        var active = (await app.Admin.Post(path + "/activate")).ShouldBe(200);

        ((string?)active["status"]).Should().Be("active");
        active["holds"]!.AsArray().Should().BeEmpty();
        (await holder.Get(path)).ShouldBe(200);
        (await app.Admin.Post(path + "/activate")).ShouldBe(200).ETag.Should().Be(active.ETag, "the second call changes nothing");
    }
}
