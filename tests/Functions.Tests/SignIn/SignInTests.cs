namespace CustomerFunctions.Tests.SignIn;

public sealed class SignInTests
{
    [Fact]
    public async Task A_wrong_password_and_an_address_that_nobody_has_get_the_same_answer()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);

        var wrong = (await person.SignIn("not the password")).ShouldBeRefused(401, "sign-in-failed").Object;
        var nobody = (await new Person(app, App.NewEmail()).SignIn()).ShouldBeRefused(401, "sign-in-failed").Object;

        foreach (var property in wrong.Where(property => property.Key != "traceId")) { nobody[property.Key]!.ToJsonString().Should().Be(property.Value!.ToJsonString()); }
    }

    [Fact]
    public async Task The_administrator_of_a_new_environment_can_sign_in()
    {
        var app = await App.Shared;
        var admin = new Person(app, (string)app.Cloud.Endpoints["admin"]!["email"]!);

        (await admin.SignIn((string)app.Cloud.Endpoints["admin"]!["password"]!)).ShouldBe(200);

        (await admin.Api.Get("/api/customers")).ShouldBe(200);
        (await admin.Api.Get("/api/accounts?email=" + admin.Email)).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task A_sign_in_makes_five_requests_to_Cosmos_DB_at_the_most()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await app.Cloud.ResetRequests();

        (await person.SignIn()).ShouldBe(200);

        ((int)(await app.Cloud.Requests())["cosmos"]!).Should().BeLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task A_signed_in_person_costs_no_request_for_the_credential()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        (await person.Api.Get("/api/customers")).ShouldBeRefused(403, "forbidden");
        await app.Cloud.ResetRequests();

        (await person.Api.Get("/api/customers")).ShouldBeRefused(403, "forbidden");

        ((int?)(await app.Cloud.Requests())["cosmos"] ?? 0).Should().Be(0);
    }

    [Fact]
    public async Task The_profile_is_the_persons_own_to_change()
    {
        var person = await Person.SignedUp(await App.Shared);
        var etag = (await person.Api.Get("/api/auth/me")).ETag;

        var changed = (await person.Api.Patch("/api/auth/me", new { timeZone = "Europe/Berlin", phone = "+4930123456", preferences = new { theme = "dark" } }, etag)).ShouldBe(200);

        ((string?)changed["timeZone"]).Should().Be("Europe/Berlin");
        ((string?)changed["preferences"]!["theme"]).Should().Be("dark");
        (await person.Api.Patch("/api/auth/me", new { name = "Ada" }, etag)).ShouldBeRefused(412, "stale");
        (await person.Api.Patch("/api/auth/me", new { name = "Ada" })).ShouldBeRefused(428, "if-match-required");
        (await person.Api.Patch("/api/auth/me", new { timeZone = "Mars/Olympus" }, changed.ETag)).ShouldBeRefused(400, "invalid-request", "/timeZone");
        (await person.Api.Patch("/api/auth/me", new { role = "admin" }, changed.ETag)).ShouldBeRefused(400, "invalid-request", "/role");
    }
}
