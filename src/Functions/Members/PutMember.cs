using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <param name="Role">What the person is to be.</param>
public sealed record PutMemberRequest([property: Required(ErrorMessage = "Expected owner, admin, member or viewer.")] MemberRole? Role = null);

/// <summary>
/// Changes what a member is; staff also make any account a member. It counts from the person's next request on. Of an
/// account that is no member the caller learns nothing, not even whether there is one. The account learns of the
/// customer first: an entry there that the customer does not confirm means nothing,
/// while a member whose account does not know of it would not find its way.
/// </summary>
internal static class PutMember
{
    public static async Task<Results<Ok<MemberResponse>, Created<MemberResponse>, Problem>> Handle(
        string customerId, string accountId, CustomerInPath customer, PutMemberRequest request, Caller caller, CustomerStore store, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        var role = request.Role!.Value;
        Stored<Account>? account = null;
        Stored<Customer>? before = customer.Stored;
        for (var entered = false; before is { Value.DeletedAt: null };)
        {
            var absent = role != MemberRole.Owner && Owners.IsOwner(before.Value, accountId) ? await Owners.Absent(before.Value, accounts, cancellation) : [];
            var (after, refusal) = MembershipRules.Assign(before.Value, accountId, role, [.. caller.Principal.RolesIn(before.Value)], caller.Id, clock.GetUtcNow(), absent);
            if (after is null) { return refusal!; }
            account ??= Ids.IsValid(accountId, "acc_") ? await accounts.Read(accountId, cancellation) : null;
            if (account is null && before.Value.Members.All(member => member.AccountId != accountId)) { return Failures.NotFound("account"); }
            if (!entered && account is not null && await Memberships.Enter(account, customerId, accounts, cancellation) is { } full) { return full; }
            entered = true;
            if (ReferenceEquals(after, before.Value)) { return TypedResults.Ok(Answer(before, account?.Value)); }
            if (await store.TryReplace(before, after.RecordedMember("member.assigned", accountId, before.Value, caller, clock), cancellation) is { } changed)
            {
                var isNew = before.Value.Members.All(member => member.AccountId != accountId);
                return isNew ? TypedResults.Created((string?)null, Answer(changed, account?.Value)) : TypedResults.Ok(Answer(changed, account?.Value));
            }
            before = await store.Read(customerId, cancellation);
        }
        return Failures.NotFound("customer");

        MemberResponse Answer(Stored<Customer> stored, Account? person) => MemberResponse.From(stored.Value.Members.Single(member => member.AccountId == accountId), person);
    }
}
