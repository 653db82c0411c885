using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Bulk;

public sealed class ChangeCustomersTests
{
    private const string Bulk = "/api/customers/bulk";

    [Fact]
    public async Task Each_item_is_done_or_refused_by_itself_and_the_answer_is_207()
    {
        var app = await App.Shared;
        var (patched, suspended, deleted) = (await app.CreateCustomer(), await app.CreateCustomer(), await app.CreateCustomer());
        var email = App.NewEmail();
        object[] items =
        [
            new { action = "create", body = new { name = "New", email } },
            new { action = "create", body = new { name = "Thief", email = (string)patched["email"]! } },
            new { action = "create", body = new { name = "Nameless" } },
            new { action = "patch", id = patched["id"], ifMatch = patched["etag"], body = new { companyName = "Acme" } },
            new { action = "patch", id = patched["id"], ifMatch = "\"stale\"", body = new { companyName = "Other" } },
            new { action = "patch", id = patched["id"], body = new { companyName = "Other" } },
            new { action = "suspend", id = suspended["id"], body = new { hold = "billing", reason = "Unpaid" } },
            new { action = "suspend", id = suspended["id"], body = new { hold = "billing" } },
            new { action = "delete", id = deleted["id"], ifMatch = "*" },
            new { action = "activate", id = deleted["id"] },
            new { action = "explode", id = patched["id"] },
            new { action = "deactivate", id = "cus_none" },
        ];

        var answer = (await app.Admin.Post(Bulk, new { items })).ShouldBe(207)["value"]!.AsArray();

        answer.Select(item => (int)item!["status"]!).Should().Equal(201, 409, 400, 200, 412, 428, 200, 400, 204, 404, 400, 404);
        answer.Select(item => (int)item!["index"]!).Should().Equal(Enumerable.Range(0, items.Length));
        answer.Select(item => (string?)item!["problem"]?["code"]).Should().Equal(
            null, "email-taken", "invalid-request", null, "stale", "if-match-required", null, "invalid-request", null, "not-found", "invalid-request", "not-found");
        ((string?)(await app.Admin.Get($"/api/customers/{answer[0]!["id"]}")).ShouldBe(200)["email"]).Should().Be(email);
        ((string?)(await app.Admin.Get($"/api/customers/{patched["id"]}")).ShouldBe(200)["companyName"]).Should().Be("Acme");
        (await app.Admin.Get($"/api/customers/{suspended["id"]}")).ShouldBe(200)["holds"]!.AsArray().Should().ContainSingle();
        (await app.Admin.Get($"/api/customers/{deleted["id"]}")).ShouldBe(404);
    }

    [Theory]
    [InlineData("1e400")]
    [InlineData("9007199254740993")]
    public async Task A_number_that_no_double_keeps_refuses_its_item_alone(string number)
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var (email, good) = (App.NewEmail(), App.NewEmail());
        string[] items =
        [
            $$"""{"action":"create","body":{"name":"A","email":"{{email}}","settings":{"a":[{{number}}]} } }""",
            $$"""{"action":"patch","id":"{{customer["id"]}}","ifMatch":"*","body":{"settings":{"a":{"b":{{number}} } } } }""",
            $$"""{"action":"create","body":{"name":"B","email":"{{good}}"} }""",
        ];

        var answer = (await app.Admin.Post(Bulk, $"{{\"items\":[{string.Join(',', items)}]}}")).ShouldBe(207)["value"]!.AsArray();

