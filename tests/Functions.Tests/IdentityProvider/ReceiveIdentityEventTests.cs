using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Audit;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Tests.IdentityProvider;

public sealed class ReceiveIdentityEventTests
{
    private static readonly byte[] Secret = RandomNumberGenerator.GetBytes(32);

    [Fact]
    public async Task A_user_there_is_an_account_here_through_its_whole_life_in_whatever_order_events_come()
    {
        var app = await Start();
        var (user, email) = (NewUser(), App.NewEmail());
        (await Deliver(app, "user.created", new { id = user, email, emailVerified = true, name = "Ada", version = 1 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        (await Deliver(app, "user.updated", new { id = user, email, emailVerified = true, name = "Ada Lovelace", version = 3 })).ShouldBe(200);
        (await Deliver(app, "user.updated", new { id = user, email, emailVerified = true, name = "Late", version = 2 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");

        var account = await Account(app, email);
        ((string?)account["name"]).Should().Be("Ada Lovelace");
        ((bool?)account["emailConfirmed"]).Should().BeTrue();

        var moved = App.NewEmail();
        (await Deliver(app, "user.updated", new { id = user, email = moved, emailVerified = true, name = "Ada", version = 4 })).ShouldBe(200);
        ((string?)(await Account(app, moved))["id"]).Should().Be((string?)account["id"]);

        (await Deliver(app, "user.deleted", new { id = user, version = 5 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        ((bool?)(await Account(app, moved))["disabled"]).Should().BeTrue();
        (await Deliver(app, "user.updated", new { id = user, email = moved, emailVerified = true, name = "Back", version = 4 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");

        var events = await new AuditTrail(app, (string)account["id"]!).Events();
        events.Select(happened => $"{happened["actor"]!["id"]} {happened["action"]}").Should().Equal(
            "identity-provider account.disabled", "identity-provider account.profileChanged", "identity-provider account.emailChanged", "identity-provider account.profileChanged", "identity-provider account.registered");
        string.Join("\n", events.Select(happened => happened.ToJsonString())).Should().NotContainAny(email, moved, "Lovelace");
    }

    [Fact]
    public async Task A_deletion_that_comes_first_is_not_undone_by_the_creation_behind_it()
    {
        var app = await Start();
        var (user, email) = (NewUser(), App.NewEmail());
        (await Deliver(app, "user.deleted", new { id = user, version = 2 })).ShouldBe(200);
        (await Deliver(app, "user.created", new { id = user, email, emailVerified = true, version = 1 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");
        (await app.Data.All("accounts")).Should().NotContain(account => (string?)account["email"] == email);
    }

    [Fact]
    public async Task Twenty_deliveries_of_one_event_at_once_make_one_account()
    {
        var app = await Start();
        var (user, email) = (NewUser(), App.NewEmail());

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Deliver(app, "user.created", new { id = user, email, emailVerified = true, version = 1 })));

        answers.Should().OnlyContain(answer => answer.Status == 200 || answer.Status == 503);
        answers.Count(answer => answer.Status == 200 && (string?)answer["outcome"] == "applied").Should().Be(1);
        (await app.Data.All("accounts")).Count(account => (string?)account["email"] == email).Should().Be(1);
    }

    [Fact]
    public async Task An_account_that_is_there_is_joined_only_when_both_sides_have_proven_the_address()
    {
        var app = await Start();
        var person = await Person.SignedUp(app);
        (await Deliver(app, "user.created", new { id = NewUser(), email = person.Email, emailVerified = false, name = "Thief", version = 1 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");
        ((string?)(await Account(app, person.Email))["name"]).Should().NotBe("Thief");

        (await Deliver(app, "user.created", new { id = NewUser(), email = person.Email, emailVerified = true, name = "Ada L.", version = 1 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        ((string?)(await Account(app, person.Email))["id"]).Should().Be(await person.Id());
        (await person.SignIn()).ShouldBe(200);
    }

    [Theory]
    [InlineData(-301)]
    [InlineData(301)]
    public async Task A_message_of_another_time_is_refused(int seconds)
    {
        var app = await Start();
        (await Deliver(app, "user.created", new { id = NewUser(), email = App.NewEmail(), version = 1 }, seconds)).ShouldBeRefused(401, "signature-invalid");
    }

    [Fact]
    public async Task A_wrong_signature_is_refused_and_one_right_one_among_several_is_enough()
    {
        var app = await Start();
        var body = JsonSerializer.SerializeToUtf8Bytes(new { type = "user.created", timestamp = await app.Cloud.Now(), data = new { id = NewUser(), email = App.NewEmail(), emailVerified = true, version = 1 } });
        var timestamp = (await app.Cloud.Now()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var (wrong, right) = (StandardWebhook.Sign(RandomNumberGenerator.GetBytes(32), "msg_1", timestamp, body), StandardWebhook.Sign(Secret, "msg_1", timestamp, body));

        (await Post(app, body, "msg_1", timestamp, wrong)).ShouldBeRefused(401, "signature-invalid");
        (await Post(app, body, "msg_2", timestamp, right)).ShouldBeRefused(401, "signature-invalid");
        (await Post(app, [.. body, (byte)' '], "msg_1", timestamp, right)).ShouldBeRefused(401, "signature-invalid");
        (await Post(app, body, "msg_1", timestamp, "")).ShouldBeRefused(401, "signature-invalid");
        (await Post(app, body, "msg_1", timestamp, $"v1a,xyz {wrong} {right}")).ShouldBe(200);
    }

    [Fact]
    public async Task A_signed_message_of_another_form_is_named()
    {
        var app = await Start();
        (await Deliver(app, "user.created", new { id = NewUser() })).ShouldBeRefused(400, "invalid-request", "/data/email");
        (await Deliver(app, "user.created", new { email = App.NewEmail() })).ShouldBeRefused(400, "invalid-request", "/data/id");
        (await Deliver(app, "session.created", new { id = "x", more = 1 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");
    }

    [Fact]
    public void The_signature_is_the_standards()
    {
        // The example of the specification's reference libraries.
        var secret = StandardWebhook.Secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")!;
        StandardWebhook.Sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", "{\"test\": 2432232314}"u8).Should().Be("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    [Fact]
    public async Task A_link_mailed_to_an_earlier_address_does_not_confirm_the_next_one()
    {
        var app = await Start();
        var (user, person, next) = (NewUser(), new Person(app, App.NewEmail()), App.NewEmail());
        (await Deliver(app, "user.created", new { id = user, email = person.Email, emailVerified = true, name = "Ada", version = 1 })).ShouldBe(200);
        (await app.Caller(key: null).Post("/api/auth/forgot-password", new { email = person.Email })).ShouldBe(202);
        var token = await person.LinkIn("reset-password");
        (await Deliver(app, "user.updated", new { id = user, email = next, emailVerified = false, name = "Ada", version = 2 })).ShouldBe(200);

        (await app.Caller(key: null).Post("/api/auth/reset-password", new { token, password = Person.FirstPassword })).ShouldBeRefused(422, "link-unusable");

        ((bool?)(await Account(app, next))["emailConfirmed"]).Should().NotBe(true);
    }

    [Fact]
    public async Task A_user_made_again_at_the_provider_takes_the_account_over()
    {
        var app = await Start();
        var (first, second, email) = (NewUser(), NewUser(), App.NewEmail());
        (await Deliver(app, "user.created", new { id = first, email, emailVerified = true, version = 1 })).ShouldBe(200);
        (await Deliver(app, "user.deleted", new { id = first, version = 2 })).ShouldBe(200);
        (await Deliver(app, "user.created", new { id = second, email, emailVerified = false, version = 3 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");
        (await Deliver(app, "user.created", new { id = second, email, emailVerified = true, version = 3 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        ((bool?)(await Account(app, email))["disabled"]).Should().NotBe(true);

        (await Deliver(app, "user.deleted", new { id = first, version = 9 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("ignored");
        ((bool?)(await Account(app, email))["disabled"]).Should().NotBe(true);
        (await Deliver(app, "user.deleted", new { id = second, version = 4 })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        ((bool?)(await Account(app, email))["disabled"]).Should().BeTrue();
    }

    [Fact]
    public async Task A_new_user_that_arrives_before_the_deletion_of_the_old_one_keeps_the_account_open()
    {
        var app = await Start();
        var (first, second, email) = (NewUser(), NewUser(), App.NewEmail());
        (await Deliver(app, "user.created", new { id = first, email, emailVerified = true, version = 1 })).ShouldBe(200);
        (await Deliver(app, "user.created", new { id = second, email, emailVerified = true, version = 3 })).ShouldBe(200);
        (await Deliver(app, "user.deleted", new { id = first, version = 2 })).ShouldBe(200);
        ((bool?)(await Account(app, email))["disabled"]).Should().NotBe(true);
        (await Deliver(app, "user.deleted", new { id = second, version = 4 })).ShouldBe(200);
        ((bool?)(await Account(app, email))["disabled"]).Should().BeTrue();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_account_that_staff_has_disabled_stays_so_for_the_next_user(bool beforeTheDeletion)
    {
        var app = await Start();
        var (first, second, email) = (NewUser(), NewUser(), App.NewEmail());
        (await Deliver(app, "user.created", new { id = first, email, emailVerified = true, version = 1 })).ShouldBe(200);
        var path = $"/api/accounts/{(await Account(app, email))["id"]}";

        if (beforeTheDeletion) { (await app.Admin.Patch(path, new { disabled = true }, "*")).ShouldBe(200); }
        (await Deliver(app, "user.deleted", new { id = first, version = 2 })).ShouldBe(200);
        if (!beforeTheDeletion) { (await app.Admin.Patch(path, new { disabled = true }, "*")).ShouldBe(200); }
        (await Deliver(app, "user.created", new { id = second, email, emailVerified = true, version = 3 })).ShouldBe(200);

        ((bool?)(await Account(app, email))["disabled"]).Should().BeTrue();
        (await app.Admin.Patch(path, new { disabled = false }, "*")).ShouldBe(200);
        ((bool?)(await Account(app, email))["disabled"]).Should().NotBe(true);
    }

    [Theory]
    [InlineData("verified", true)]
    [InlineData("unverified", false)]
    public async Task Clerks_body_and_headers_are_taken(string status, bool confirmed)
    {
        var app = await Start();
        var (user, email) = (NewUser(), App.NewEmail());
        var at = (await app.Cloud.Now()).ToUnixTimeMilliseconds();
        var other = new { id = "idn_2", email_address = App.NewEmail(), verification = new { status = "verified" } };
        var data = new { id = user, email_addresses = new[] { other, new { id = "idn_1", email_address = email, verification = new { status } } }, primary_email_address_id = "idn_1", first_name = "Ada", last_name = "Lovelace", updated_at = at };
        (await DeliverSvix(app, new { @object = "event", type = "user.created", timestamp = at, data })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        var account = await Account(app, email);
        ((string?)account["name"]).Should().Be("Ada Lovelace");
        ((bool?)account["emailConfirmed"] ?? false).Should().Be(confirmed);
        (await DeliverSvix(app, new { @object = "event", type = "user.deleted", timestamp = at + 1, data = new { id = user, deleted = true } })).ShouldBe(200)["outcome"]!.ToString().Should().Be("applied");
        ((bool?)(await Account(app, email))["disabled"]).Should().BeTrue();
    }

    [Theory]
    [InlineData("svix-id", "svix-timestamp", "webhook-signature")]
    [InlineData("svix-id", "svix-timestamp", "svix-signature", "webhook-id")]
    [InlineData("svix-id", "svix-timestamp")]
    public async Task Headers_of_two_sets_or_of_half_a_set_are_refused(params string[] names) =>
        (await DeliverSvix(await Start(), new { type = "session.created", timestamp = DateTimeOffset.UnixEpoch, data = new { id = "x" } }, names)).ShouldBeRefused(401, "signature-invalid");

    private static async Task<Answer> DeliverSvix(App app, object message, params string[] names)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(message);
        var (id, timestamp) = ("msg_" + Guid.NewGuid().ToString("N"), (await app.Cloud.Now()).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        var request = new HttpRequestMessage(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/webhooks/identity") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        foreach (var name in names is [] ? ["svix-id", "svix-timestamp", "svix-signature"] : names)
        {
            var value = name.EndsWith("-id", StringComparison.Ordinal) ? id : name.EndsWith("-timestamp", StringComparison.Ordinal) ? timestamp : StandardWebhook.Sign(Secret, id, timestamp, body);
            request.Headers.TryAddWithoutValidation(name, value);
        }
        return await app.Caller(key: null).Send(request);
    }

    private static async Task<App> Start()
    {
        var app = await App.Shared;
        using var request = app.ToVault(HttpMethod.Put, "/secrets/identity-webhook-secret", new { value = "whsec_" + Convert.ToBase64String(Secret) });
        (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode();
        return app;
    }

    private static string NewUser() => "user_" + Guid.NewGuid().ToString("N");

    private static async Task<JsonObject> Account(App app, string email) => (await app.Data.All("accounts")).Single(account => (string?)account["email"] == email);

    private static async Task<Answer> Deliver(App app, string type, object data, int off = 0)
    {
        var now = await app.Cloud.Now();
        var body = JsonSerializer.SerializeToUtf8Bytes(new { type, timestamp = now, data });
        var (id, timestamp) = ("msg_" + Guid.NewGuid().ToString("N"), (now.ToUnixTimeSeconds() + off).ToString(CultureInfo.InvariantCulture));
        return await Post(app, body, id, timestamp, StandardWebhook.Sign(Secret, id, timestamp, body));
    }

    private static Task<Answer> Post(App app, byte[] body, string id, string timestamp, string signature)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, app.Cloud.Endpoint("functions") + "/api/webhooks/identity") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.TryAddWithoutValidation("webhook-signature", signature);
        return app.Caller(key: null).Send(request);
    }
}
