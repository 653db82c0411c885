namespace CustomerFunctions.Tests.Invitations;

public sealed class InviteMemberTests
{
    [Fact]
    public async Task Only_owners_invite_owners_and_nobody_can_tell_who_has_an_account()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var (admin, known) = (await Person.SignedUp(app), await Person.SignedUp(app));
        (await app.Admin.Put($"{customer}/members/{await admin.Id()}", new { role = "admin" })).ShouldBe(201);

        (await admin.Api.Post($"{customer}/invitations", new { email = App.NewEmail(), role = "owner" })).ShouldBeRefused(403, "forbidden");
        var ofKnown = (await owner.Api.Post($"{customer}/invitations", new { email = known.Email, role = "member" })).ShouldBe(201).Object;
        var ofUnknown = (await owner.Api.Post($"{customer}/invitations", new { email = App.NewEmail(), role = "member" })).ShouldBe(201).Object;
        ofKnown.Select(property => property.Key).Should().Equal(ofUnknown.Select(property => property.Key));
    }

    [Fact]
    public async Task Another_invitation_takes_the_place_of_the_one_before()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var guest = await Person.SignedUp(app);

        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "viewer" })).ShouldBe(201);
        var first = await guest.LinkIn("customer-invitation");
        (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "admin" })).ShouldBe(201);
        var second = await guest.LinkIn("customer-invitation", count: 2);

        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token = first })).ShouldBeRefused(422, "link-unusable");
        ((string)(await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token = second })).ShouldBe(200)["role"]!).Should().Be("admin");
    }
}