        answer.Select(item => (int)item!["status"]!).Should().Equal(400, 400, 201);
        answer.Take(2).Select(item => (string?)item!["problem"]!["errors"]![0]!["pointer"]).Should().Equal("/settings/a/0", "/settings/a/b");
        (await app.Admin.Post("/api/customers", new { name = "A", email })).ShouldBe(201);
    }

    [Fact]
    public async Task An_item_that_fails_unexpectedly_fails_alone_and_leaves_no_name_taken()
    {
        await using var app = await App.StartWithoutSchedules();
        var (email, good, single) = (App.NewEmail(), App.NewEmail(), App.NewEmail());
        await app.Cloud.Fault(new { service = "cosmos", kind = "forbidden", operation = "^POST /dbs/customers/colls/customers/docs", body = email + "|" + single });

        var answer = (await app.Admin.Post(Bulk, new { items = new[] { email, good }.Select(address => new { action = "create", body = new { name = "A", email = address } }) })).ShouldBe(207)["value"]!.AsArray();

        answer.Select(item => (int)item!["status"]!).Should().Equal(500, 201);
        answer[0]!["problem"]!["code"]!.ToString().Should().Be("unexpected");
        // The OpenAPI document has no 500, which is how the caller here says that it has met one.
        await FluentActions.Awaiting(() => app.Admin.Post("/api/customers", new { name = "A", email = single, slug = "single" })).Should().ThrowAsync<Xunit.Sdk.XunitException>();
        await app.Cloud.ClearFaults();
        (await app.Admin.Post("/api/customers", new { name = "A", email })).ShouldBe(201);
        (await app.Admin.Post("/api/customers", new { name = "A", email = single, slug = "single" })).ShouldBe(201);
    }

    [Fact]
    public async Task The_items_of_one_customer_are_done_in_their_order()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var items = Enumerable.Range(0, 41).Select(i => i % 2 == 0 ? (object)new { action = "deactivate", id } : new { action = "activate", id });

        (await app.Admin.Post(Bulk, new { items })).ShouldBe(207)["value"]!.AsArray().Should().OnlyContain(item => (int)item!["status"]! == 200);

        ((string?)(await app.Admin.Get($"/api/customers/{id}"))["status"]).Should().Be("suspended");
    }

    [Fact]
    public async Task What_is_sent_again_is_not_done_again()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var (email, other) = (App.NewEmail(), App.NewEmail());
        var request = new
        {
            items = new object[]
            {
                new { action = "create", key = "import-1", body = new { name = "A", email } },
                new { action = "create", body = new { name = "B", email = other } },
                new { action = "suspend", id = customer["id"], body = new { hold = "billing", reason = "x" } },
            },
        };
        var first = (await app.Admin.Post(Bulk, request)).ShouldBe(207)["value"]!.AsArray();
        var etag = (await app.Admin.Get($"/api/customers/{customer["id"]}")).ETag;

        var second = (await app.Admin.Post(Bulk, request)).ShouldBe(207)["value"]!.AsArray();

        second.Select(item => (int)item!["status"]!).Should().Equal(200, 409, 200);
        ((string?)second[0]!["id"]).Should().Be((string?)first[0]!["id"], "its key leads to what it made");
        (await app.Data.CustomersWith(email)).Should().ContainSingle();
        (await app.Data.CustomersWith(other)).Should().ContainSingle();
        (await app.Admin.Get($"/api/customers/{customer["id"]}")).ETag.Should().Be(etag);
        var stranger = (await app.Admin.Post(Bulk, new { items = new[] { new { action = "create", key = "import-2", body = new { name = "A", email } } } }))["value"]![0]!;
        ((int)stranger["status"]!, (string?)stranger["problem"]!["code"]).Should().Be((409, "email-taken"));
    }

    [Fact]
    public async Task A_thousand_are_done_when_what_was_not_reached_is_sent_again()
    {
        await using var app = await App.StartWithoutSchedules();
        var left = Enumerable.Range(0, 1_000).Select(i => new { action = "create", key = string.Create(CultureInfo.InvariantCulture, $"n{i}"), body = new { name = $"Customer {i}", email = App.NewEmail() } }).ToList();
        var ids = new HashSet<string>();
        for (var round = 0; left.Count > 0; round++)
        {
            round.Should().BeLessThan(60, "each round gets further");
            var answer = (await app.Admin.Post(Bulk, new { items = left })).ShouldBe(207)["value"]!.AsArray();
            answer.Should().OnlyContain(item => (int)item!["status"]! == 201 || (int)item["status"]! == 200 || (int)item["status"]! == 503);
            foreach (var done in answer.Where(item => (int)item!["status"]! < 300)) { ids.Add((string)done!["id"]!); }
            left = [.. answer.Where(item => (int)item!["status"]! == 503).Select(item => left[(int)item!["index"]!])];
        }

        ids.Should().HaveCount(1_000);
        (await app.Data.All("customers")).Count(document => (string?)document["type"] == "customer").Should().Be(1_000);
        (await app.Data.Orphans()).Should().BeEmpty();
    }

    [Fact]
    public async Task No_more_than_a_thousand_and_at_least_one()
    {
        var app = await App.Shared;
        (await app.Admin.Post(Bulk, new { items = Enumerable.Repeat(new { action = "activate", id = "cus_none" }, 1_001) })).ShouldBeRefused(400, "invalid-request", "/items");
        (await app.Admin.Post(Bulk, new { items = Array.Empty<object>() })).ShouldBeRefused(400, "invalid-request", "/items");
        (await app.Admin.Post(Bulk, """{"items":[null,{}]}""")).ShouldBe(207)["value"]!.AsArray().Select(item => (int)item!["status"]!).Should().Equal(400, 400);
        (await app.Admin.Post(Bulk, new JsonObject { ["items"] = new JsonArray(new JsonObject { ["action"] = new string('x', 5 * 1024 * 1024) }) })).ShouldBeRefused(413, "too-large");
    }
}
