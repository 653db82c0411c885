using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Stripe;

namespace CustomerFunctions.Tests.Closing;

public sealed class ReopenCustomerTests
{
    [Fact]
    public async Task A_deleted_customer_comes_back_as_it_was_with_its_keys()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        var holder = app.Caller(await app.CreateApiKey((string)customer["id"]!));
        (await app.Admin.Delete(path, "*")).ShouldBe(204);
        (await holder.Get(path)).ShouldBe(401);

        var reopened = (await app.Admin.Post(path + "/reopen")).ShouldBe(200).Object;

        foreach (var changed in new[] { "etag", "updatedAt" }) { reopened[changed] = customer[changed]!.DeepClone(); }
        JsonNode.DeepEquals(reopened, customer).Should().BeTrue("it was {0}", reopened);
        (await holder.Get(path)).ShouldBe(200);
        var etag = (await app.Admin.Get(path)).ShouldBe(200).ETag;
        (await app.Admin.Post(path + "/reopen")).ShouldBe(200).ETag.Should().Be(etag, "it is open already");
    }

    [Fact]
    public async Task What_Stripe_said_while_it_was_closed_counts_when_it_is_back()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Delete(path, "*")).ShouldBe(204);
        var stripe = await StripeWorld.Start(app, path.Split('/')[^1]);
        var now = await app.Cloud.Now();
        foreach (var said in new[] { stripe.Checkout(now), stripe.Subscription("created", now, "active", "basic") }) { (await stripe.Deliver(said)).ShouldBe(200); }
        ((string?)(await app.ReadDocument("customers", path.Split('/')[^1], path.Split('/')[^1]))["plan"]).Should().Be("trial", "it is closed");

        var reopened = (await app.Admin.Post(path + "/reopen")).ShouldBe(200);

        ((string?)reopened["plan"], (string?)reopened["subscription"]!["status"], (string?)reopened["trial"]!["status"]).Should().Be(("basic", "active", "converted"));
        (await app.Admin.Get(path)).ShouldBe(200).ETag.Should().Be(reopened.ETag);
    }

    [Fact]
    public async Task What_Stripe_said_and_the_reopening_could_not_put_in_is_the_timers()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Delete(path, "*")).ShouldBe(204);
        var stripe = await StripeWorld.Start(app, path.Split('/')[^1]);
        var now = await app.Cloud.Now();
        foreach (var said in new[] { stripe.Checkout(now), stripe.Subscription("created", now, "active", "basic") }) { (await stripe.Deliver(said)).ShouldBe(200); }
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation = "^GET /dbs/customers/colls/control/docs/stripe:", seconds = 300, retryAfterMilliseconds = 20 });
        ((string?)(await app.Admin.Post(path + "/reopen")).ShouldBe(200)["plan"]).Should().Be("trial");
        await app.Cloud.ClearFaults();

        (await app.Cloud.RunTimer("SettleSubscriptions"))["returnValue"]!["caughtUp"]!.GetValue<int>().Should().Be(1);

        ((string?)(await app.Admin.Get(path)).ShouldBe(200)["plan"]).Should().Be("basic");
        (await app.Cloud.RunTimer("SettleSubscriptions"))["returnValue"]!.AsObject().Should().BeEmpty();
    }

    [Fact]
    public async Task Its_holds_are_still_there()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Post(path + "/suspend", new { hold = "security", reason = "x" })).ShouldBe(200);
        (await app.Admin.Delete(path, "*")).ShouldBe(204);

        ((string?)(await app.Admin.Post(path + "/reopen")).ShouldBe(200)["status"]).Should().Be("suspended");
    }

    [Fact]
    public async Task The_window_is_open_for_thirty_days_and_not_longer()
    {
        await using var app = await App.StartWithoutSchedules();
        var (early, late) = ($"/api/customers/{(await app.CreateCustomer())["id"]}", $"/api/customers/{(await app.CreateCustomer())["id"]}");
        foreach (var path in new[] { early, late }) { (await app.Admin.Delete(path, "*")).ShouldBe(204); }

        await app.Cloud.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(2));
        (await app.Admin.Post(early + "/reopen")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        (await app.Admin.Post(late + "/reopen")).ShouldBeRefused(409, "restore-window-over");
        (await app.Admin.Get(early)).ShouldBe(200);
    }

    [Fact]
    public async Task A_customer_that_never_was_cannot_come_back() =>
        (await (await App.Shared).Admin.Post("/api/customers/cus_01M7Y6VHP9ZB7VNMWNCV4EF401/reopen")).ShouldBeRefused(404, "not-found");
}
