using CustomerFunctions.Accounts;
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
        var bytes = Convert.FromBase64String(new Passwords().Hash("x"));
        bytes[0].Should().Be(1, "that is Identity's third format");
        bytes[1..5].Should().Equal([0, 0, 0, 2], "that is HMAC-SHA512");
        System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(5)).Should().BeGreaterThanOrEqualTo(210_000);
    }

    [Fact]
    public void A_weaker_hash_is_accepted_once_more_and_renewed()
    {
        var weak = new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = 10_000 })).HashPassword(null!, "x");
        var account = Account.Start("acc_1", "a@example.com", "Ada", weak, PlatformRole.Customer, "acc_1", DateTimeOffset.UnixEpoch);
        new Passwords().Verify(account, "x").Should().Be((true, true));
        new Passwords().Verify(account, "y").Matches.Should().BeFalse();
        new Passwords().Verify(null, "x").Matches.Should().BeFalse();
    }
}
