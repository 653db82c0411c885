using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Edge;

namespace CustomerFunctions.Tests.Customers;

/// <summary>A customer that is created with a password: its owner has an account from the start.</summary>
public sealed class CreateCustomerWithOwnerTests
{
    [Fact]
    public async Task The_owner_signs_in_at_once_and_finds_the_customer()
    {
        var app = await App.Shared;
        var email = App.NewEmail();

        var created = (await app.Admin.Post("/api/customers", New(email))).ShouldBe(201);

        created.Body.Should().NotContain(Person.FirstPassword);
        var owner = new Person(app, email);
        (await owner.SignIn()).ShouldBe(200);
        var mine = (await owner.Api.Get($"/api/customers/{created["id"]}/members")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle().Which!;
        ((string)mine["accountId"]!).Should().Be(await owner.Id());
        ((string)mine["role"]!).Should().Be("owner");
        var own = (await owner.Api.Post($"/api/accounts/{await owner.Id()}/customers")).ShouldBe(200);
        ((string)own["customerId"]!).Should().Be((string)created["id"]!, "it is the default, and no second one is made");
    }

    [Fact]
    public async Task An_address_that_has_an_account_is_refused_and_no_customer_is_made()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);

        (await app.Admin.Post("/api/customers", New(person.Email))).ShouldBe(409);

        (await app.Admin.Get($"/api/customers?q={Uri.EscapeDataString(person.Email)}")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
    }

    [Fact]
    public async Task When_the_customer_is_refused_no_account_is_left_behind()
    {
        var app = await App.Shared;
        var slug = (string)(await app.CreateCustomer())["slug"]!;
        var email = App.NewEmail();

        (await app.Admin.Post("/api/customers", New(email, slug))).ShouldBe(409);

        (await new Person(app, email).SignIn()).ShouldBe(401);
        (await app.Admin.Post("/api/customers", New(email))).ShouldBe(201);
    }

    [Fact]
    public async Task A_weak_password_is_refused()
    {
        var app = await App.Shared;

        var refused = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail(), password = "password1" })).ShouldBe(400);

        ((string)refused["errors"]![0]!["pointer"]!).Should().Be("/password");
    }

    [Fact]
    public async Task Whoever_may_not_make_accounts_makes_customers_without_a_password_only()
    {
        var app = await App.Shared;
        var rep = await Person.Staff(app, "sales_rep");
        await rep.SetUpSecondFactor();

        (await rep.Api.Post("/api/customers", New(App.NewEmail()))).ShouldBe(403);
        (await rep.Api.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
    }

    [Fact]
    public async Task The_same_request_again_makes_nothing_twice()
    {
        var app = await App.Shared;
        var email = App.NewEmail();
        var key = IdempotencyTests.NewKey();

        var first = (await IdempotencyTests.Post(app.Admin, "/api/customers", New(email), key)).ShouldBe(201);
        var again = (await IdempotencyTests.Post(app.Admin, "/api/customers", New(email), key)).ShouldBe(201);

        ((string)again["id"]!).Should().Be((string)first["id"]!);
        again.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
    }

    private static JsonObject New(string email, string? slug = null) => new() { ["name"] = "Ada Lovelace", ["email"] = email, ["password"] = Person.FirstPassword, ["slug"] = slug };
}
