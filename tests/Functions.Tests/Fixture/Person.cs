using System.Text.Json.Nodes;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>Somebody with an account, at the keyboard: registers, reads mail, signs in.</summary>
internal sealed class Person(App app, string email)
{
    public const string FirstPassword = "correct horse battery staple";
    private static readonly TimeSpan MailTime = TimeSpan.FromSeconds(20);

    public string Email => email;

    /// <summary>The tokens of the last sign-in or refresh.</summary>
    public JsonObject Tokens { get; private set; } = [];

    public string AccessToken => (string)Tokens["accessToken"]!;

    /// <summary>Calls with the access token.</summary>
    public Api Api => app.Caller(AccessToken);

    /// <summary>The account's id.</summary>
    public async Task<string> Id() => (string)(await Api.Get("/api/auth/me")).ShouldBe(200)["id"]!;

    private Api Anyone => app.Caller(key: null);

    /// <summary>A customer's person, who is signed in. Made by the administrator: an address may register only so many accounts an hour.</summary>
    public static async Task<Person> SignedUp(App app)
    {
        var person = new Person(app, App.NewEmail());
        (await app.Admin.Post("/api/accounts", new { email = person.Email, name = "Ada Lovelace", password = FirstPassword })).ShouldBe(201);
        (await person.SignIn()).ShouldBe(200);
        return person;
    }

    /// <summary>Somebody who owns a customer, and that customer's path.</summary>
    public static async Task<(Person Owner, string Customer)> Owning(App app)
    {
        var owner = await SignedUp(app);
        var customer = (await owner.Api.Post($"/api/accounts/{await owner.Id()}/customers")).ShouldBe(201);
        return (owner, $"/api/customers/{customer["customerId"]}");
    }

    /// <summary>Somebody of the staff, made by the administrator; signed in, but without a second factor.</summary>
    public static async Task<Person> Staff(App app, string role)
    {
        var person = new Person(app, App.NewEmail());
        (await app.Admin.Post("/api/accounts", new { email = person.Email, name = "Grace Hopper", role, password = FirstPassword })).ShouldBe(201);
        (await person.SignIn()).ShouldBe(200);
        return person;
    }

    public async Task Register(string password = FirstPassword) => (await Anyone.Post("/api/auth/register", new { email, password, name = "Ada Lovelace" })).ShouldBe(202);

    public async Task Confirm(string password = FirstPassword) =>
        (await Anyone.Post("/api/auth/confirm-email", new { token = await LinkIn("confirm-email"), password })).ShouldBe(204);

    public Task<Answer> SignIn(string password = FirstPassword, string? code = null, string? recoveryCode = null) =>
        Keep(Anyone.Post("/api/auth/sign-in", new { email, password, code, recoveryCode }));

    public Task<Answer> SecondFactor(string challenge, string? code = null, string? recoveryCode = null) =>
        Keep(Anyone.Post("/api/auth/sign-in/second-factor", new { challenge, code, recoveryCode }));

    public Task<Answer> Refresh(string? token = null) => Keep(Anyone.Post("/api/auth/refresh", new { refreshToken = token ?? (string)Tokens["refreshToken"]! }));

    /// <summary>Sets up an authenticator app; staff may do nothing else before. Returns its key.</summary>
    public async Task<byte[]> SetUpSecondFactor()
    {
        var setup = (await Api.Post("/api/auth/second-factor")).ShouldBe(200);
        var bits = string.Concat(((string)setup["key"]!).Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        byte[] key = [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
        (await Api.Post("/api/auth/second-factor/confirm", new { code = Totp.Code(key, Totp.StepAt(await app.Cloud.Now())) })).ShouldBe(200);
        return key;
    }

    /// <summary>The link in the newest mail of this kind, once there are so many.</summary>
    public async Task<string> LinkIn(string template, int count = 1)
    {
        JsonArray mails = [];
        await Eventually.True(async () => (mails = await Mails(template)).Count >= count, MailTime, $"{count} mails '{template}' were to come");
        return (string?)mails[0]!["data"]!["token"] ?? "";
    }

    public async Task<JsonArray> Mails(string template) =>
        [.. JsonNode.Parse(await app.Cloud.Local.GetStringAsync($"/outbox?to={Uri.EscapeDataString(email)}"))!.AsArray().Where(mail => (string)mail!["template"]! == template).Select(mail => mail!.DeepClone())];

    private async Task<Answer> Keep(Task<Answer> call)
    {
        var answer = await call;
        if (answer.Status == 200) { Tokens = answer.Object; }
        return answer;
    }
}
