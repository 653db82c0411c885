using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CustomerFunctions.Tests.SignIn;

public sealed class PasswordTests
{
    private const string NewPassword = "another long password";

    [Fact]
    public async Task A_changed_password_ends_the_other_sessions_and_is_told_by_mail()
    {
        var person = await Person.SignedUp(await App.Shared);
        var other = person.Api;
        (await person.SignIn()).ShouldBe(200);
        (await person.Api.Post("/api/auth/change-password", new { currentPassword = "wrong", newPassword = NewPassword })).ShouldBeRefused(400, "invalid-request", "/currentPassword");

        (await person.Api.Post("/api/auth/change-password", new { currentPassword = Person.FirstPassword, newPassword = NewPassword })).ShouldBe(204);

        (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        (await other.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.SignIn()).ShouldBeRefused(401, "sign-in-failed");
        (await person.SignIn(NewPassword)).ShouldBe(200);
        await person.LinkIn("password-changed");
    }

    [Fact]
    public async Task A_forgotten_password_is_set_anew_once_by_a_mailed_link()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var anyone = app.Caller(key: null);
        (await anyone.Post("/api/auth/forgot-password", new { email = person.Email })).ShouldBe(202);
        (await anyone.Post("/api/auth/forgot-password", new { email = App.NewEmail() })).ShouldBe(202);
        var token = await person.LinkIn("reset-password");

        (await anyone.Post("/api/auth/reset-password", new { token, password = NewPassword })).ShouldBe(204);

        (await anyone.Post("/api/auth/reset-password", new { token, password = NewPassword })).ShouldBeRefused(422, "link-unusable");
        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.SignIn(NewPassword)).ShouldBe(200);
    }

    [Fact]
    public async Task A_link_for_a_new_password_is_good_for_ten_minutes()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        (await app.Caller(key: null).Post("/api/auth/forgot-password", new { email = person.Email })).ShouldBe(202);
        var token = await person.LinkIn("reset-password");
        await app.Cloud.Advance(TimeSpan.FromMinutes(10));

        (await app.Caller(key: null).Post("/api/auth/reset-password", new { token, password = NewPassword })).ShouldBeRefused(422, "link-unusable");
    }

    [Fact]
    public void A_hash_is_PBKDF2_with_SHA512_and_enough_iterations()
    {
        var bytes = Convert.FromBase64String(new Passwords().HashNow("x"));
        bytes[0].Should().Be(1, "that is Identity's third format");
        bytes[1..5].Should().Equal([0, 0, 0, 2], "that is HMAC-SHA512");
        System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5)).Should().BeGreaterThanOrEqualTo(210_000);
    }

    [Fact]
    public void A_weaker_hash_is_accepted_once_more_and_renewed()
    {
        var weak = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 10_000 })).HashPassword(null!, "x");
        var account = Account.Start("acc_1", "a@example.com", "Ada", weak, PlatformRole.Customer, "acc_1", DateTimeOffset.UnixEpoch);
        new Passwords().VerifyNow(account, "x").Should().Be((true, true));
        new Passwords().VerifyNow(account, "y").Matches.Should().BeFalse();
        new Passwords().VerifyNow(null, "x").Matches.Should().BeFalse();
    }

    [Fact]
    public async Task A_password_is_the_same_however_its_characters_are_composed()
    {
        var app = await App.Shared;
        const string Composed = "caf\u00e9 au lait \u00fcber alles", Decomposed = "cafe\u0301 au\u00a0lait u\u0308ber alles";
        var email = App.NewEmail();
        (await app.Admin.Post("/api/accounts", new { email, name = "Ada Lovelace", password = Composed })).ShouldBe(201);

        (await app.Caller(key: null).Post("/api/auth/sign-in", new { email, password = Decomposed })).ShouldBe(200);
    }

    [Fact]
    public void A_hash_of_what_was_typed_before_passwords_were_composed_is_accepted_and_renewed()
    {
        const string Decomposed = "cafe\u0301 au lait";
        var typed = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 210_000 })).HashPassword(null!, Decomposed);
        var account = Account.Start("acc_1", "a@example.com", "Ada", typed, PlatformRole.Customer, "acc_1", DateTimeOffset.UnixEpoch);

        new Passwords().VerifyNow(account, Decomposed).Should().Be((true, true));
        new Passwords().VerifyNow(account, "cafe au lait").Matches.Should().BeFalse();
    }

    [Theory]
    [InlineData("seven 7", "too-short")]
    [InlineData("\U0001f511\U0001f511\U0001f511\U0001f511\U0001f511\U0001f511\U0001f511", "too-short")]
    [InlineData("u\u0308u\u0308u\u0308u\u0308u\u0308u\u0308u\u0308", "too-short")]
    [InlineData("tab\tin the middle", "control-character")]
    [InlineData("\U0001f511\U0001f40e\U0001f50b\U0001f4ce\U0001f335\U0001f6f6\U0001f9ca\U0001f9f2", null)]
    [InlineData("  spaces stay  ", null)]
    public void A_password_is_as_long_as_it_has_characters_when_it_is_composed(string password, string? code)
    {
        var checks = new Checks();
        PasswordRules.Check(checks, "/password", password, email: null, name: null);
        (checks.Refusal?.Errors?.Single().Code).Should().Be(code);
    }
}
