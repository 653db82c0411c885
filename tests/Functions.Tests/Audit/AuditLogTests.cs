namespace CustomerFunctions.Tests.Audit;

public sealed class AuditLogTests
{
    [Fact]
    public async Task Writers_on_four_instances_make_one_chain_without_a_gap()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "4");
        var id = (string)(await app.CreateCustomer())["id"]!;
        var random = new Random(4711);
        const int Keys = 15;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(async instance =>
        {
            var admin = await app.AdminAt(instance);
            for (var i = 0; i < Keys; i++)
            {
                var key = (await admin.Post($"/api/customers/{id}/api-keys", new { name = $"{instance}-{i}" })).ShouldBe(201);
                if (Odd(random)) { (await admin.Delete($"/api/customers/{id}/api-keys/{key["id"]}")).ShouldBe(204); }
            }
        }));
        // Whoever lost every race within its time has left its event to the timer.
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");

        var trail = new AuditTrail(app, id);
        var events = await trail.Events();
        events.Select(happened => (long)happened["sequence"]!).Should().Equal(Enumerable.Range(1, events.Count).Reverse().Select(number => (long)number));
        events.Select(happened => (string)happened["id"]!).Should().OnlyHaveUniqueItems();
        events.Count(happened => (string)happened["action"]! == "apiKey.created").Should().Be(4 * Keys);
        var keys = (await app.Data.All("customers")).Where(document => (string?)document["type"] == "apiKey" && (string?)document["customerId"] == id).ToList();
        events.Count(happened => (string)happened["action"]! == "apiKey.revoked").Should().Be(keys.Count(key => (string?)key["state"] == "revoked"));
        await trail.ShouldBeIntact(events.Count);
    }

    [Fact]
    public async Task A_change_costs_one_table_request_and_one_to_Cosmos_more_than_without_a_log()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Patch($"/api/customers/{id}", new { displayName = "Warm" }, "*")).ShouldBe(200);
        await app.Cloud.ResetRequests();

        (await app.Admin.Patch($"/api/customers/{id}", new { displayName = "Ada" }, "*")).ShouldBe(200);

        var requests = await app.Cloud.Requests();
        ((int?)requests["tables"]).Should().Be(1);
        ((int?)requests["cosmos"]).Should().Be(3, "it reads the customer, replaces it, and takes the event out of it");
    }

    [Fact]
    public async Task An_ETag_changes_with_the_customer_and_not_with_its_outbox()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";

        (await app.Admin.Get(path)).ETag.Should().Be((string)customer["etag"]!, "the event has been taken out of it since");
        var changed = (await app.Admin.Patch(path, new { displayName = "Ada" }, (string)customer["etag"]!)).ShouldBe(200);
        changed.ETag.Should().NotBe((string)customer["etag"]!);
        (await app.Admin.Get(path)).ETag.Should().Be(changed.ETag);
        (await app.Admin.Patch(path, new { displayName = "Eve" }, (string)customer["etag"]!)).ShouldBeRefused(412, "stale");
    }

    private static bool Odd(Random random)
    {
        lock (random) { return random.Next(2) == 1; }
    }
}
