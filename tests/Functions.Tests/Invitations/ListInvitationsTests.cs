namespace CustomerFunctions.Tests.Invitations;

public sealed class ListInvitationsTests
{
    [Fact]
    public async Task Lists_those_that_wait_for_an_answer_each_address_once()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var (first, second) = (App.NewEmail(), App.NewEmail());

        foreach (var (email, role) in new[] { (first, "viewer"), (second, "member"), (first, "admin") }) { (await owner.Api.Post($"{customer}/invitations", new { email, role })).ShouldBe(201); }

        var open = (await owner.Api.Get($"{customer}/invitations")).ShouldBe(200)["value"]!.AsArray();
        open.Select(invitation => ((string)invitation!["email"]!, (string)invitation["role"]!)).Should().Equal((second, "member"), (first, "admin"));
        open.Should().OnlyContain(invitation => invitation!["expiresAt"]!.GetValue<DateTimeOffset>() - invitation["invitedAt"]!.GetValue<DateTimeOffset>() == TimeSpan.FromHours(48));
    }
}
