using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Takes a person out of a customer, or lets one leave; the person's next request finds the customer gone. The last owner stays.</summary>
internal static class RemoveMember
{
    public static async Task<Results<NoContent, Problem>> Handle(
        string customerId, string accountId, CustomerInPath customer, Caller caller, CustomerStore store, AccountStore accounts, CustomerCache cache, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_")) { return Failures.NotFound("account"); }
        for (Stored<Customer>? before = customer.Stored; before is { Value.DeletedAt: null }; before = await store.Read(customerId, cancellation))
        {
            var (after, refusal) = MembershipRules.Remove(before.Value, accountId, [.. caller.Principal.RolesIn(before.Value)], caller.Id, clock.GetUtcNow());
            if (after is null) { return refusal!; }
            var changed = ReferenceEquals(after, before.Value) ? before : await store.TryReplace(before, after.RecordedMember("member.removed", accountId, before.Value, caller, clock), cancellation);
            if (changed is null) { continue; }
            cache.Remember(changed);
            await Memberships.Leave(accountId, customerId, accounts, cancellation);
            return TypedResults.NoContent();
        }
        return Failures.NotFound("customer");
    }
}
