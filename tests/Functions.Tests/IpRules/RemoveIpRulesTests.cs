namespace CustomerFunctions.Tests.IpRules;

public sealed class RemoveIpRulesTests
{
    [Fact]
    public async Task The_customers_keys_may_call_from_everywhere_again_and_a_second_time_changes_nothing()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/ip-rules";
        var set = (await app.Admin.Put(path, new { networks = new[] { "203.0.113.0/24" } }, (await app.Admin.Get(path)).ETag)).ShouldBe(200);
        (await app.Admin.Delete(path)).ShouldBeRefused(428, "if-match-required");

        (await app.Admin.Delete(path, set.ETag)).ShouldBe(204);

        var removed = (await app.Admin.Get(path)).ShouldBe(200);
        removed["networks"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Delete(path, set.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Delete(path, removed.ETag)).ShouldBe(204);
        (await app.Admin.Get(path)).ETag.Should().Be(removed.ETag);
    }
}
