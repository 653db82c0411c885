using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Accounts;

public sealed class AccountRoutesTests
{
    [Fact]
    public async Task An_invited_person_sets_a_password_and_signs_in()
    {
        var app = await App.Shared;
        var person = new Person(app, App.NewEmail());
        var made = (await app.Admin.Post("/api/accounts", new { email = person.Email, name = "Grace Hopper" })).ShouldBe(201);
        ((string?)made["role"]).Should().Be("customer");

        (await app.Caller(key: null).Post("/api/auth/reset-password", new { token = await person.LinkIn("invitation"), password = Person.FirstPassword })).ShouldBe(204);

        (await person.SignIn()).ShouldBe(200);
        (await app.Admin.Post("/api/accounts", new { email = person.Email.ToUpperInvariant(), name = "Grace Hopper" })).ShouldBeRefused(409, "email-taken");
    }

    [Fact]
    public async Task A_disabled_account_has_no_sessions_and_begins_none()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var account = await Find(app, person);

        (await app.Admin.Patch($"/api/accounts/{account["id"]}", new { disabled = true }, account.ETag)).ShouldBe(200);

        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.Refresh()).ShouldBeRefused(401, "session-over");
        (await person.SignIn()).ShouldBeRefused(403, "account-disabled");
        account = await Find(app, person);
        (await app.Admin.Patch($"/api/accounts/{account["id"]}", new { disabled = false }, account.ETag)).ShouldBe(200);
        (await person.SignIn()).ShouldBe(200);
    }

    [Fact]
    public async Task A_changed_role_counts_at_once()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var account = await Find(app, person);

        (await app.Admin.Patch($"/api/accounts/{account["id"]}", new { role = "operator" }, account.ETag)).ShouldBe(200);

        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.SignIn()).ShouldBe(200);
        (await person.Api.Get("/api/customers")).ShouldBeRefused(403, "second-factor-setup-required");
    }

    [Fact]
    public async Task The_last_administrator_stays_one_however_many_go_at_once()
    {
        await using var app = await App.StartWithoutSchedules();
        var first = (await app.Admin.Get("/api/accounts?role=admin")).ShouldBe(200)["value"]!.AsArray().Single()!;
        var firstPath = $"/api/accounts/{first["id"]}";
        (await app.Admin.Patch(firstPath, new { role = "operator" }, "*")).ShouldBeRefused(409, "last-admin");
        (await app.Admin.Patch(firstPath, new { disabled = true }, "*")).ShouldBeRefused(409, "last-admin");
        var paths = new List<string> { firstPath };
        for (var i = 0; i < 3; i++)
        {
            paths.Add($"/api/accounts/{(await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = "Grace Hopper", role = "admin", password = Person.FirstPassword })).ShouldBe(201)["id"]}");
        }

        var answers = await Task.WhenAll(paths.Select(path => app.Admin.Patch(path, new { role = "customer" }, "*")));

        answers.Count(answer => answer.Status == 200).Should().Be(3);
        answers.Single(answer => answer.Status != 200).ShouldBeRefused(409, "last-admin");
        (await app.Admin.Get("/api/accounts?role=admin"))["value"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task Whatever_is_sent_as_a_role_an_account_has_a_valid_one()
    {
        var app = await App.Shared;
        var id = (string)(await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = "Grace Hopper" })).ShouldBe(201)["id"]!;
        JsonNode?[] made = [null, 1, -1, 99, "", "Admin", "root", "customer,admin", "2", true, new JsonArray(), new JsonObject(), "operator\0"];
        foreach (var role in made.Concat(Gen.Sample(Generated.Text(12), 100).Select(text => (JsonNode?)text)))
        {
            var answer = await app.Admin.Patch($"/api/accounts/{id}", new JsonObject { ["role"] = role?.DeepClone() }.ToJsonString(), "*");
            answer.ShouldBeRefused(400, "invalid-request", "/role");
        }
        foreach (var role in new[] { "sales_rep", "operator", "customer" })
        {
            ((string?)(await app.Admin.Patch($"/api/accounts/{id}", new { role }, "*")).ShouldBe(200)["role"]).Should().Be(role);
        }
    }

    [Fact]
    public async Task Only_administrators_make_and_change_accounts()
    {
        var person = await Person.SignedUp(await App.Shared);
        (await person.Api.Post("/api/accounts", new { email = App.NewEmail(), name = "x", role = "admin" })).ShouldBeRefused(403, "forbidden");
        (await person.Api.Get("/api/accounts")).ShouldBeRefused(403, "forbidden");
    }

    [Fact]
    public void An_account_that_an_older_version_wrote_is_read_with_defaults_and_keeps_what_it_does_not_know()
    {
        const string Old = """{"id":"acc_1","type":"account","accountId":"acc_1","email":"a@example.com","name":"Ada","createdAt":"2026-01-01T00:00:00.000Z","createdBy":"acc_1","nickname":"Countess"}""";
        var account = JsonSerializer.Deserialize(Old, StoreJson.Default.Account)!;
        account.Should().Match<Account>(read => read.Role == PlatformRole.Customer && !read.Disabled && read.Sessions.Count == 0 && read.Mail.Count == 0 && read.Links.Count == 0 && read.Passkeys.Count == 0 && !read.HasSecondFactor);
        JsonSerializer.Serialize(account, StoreJson.Default.Account).Should().Contain("Countess");
    }

    private static async Task<Answer> Find(App app, Person person)
    {
        var id = (await app.Admin.Get("/api/accounts?email=" + person.Email)).ShouldBe(200)["value"]!.AsArray().Single()!["id"];
        return (await app.Admin.Get($"/api/accounts/{id}")).ShouldBe(200);
    }
}
