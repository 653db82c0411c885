using System.Globalization;

namespace CustomerFunctions.Tests.Audit;

public sealed class ListAuditEventsTests
{
    [Fact]
    public async Task Every_change_of_a_customer_is_there_newest_first_with_who_did_it_from_where_and_what_became_different()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer(name: "Ada");
        var id = (string)customer["id"]!;
        await app.Admin.Patch($"/api/customers/{id}", new { name = "Ada Lovelace", phone = "+4930123456" }, (string)customer["etag"]!);
        await app.Admin.Post($"/api/customers/{id}/deactivate");
        await app.Admin.Post($"/api/customers/{id}/activate");

        var events = await new AuditTrail(app, id).Events();

        events.Select(happened => (string)happened["action"]!).Should().Equal("customer.restored", "customer.suspended", "customer.updated", "customer.created");
        events.Select(happened => (long)happened["sequence"]!).Should().Equal(4, 3, 2, 1);
        var updated = events[2];
        updated["before"]!.ToJsonString().Should().Be("""{"name":"Ada"}""");
        updated["after"]!.AsObject().ToDictionary(field => field.Key, field => (string?)field.Value).Should().Equal(new Dictionary<string, string?> { ["name"] = "Ada Lovelace", ["phone"] = "+4930123456" });
        updated["actor"]!.ToJsonString().Should().Be("""{"type":"system","id":"bootstrap-admin"}""");
        updated["targets"]!.ToJsonString().Should().Be($$"""[{"type":"customer","id":"{{id}}","name":"Ada Lovelace"}]""");
        ((string)updated["context"]!["location"]!).Should().Be("127.0.0.1");
        ((string)updated["context"]!["traceId"]!).Should().MatchRegex("^[0-9a-f]{32}$");
        ((string)updated["customerId"]!).Should().Be(id);
        ((string)updated["prevHash"]!).Should().Be((string)events[3]["hash"]!);
        ((string)events[3]["after"]!["email"]!).Should().Be((string)customer["email"]!);
        events[3].ContainsKey("before").Should().BeFalse("nothing was there before");
        await new AuditTrail(app, id).ShouldBeIntact(4);
    }

    [Fact]
    public async Task Keys_and_service_accounts_are_recorded_under_whoever_changed_them()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var key = (await app.Admin.Post($"/api/customers/{id}/api-keys", new { name = "ci" })).ShouldBe(201);
        var own = app.Caller((string)key["key"]!);
        var second = (await own.Post($"/api/customers/{id}/api-keys", new { name = "second" })).ShouldBe(201);
        (await own.Post($"/api/customers/{id}/api-keys/{second["id"]}/roll", new { gracePeriod = "PT0S" })).ShouldBe(200);
        (await own.Delete($"/api/customers/{id}/api-keys/{second["id"]}")).ShouldBe(204);
        (await own.Post($"/api/customers/{id}/service-accounts", new { name = "deploy", kind = "apiCredential" })).ShouldBe(201);

        var events = await new AuditTrail(app, id).Events();

        events.Select(happened => $"{happened["actor"]!["type"]} {happened["action"]}").Should().Equal(
            "system serviceAccount.rotated", "apiKey serviceAccount.created", "apiKey apiKey.revoked", "apiKey apiKey.rolled", "apiKey apiKey.created", "system apiKey.created", "system customer.created");
        events.Skip(1).Take(4).Select(happened => (string)happened["actor"]!["id"]!).Should().OnlyContain(actor => actor == (string)key["id"]!);
        events[2]["after"]!["state"]!.GetValue<string>().Should().Be("revoked");
        (await app.Admin.Delete($"/api/customers/{id}/api-keys/{second["id"]}")).ShouldBe(204);
        (await new AuditTrail(app, id).Events()).Should().HaveCount(events.Count, "revoking again changes nothing");
    }

    [Fact]
    public async Task Actor_action_and_time_filter_it_and_a_cursor_goes_through_it()
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = await app.CreateCustomer();
        var id = (string)customer["id"]!;
        var key = (await app.Admin.Post($"/api/customers/{id}/api-keys", new { name = "ci" })).ShouldBe(201);
        for (var i = 0; i < 5; i++) { (await app.Caller((string)key["key"]!).Patch($"/api/customers/{id}", new { displayName = $"Ada {i}" }, "*")).ShouldBe(200); }
        await app.Cloud.Advance(TimeSpan.FromHours(1));
        var later = (await app.Cloud.Now()).AddMinutes(-30).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        (await app.Admin.Patch($"/api/customers/{id}", new { displayName = "Later" }, "*")).ShouldBe(200);
        var trail = new AuditTrail(app, id);

        (await trail.Events($"actor={key["id"]}&maxpagesize=2")).Should().HaveCount(5);
        (await trail.Actions("action=apiKey.created")).Should().Equal("apiKey.created");
        (await trail.Events($"from={later}")).Should().ContainSingle().Which["after"]!.ToJsonString().Should().Be("""{"displayName":"Later"}""");
        (await trail.Events($"to={later}&maxpagesize=3")).Should().HaveCount(7);
        (await trail.Events("maxpagesize=1")).Select(happened => (long)happened["sequence"]!).Should().Equal(8, 7, 6, 5, 4, 3, 2, 1);
        (await trail.Events("actor=nobody's")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("from=yesterday", "?from")]
    [InlineData("maxpagesize=0", "?maxpagesize")]
    [InlineData("continuation=abc", "?continuation")]
    [InlineData("who=me", "?who")]
    public async Task A_parameter_that_means_nothing_is_refused(string query, string field)
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;

        (await app.Admin.Get($"/api/customers/{id}/audit-log?{query}")).ShouldBeRefused(400, "invalid-request", field);
    }

    [Fact]
    public async Task Staff_read_the_log_of_a_closed_customer()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        (await app.Admin.Delete($"/api/customers/{customer["id"]}", (string)customer["etag"]!)).ShouldBe(204);

        (await new AuditTrail(app, (string)customer["id"]!).Actions()).Should().Equal("customer.deleted", "customer.created");
    }
}
