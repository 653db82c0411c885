using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Invitations;

/// <summary>Takes an invitation back; its link opens nothing any more. Taking back one that is not there changes nothing.</summary>
internal static class RevokeInvitation
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string invitationId, CustomerInPath customer, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        for (Stored<Customer>? before = customer.Stored; before is { Value.DeletedAt: null }; before = await store.Read(customerId, cancellation))
        {
            if (before.Value.Invitations.All(invitation => invitation.Id != invitationId)) { return TypedResults.NoContent(); }
            var after = InvitationRules.Without(before.Value, invitationId) with { UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
            if (await store.TryReplace(before, after.RecordedInvitation("member.invitationRevoked", invitationId, caller, clock), cancellation) is not null) { return TypedResults.NoContent(); }
        }
        return Failures.NotFound("customer");
    }
}
