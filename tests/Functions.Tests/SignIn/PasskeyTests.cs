using System.Buffers.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Tests.SignIn;

public sealed class PasskeyTests
{
    [Fact]
    public async Task A_passkey_signs_in_without_a_password_and_only_as_long_as_it_is_kept()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        using var key = new SoftwareAuthenticator();
        var made = (await Add(person, key, name: "laptop")).ShouldBe(201);

        var signedIn = (await SignIn(app, key)).ShouldBe(200);

        var caller = app.Caller((string)signedIn["accessToken"]!);
        ((string?)(await caller.Get("/api/auth/me")).ShouldBe(200)["email"]).Should().Be(person.Email);
        var listed = (await caller.Get("/api/auth/passkeys")).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((string?)listed["name"]).Should().Be("laptop");
        listed["lastUsedAt"].Should().NotBeNull();
        (await person.SignIn()).ShouldBe(200);
        (await caller.Delete($"/api/auth/passkeys/{made["id"]}")).ShouldBe(204);
        (await SignIn(app, key)).ShouldBeRefused(401, "sign-in-failed");
        (await caller.Delete($"/api/auth/passkeys/{made["id"]}")).ShouldBeRefused(404, "not-found");
        await person.LinkIn("passkeys-changed", count: 2);
    }

    [Fact]
    public async Task An_answer_to_another_question_of_another_page_or_of_another_key_is_refused()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        using var key = new SoftwareAuthenticator();
        var (begun, other) = (await Begin(person), await Begin(person));
        (await person.Api.Post("/api/auth/passkeys", new { state = other["state"], credential = key.Create(begun["options"]!) })).ShouldBeRefused(422, "passkey-unusable");
        (await (await Person.SignedUp(app)).Api.Post("/api/auth/passkeys", new { state = begun["state"], credential = key.Create(begun["options"]!) })).ShouldBeRefused(422, "passkey-unusable");
        using var elsewhere = new SoftwareAuthenticator { Origin = "https://localhost.example" };
        (await Add(person, elsewhere)).ShouldBeRefused(422, "passkey-unusable");
        (await Add(person, key)).ShouldBe(201);
        (await Add(person, key)).ShouldBeRefused(422, "passkey-unusable");

        var (options, another) = (await Ask(app), await Ask(app));
        (await Send(app, another, key.Get(options["options"]!))).ShouldBeRefused(401, "sign-in-failed");
        var forged = key.Get(options["options"]!);
        forged["response"]!["signature"] = Base64Url.EncodeToString(new byte[70]);
        (await Send(app, options, forged)).ShouldBeRefused(401, "sign-in-failed");
        var nobodys = key.Get(options["options"]!);
        nobodys["response"]!["userHandle"] = "none";
        (await Send(app, options, nobodys)).ShouldBeRefused(401, "sign-in-failed");
        (await Send(app, options, [])).ShouldBeRefused(401, "sign-in-failed");
        (await app.Caller(key: null).Post("/api/auth/sign-in/passkey", new { state = begun["state"], credential = key.Get(options["options"]!) })).ShouldBeRefused(422, "passkey-unusable");
        key.Origin = "https://localhost.example";
        (await SignIn(app, key)).ShouldBeRefused(401, "sign-in-failed");
    }

    [Fact]
    public async Task A_key_that_does_not_ask_who_uses_it_is_refused()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        using var key = new SoftwareAuthenticator { VerifiesUser = false };
        (await Add(person, key)).ShouldBeRefused(422, "passkey-unusable");
        key.VerifiesUser = true;
        (await Add(person, key)).ShouldBe(201);

        key.VerifiesUser = false;
        (await SignIn(app, key)).ShouldBeRefused(401, "sign-in-failed");
    }

    [Fact]
    public async Task A_copied_key_gives_itself_away_by_its_counter()
    {
        var app = await App.Shared;
        using var key = new SoftwareAuthenticator { Count = 6 };
        (await Add(await Person.SignedUp(app), key)).ShouldBe(201);
        (await SignIn(app, key)).ShouldBe(200);

        key.Count = 7;
        (await SignIn(app, key)).ShouldBeRefused(401, "sign-in-failed");
        key.Count = 8;
        (await SignIn(app, key)).ShouldBe(200);
    }

    [Fact]
    public async Task No_answer_is_good_twice_even_of_a_key_that_does_not_count()
    {
        var app = await App.Shared;
        using var key = new SoftwareAuthenticator { Count = null };
        (await Add(await Person.SignedUp(app), key)).ShouldBe(201);
        var options = await Ask(app);
        var answer = key.Get(options["options"]!);
        (await Send(app, options, answer)).ShouldBe(200);

        (await Send(app, options, answer)).ShouldBeRefused(422, "passkey-unusable");

        (await SignIn(app, key)).ShouldBe(200);
    }

    [Fact]
    public async Task A_question_waits_for_five_minutes_and_a_new_key_for_a_fresh_sign_in()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        using var key = new SoftwareAuthenticator();
        (await Add(person, key)).ShouldBe(201);
        var (begun, options) = (await Begin(person), await Ask(app));
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        using var late = new SoftwareAuthenticator();
        (await person.Api.Post("/api/auth/passkeys", new { state = begun["state"], credential = late.Create(begun["options"]!) })).ShouldBeRefused(422, "passkey-unusable");
        (await Send(app, options, key.Get(options["options"]!))).ShouldBeRefused(422, "passkey-unusable");

        await app.Cloud.ResetRequests();
        (await SignIn(app, key)).ShouldBe(200);
        ((int)(await app.Cloud.Requests())["cosmos"]!).Should().BeLessThanOrEqualTo(5);

        await app.Cloud.Advance(TimeSpan.FromMinutes(6));
        (await person.Api.Post("/api/auth/passkeys/options")).ShouldBeRefused(403, "verification-required");
    }

    [Fact]
    public async Task To_staff_a_passkey_is_a_second_factor_and_the_last_one_stays()
    {
        var app = await App.Shared;
        var person = await Person.Staff(app, "operator");
        var elsewhere = person.Api;
        (await person.SignIn()).ShouldBe(200);
        (await person.Api.Get("/api/customers")).ShouldBeRefused(403, "second-factor-setup-required");
        using var key = new SoftwareAuthenticator();
        var id = (string)(await Add(person, key)).ShouldBe(201)["id"]!;

        (await person.Api.Get("/api/customers")).ShouldBe(200);
        (await elsewhere.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.SignIn()).ShouldBeRefused(401, "passkey-required");
        var byPasskey = (await SignIn(app, key)).ShouldBe(200);
        byPasskey["secondFactorSetupRequired"].Should().BeNull();
        (await app.Caller((string)byPasskey["accessToken"]!).Get("/api/customers")).ShouldBe(200);

        (await person.Api.Delete($"/api/auth/passkeys/{id}")).ShouldBeRefused(409, "second-factor-state");
        await person.SetUpSecondFactor();
        (await person.Api.Delete($"/api/auth/passkeys/{id}")).ShouldBe(204);
        (await person.Api.Delete("/api/auth/second-factor")).ShouldBeRefused(409, "second-factor-state");
    }

    [Theory]
    [InlineData("app.example.com", "", "https://app.example.com", true)]
    [InlineData("app.example.com", "", "http://app.example.com", false)]
    [InlineData("app.example.com", "", "https://app.example.com:8443", false)]
    [InlineData("app.example.com", "", "https://evil.app.example.com", false)]
    [InlineData("example.com", "https://console.example.com", "https://console.example.com", true)]
    [InlineData("example.com", "https://console.example.com", "https://example.com", false)]
    [InlineData("localhost", "", "http://localhost:5173", true)]
    [InlineData("localhost", "", "http://127.0.0.1:5173", false)]
    [InlineData("localhost", "", "http://localhost.example", false)]
    public void Only_the_sites_own_pages_may_use_its_passkeys(string domain, string origins, string origin, bool admitted) =>
        new PasskeySite(domain, origins.Length == 0 ? [] : [origins]).Admits(origin).Should().Be(admitted);

    private static async Task<Answer> Begin(Person person) => (await person.Api.Post("/api/auth/passkeys/options")).ShouldBe(200);

    private static async Task<Answer> Add(Person person, SoftwareAuthenticator key, string? name = null)
    {
        var begun = await Begin(person);
        return await person.Api.Post("/api/auth/passkeys", new { state = begun["state"], credential = key.Create(begun["options"]!), name });
    }

    private static async Task<Answer> Ask(App app) => (await app.Caller(key: null).Post("/api/auth/sign-in/passkey/options")).ShouldBe(200);

    private static Task<Answer> Send(App app, Answer options, JsonObject credential) => app.Caller(key: null).Post("/api/auth/sign-in/passkey", new { state = options["state"], credential });

    private static async Task<Answer> SignIn(App app, SoftwareAuthenticator key)
    {
        var options = await Ask(app);
        return await Send(app, options, key.Get(options["options"]!));
    }
}
