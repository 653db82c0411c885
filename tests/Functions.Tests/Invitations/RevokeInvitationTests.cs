namespace CustomerFunctions.Tests.Invitations;

public sealed class RevokeInvitationTests
{
    [Fact]
    public async Task One_that_is_taken_back_opens_nothing()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var guest = await Person.SignedUp(app);
        var invited = (await owner.Api.Post($"{customer}/invitations", new { email = guest.Email, role = "viewer" })).ShouldBe(201);
        var token = await guest.LinkIn("customer-invitation");

        (await owner.Api.Delete($"{customer}/invitations/{invited["id"]}")).ShouldBe(204);
        (await owner.Api.Delete($"{customer}/invitations/{invited["id"]}")).ShouldBe(204);

        (await app.Caller(key: null).Post("/api/auth/accept-invitation", new { token })).ShouldBeRefused(422, "link-unusable");
        (await guest.Api.Get(customer)).ShouldBeRefused(404, "not-found");
    }
}
