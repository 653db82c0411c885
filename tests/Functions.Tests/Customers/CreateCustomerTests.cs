using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Customers;

public sealed class CreateCustomerTests
{
    [Fact]
    public async Task Staff_may_choose_the_plan_and_others_may_not()
    {
        var app = await App.Shared;

        var made = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail(), plan = "basic" })).ShouldBe(201);

        ((string?)made["plan"], (string?)made["subscription"]!["status"], (string?)made["trial"]!["status"]).Should().Be(("basic", "active", "converted"));
        (await app.Admin.Get($"/api/customers/{made["id"]}")).ShouldBe(200)["plan"]!.ToString().Should().Be("basic");
        ((string?)(await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail(), plan = "trial" })).ShouldBe(201)["plan"]).Should().Be("trial");
        (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail(), plan = "gold" })).ShouldBeRefused(400, "invalid-request", "/plan");
        (await app.Admin.Patch($"/api/customers/{made["id"]}", new { plan = "enterprise" }, "*")).Status.Should().Be(400, "a plan is changed by its own route");
    }

    [Fact]
    public async Task A_name_and_an_email_are_enough_and_the_trial_starts_by_itself()
    {
        var app = await App.Shared;
        var email = App.NewEmail();

        var created = (await app.Admin.Post("/api/customers", new { name = "Grace Hopper", email })).ShouldBe(201);

        var customer = created.Object;
        ((string)customer["id"]!).Should().StartWith("cus_");
        ((string)customer["status"]!).Should().Be("active");
        ((string)customer["plan"]!).Should().Be("trial");
        ((string)customer["trial"]!["status"]!).Should().Be("active");
        ((int)customer["trial"]!["unitsLimit"]!).Should().Be(10);
        ((int)customer["trial"]!["unitsUsed"]!).Should().Be(0);
        (customer["trial"]!["endsAt"]!.GetValue<DateTimeOffset>() - customer["trial"]!["startedAt"]!.GetValue<DateTimeOffset>()).Should().Be(TimeSpan.FromDays(14));
        ((string)customer["subscription"]!["status"]!).Should().Be("trialing");
        ((string)customer["createdBy"]!).Should().Be("bootstrap-admin");
        created.Headers.Location!.ToString().Should().Be($"/api/customers/{customer["id"]}");

        var read = (await app.Admin.Get($"/api/customers/{customer["id"]}")).ShouldBe(200);
        JsonNode.DeepEquals(read.Object, customer).Should().BeTrue();
        read.ETag.Should().Be(created.ETag).And.Be((string)customer["etag"]!);
    }

    [Fact]
    public async Task Everything_that_can_be_set_is_kept_as_it_was_sent()
    {
        var app = await App.Shared;
        var fields = FullFields(App.NewEmail());

        var customer = (await app.Admin.Post("/api/customers", fields)).ShouldBe(201).Object;

        foreach (var (name, value) in fields) { JsonNode.DeepEquals(customer[name], value).Should().BeTrue("{0} was sent as {1} and came back as {2}", name, value, customer[name]); }
    }

    [Theory]
    [InlineData("Ada & Söhne {0}", "ada-sohne-{0}")]
    [InlineData("中文 {0}", "{0}")]
    public async Task A_slug_is_made_from_the_name(string name, string slug)
    {
        var app = await App.Shared;
        var unique = Guid.NewGuid().ToString("N")[..8];

        var customer = await app.CreateCustomer(name: name.Replace("{0}", unique, StringComparison.Ordinal));

        ((string)customer["slug"]!).Should().Be(slug.Replace("{0}", unique, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_slug_made_from_the_name_gets_a_suffix_when_it_is_taken_and_a_chosen_one_is_refused()
    {
        var app = await App.Shared;
        var name = "Twin " + Guid.NewGuid().ToString("N")[..8];
        var first = await app.CreateCustomer(name: name);

        var second = await app.CreateCustomer(name: name);

        ((string)second["slug"]!).Should().Be($"{first["slug"]}-{((string)second["id"]!)[^6..].ToLowerInvariant()}");
        (await app.Admin.Post("/api/customers", new { name, email = App.NewEmail(), slug = (string)first["slug"]! })).ShouldBeRefused(409, "slug-taken");
    }

    [Theory]
    [InlineData("{0}")]
    [InlineData("  {0} ")]
    public async Task Two_customers_cannot_share_an_address_however_it_is_written(string form)
    {
        var app = await App.Shared;
        var email = App.NewEmail();
        await app.CreateCustomer(email);

        var second = await app.Admin.Post("/api/customers", new { name = "Other", email = form.Replace("{0}", email.ToUpperInvariant(), StringComparison.Ordinal) });

        second.ShouldBeRefused(409, "email-taken");
    }

    [Fact]
    public async Task Of_fifty_concurrent_creates_of_one_email_exactly_one_succeeds_and_nothing_is_left_of_the_others()
    {
        var app = await App.Shared;
        var email = App.NewEmail();
        var name = "Racer " + Guid.NewGuid().ToString("N")[..8];

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => app.Admin.Post("/api/customers", new { name, email })));

        answers.Count(answer => answer.Status == 201).Should().Be(1);
        answers.Where(answer => answer.Status != 201).Should().AllSatisfy(answer => answer.ShouldBeRefused(409, "email-taken"));
        (await app.Data.CustomersWith(email)).Should().HaveCount(1);
        var winner = (string)answers.Single(answer => answer.Status == 201)["id"]!;
        var slug = name.ToLowerInvariant().Replace(' ', '-');
        var claims = (await app.Data.All("directory")).Where(claim => ((string)claim["id"]!).StartsWith("slug:" + slug, StringComparison.Ordinal) || (string)claim["id"]! == "email:" + email).ToList();
        claims.Should().HaveCount(2).And.OnlyContain(claim => (string)claim["holderId"]! == winner);
    }

    [Fact]
    public async Task Fifty_concurrent_creates_of_one_name_all_succeed_under_slugs_of_their_own()
    {
        var app = await App.Shared;
        var name = "Namesake " + Guid.NewGuid().ToString("N")[..8];

        var customers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => app.CreateCustomer(name: name)));

        customers.Select(customer => (string)customer["slug"]!).Should().OnlyHaveUniqueItems();
    }

    /// <summary>Every field that callers can set, each with a value.</summary>
    internal static JsonObject FullFields(string email) => new()
    {
        ["name"] = "Ada Lovelace",
        ["email"] = email,
        ["slug"] = "ada-" + Guid.NewGuid().ToString("N")[..8],
        ["displayName"] = "Ada",
        ["description"] = "First line\nSecond line",
        ["companyName"] = "Analytical Engines Ltd.",
        ["phone"] = "+4930123456",
        ["address"] = new JsonObject { ["line1"] = "1 St James's Square", ["city"] = "London", ["postalCode"] = "SW1Y", ["country"] = "GB" },
        ["logoUrl"] = "https://example.com/logo.svg",
        ["githubOrg"] = "analytical-engines",
        ["settings"] = new JsonObject { ["theme"] = "dark", ["limits"] = new JsonArray(1, 2.5, null), ["nested"] = new JsonObject { ["a"] = true } },
        ["metadata"] = new JsonObject { ["crm id"] = "4711" },
        ["contacts"] = new JsonObject { ["billing"] = new JsonObject { ["name"] = "Charles", ["email"] = "charles@example.com", ["phone"] = "+1 555 0100" } },
    };
}
