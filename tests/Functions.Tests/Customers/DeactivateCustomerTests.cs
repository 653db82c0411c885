using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Customers;

public sealed class DeactivateCustomerTests
{
    [Fact]
    public async Task Deactivating_places_staffs_hold_once_and_its_keys_are_refused_at_once()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var holder = app.Caller(await app.CreateApiKey((string)customer["id"]!));
        (await holder.Get(path)).ShouldBe(200);

        var suspended = (await app.Admin.Post(path + "/deactivate")).ShouldBe(200);

        ((string?)suspended["status"]).Should().Be("suspended");
        suspended["holds"]!.AsArray().Select(hold => (string?)hold).Should().Equal("admin");
        (await holder.Get(path)).ShouldBeRefused(403, "customer-suspended");
        var again = (await app.Admin.Post(path + "/deactivate")).ShouldBe(200);
        again.ETag.Should().Be(suspended.ETag, "the second call changes nothing");
        JsonNode.DeepEquals(again.Object, suspended.Object).Should().BeTrue();
    }

    [Fact]
    public async Task Twenty_concurrent_calls_all_succeed_and_place_one_hold()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.Admin.Post(path + "/deactivate")));

        answers.Should().AllSatisfy(answer => answer.ShouldBe(200)["holds"]!.AsArray().Should().HaveCount(1));
        answers.Select(answer => answer.ETag).Distinct().Should().ContainSingle();
    }
}
