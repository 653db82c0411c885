using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Invitations;

/// <summary>How people come to a customer who are not there yet.</summary>
internal static class InvitationsApi
{
    public static void MapInvitations(this IEndpointRouteBuilder app)
    {
        var invitations = app.MapGroup("/api/customers/{customerId}/invitations").WithTags("Members");
        invitations.MapPost("", InviteMember.Handle).WithName("InviteMember").Requires(Permission.MembersWrite).IsIdempotent()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(429);
        invitations.MapGet("", ListInvitations.Handle).WithName("ListInvitations").Requires(Permission.MembersRead).ProducesProblem(404);
        invitations.MapDelete("{invitationId}", RevokeInvitation.Handle).WithName("RevokeInvitation").Requires(Permission.MembersWrite).ProducesProblem(404);
        app.MapPost("/api/auth/accept-invitation", AcceptInvitation.Handle).WithName("AcceptInvitation").WithTags("Sign-in").IsOpen().ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
    }
}
