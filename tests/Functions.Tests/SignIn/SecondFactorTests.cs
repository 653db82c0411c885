using System.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.SignIn;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.SignIn;

public sealed class SecondFactorTests
{
    /// <summary>Appendix B of RFC 6238, for SHA-1; its codes have eight digits, of which six are the end.</summary>
    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    [InlineData(20000000000, "353130")]
    public void Codes_are_those_of_the_RFC(long seconds, string code) =>
        Totp.Code(Encoding.ASCII.GetBytes("12345678901234567890"), Totp.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds))).Should().Be(code);

    [Fact]
    public void A_code_is_good_for_its_step_and_its_neighbours_and_never_twice() => Generated.Check(
        from instant in Generated.Instant() from off in Gen.Choose(-4, 4) select (instant, off),
        given =>
        {
            var key = Encoding.ASCII.GetBytes("12345678901234567890");
            var step = Totp.StepAt(given.instant) + given.off;
            Totp.Match(key, Totp.Code(key, step), given.instant, lastStep: long.MinValue).HasValue.Should().Be(Math.Abs(given.off) <= 1);
            Totp.Match(key, Totp.Code(key, step), given.instant, lastStep: step).Should().BeNull();
        });

    [Fact]
    public async Task With_a_second_factor_the_password_alone_is_not_enough()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var other = person.Api;
        (await person.SignIn()).ShouldBe(200);
        var (key, recoveryCodes) = await SetUp(app, person);
        (await other.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.Api.Get("/api/auth/me")).ShouldBe(200);

        var challenge = (string)(await person.SignIn()).ShouldBeRefused(401, "second-factor-required")["challenge"]!;
        (await person.SecondFactor(challenge, await CodeNow(app, key))).ShouldBeRefused(401, "second-factor-failed");
        await app.Cloud.Advance(TimeSpan.FromSeconds(30));
        (await person.SecondFactor(challenge, await CodeNow(app, key))).ShouldBe(200);
        (await person.SignIn(code: await CodeNow(app, key))).ShouldBeRefused(401, "second-factor-failed");

        (await person.SignIn(recoveryCode: (string)recoveryCodes[0]!)).ShouldBe(200);
        (await person.SignIn(recoveryCode: (string)recoveryCodes[0]!)).ShouldBeRefused(401, "second-factor-failed");
        (await person.SignIn(recoveryCode: ((string)recoveryCodes[1]!).ToUpperInvariant())).ShouldBe(200);
    }

    [Fact]
    public async Task After_five_wrong_codes_no_code_is_looked_at_for_a_while()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var (key, _) = await SetUp(app, person);
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        var challenge = (string)(await person.SignIn()).ShouldBeRefused(401, "second-factor-required")["challenge"]!;
        for (var i = 0; i < 5; i++) { (await person.SecondFactor(challenge, "000000x")).ShouldBeRefused(401, "second-factor-failed"); }

        (await person.SecondFactor(challenge, await CodeNow(app, key))).ShouldBeRefused(429, "too-many-attempts").Headers.RetryAfter.Should().NotBeNull();

        await app.Cloud.Advance(TimeSpan.FromMinutes(15));
        (await person.SignIn(code: await CodeNow(app, key))).ShouldBe(200);
    }

    [Fact]
    public async Task Staff_can_do_nothing_before_it_has_a_second_factor_and_keeps_it()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.Staff(app, "operator");
        ((bool?)person.Tokens["secondFactorSetupRequired"]).Should().BeTrue();
        (await person.Api.Get("/api/customers")).ShouldBeRefused(403, "second-factor-setup-required");

        await SetUp(app, person);

        (await person.Api.Get("/api/customers")).ShouldBe(200);
        (await person.Api.Delete("/api/auth/second-factor")).ShouldBeRefused(409, "second-factor-state");
        (await person.Api.Get("/api/customers")).ShouldBe(200);
    }

    [Fact]
    public async Task A_new_password_by_mail_does_not_go_around_the_second_factor()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await SetUp(app, person);
        (await app.Caller(key: null).Post("/api/auth/forgot-password", new { email = person.Email })).ShouldBe(202);
        (await app.Caller(key: null).Post("/api/auth/reset-password", new { token = await person.LinkIn("reset-password"), password = "another long password" })).ShouldBe(204);

        (await person.SignIn("another long password")).ShouldBeRefused(401, "second-factor-required");
    }

    [Fact]
    public async Task An_old_sign_in_is_not_enough_to_change_how_one_signs_in()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await app.Cloud.Advance(TimeSpan.FromMinutes(11));
        (await person.Api.Post("/api/auth/second-factor")).ShouldBeRefused(403, "verification-required");
    }

    private static async Task<(byte[] Key, JsonArray RecoveryCodes)> SetUp(App app, Person person)
    {
        var setup = (await person.Api.Post("/api/auth/second-factor")).ShouldBe(200);
        var key = Bytes((string)setup["key"]!);
        ((string?)setup["uri"]).Should().StartWith("otpauth://totp/").And.Contain("secret=" + setup["key"]);
        (await person.Api.Post("/api/auth/second-factor/confirm", new { code = "x" })).ShouldBeRefused(400, "invalid-request", "/code");
        var confirmed = (await person.Api.Post("/api/auth/second-factor/confirm", new { code = await CodeNow(app, key) })).ShouldBe(200);
        return (key, confirmed["recoveryCodes"]!.AsArray());
    }

    private static async Task<string> CodeNow(App app, byte[] key) => Totp.Code(key, Totp.StepAt(await app.Cloud.Now()));

    private static byte[] Bytes(string base32)
    {
        var bits = string.Concat(base32.Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. bits.Chunk(8).Where(eight => eight.Length == 8).Select(eight => Convert.ToByte(new string(eight), 2))];
    }
}
