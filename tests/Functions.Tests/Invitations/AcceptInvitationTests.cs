namespace CustomerFunctions.Tests.Invitations;

public sealed class AcceptInvitationTests
{
    private const string Template = "customer-invitation";

    [Fact]
    public async Task Somebody_without_an_account_sets_a_password_by_the_mail_and_is_a_member()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var guest = new Person(app, App.NewEmail());

        var invited = (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "admin" })).ShouldBe(201);
        var token = await guest.LinkIn(Template);
        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token })).ShouldBeRefused(400, "invalid-request", "/password");
        var accepted = (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token, password = Person.FirstPassword, name = "Grace Hopper" })).ShouldBe(200);

        ((string)accepted["role"]!).Should().Be("admin");
        (await guest.SignIn()).ShouldBe(200);
        (await guest.Api.Get($"{customer}/members")).ShouldBe(200)["value"]!.AsArray().Select(member => (string)member!["name"]!).Should().Equal("Ada Lovelace", "Grace Hopper");
        (await owner.Api.Get($"{customer}/invitations")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token, password = "another one, quite long" })).ShouldBeRefused(422, "link-unusable");
        ((string)invited["email"]!).Should().Be(guest.Email);
    }

    [Fact]
    public async Task Somebody_with_an_account_accepts_by_the_link_alone()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var guest = await Person.SignedUp(app);

        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email.ToUpperInvariant(), role = "viewer" })).ShouldBe(201);
        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token = await guest.LinkIn(Template) })).ShouldBe(200);

        (await guest.Api.Get(customer)).ShouldBe(200);
        (await guest.Api.Post($"{customer}/invitations", new { email = App.NewEmail(), role = "viewer" })).ShouldBeRefused(403, "forbidden");
        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "admin" })).ShouldBeRefused(409, "already-member");
    }

    [Fact]
    public async Task A_password_that_was_registered_with_a_strangers_address_does_not_survive_the_invitation()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var guest = new Person(app, App.NewEmail());
        await guest.Register("a squatter's password");

        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "owner" })).ShouldBe(201);
        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token = await guest.LinkIn(Template), password = Person.FirstPassword })).ShouldBe(200);

        (await guest.SignIn("a squatter's password")).ShouldBeRefused(401, "sign-in-failed");
        (await guest.SignIn()).ShouldBe(200);
    }

    [Fact]
    public async Task An_invitation_is_good_for_48_hours()
    {
        await using var app = await App.StartWithoutSchedules();
        var (owner, customer) = await Person.Owning(app);
        var guest = await Person.SignedUp(app);
        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "viewer" })).ShouldBe(201);
        var token = await guest.LinkIn(Template);

        await app.Cloud.Advance(TimeSpan.FromHours(48));

        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token })).ShouldBeRefused(422, "link-unusable");
    }
}
