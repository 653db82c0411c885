using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Invitations;

/// <summary>All invitations of a customer that can still be accepted: one page, there are at most <see cref="InvitationRules.MaxOpen"/>.</summary>
internal static class ListInvitations
{
    public static Ok<PageOf<InvitationResponse>> Handle(string customerId, CustomerInPath customer, TimeProvider clock) =>
        TypedResults.Ok(new PageOf<InvitationResponse>([.. InvitationRules.Open(customer.Value, clock.GetUtcNow()).Select(InvitationResponse.From)], NextLink: null));
}
