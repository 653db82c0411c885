using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Invitations;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>
/// Removes a person from a customer, or lets one leave; the person's next request finds the customer gone. The last
/// owner who can sign in stays. API keys and open invitations that the person made outlive the
/// membership unless the request revokes them too. A request that dies half-way is sent again: it revokes what is left
/// of somebody who is no member any more.
/// </summary>
internal static class RemoveMember
{
    public static async Task<Results<NoContent, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId,
        string accountId,
        string? whatIf,
        string? revokeKeys,
        string? revokeInvitations,
        CustomerInPath customer,
        Caller caller,
        CustomerStore store,
        AccountStore accounts,
        Holdings holdings,
        ApiKeyStore keys,
        TimeProvider clock,
        HttpRequest request,
        CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(request, whatIf, out var asked, out var unclear, (nameof(revokeKeys), revokeKeys), (nameof(revokeInvitations), revokeInvitations))) { return unclear; }
        var (takesKeys, takesInvitations) = (revokeKeys == "true", revokeInvitations == "true");
        if (!Ids.IsValid(accountId, "acc_")) { return Failures.NotFound("account"); }
        if (takesKeys && !caller.Principal.May(Permission.ApiKeysWrite, customer.Value)) { return Failures.Forbidden(Permissions.Name(Permission.ApiKeysWrite)); }
        if (takesInvitations && !caller.Principal.May(Permission.MembersWrite, customer.Value)) { return Failures.Forbidden(Permissions.Name(Permission.MembersWrite)); }

        var account = await accounts.Read(accountId, cancellation);
        for (Stored<Customer>? before = customer.Stored; before is { Value.DeletedAt: null }; before = await store.Read(customerId, cancellation))
        {
            var now = clock.GetUtcNow();
            var absent = Owners.IsOwner(before.Value, accountId) ? await Owners.Absent(before.Value, accounts, cancellation) : [];
            var (after, refusal) = MembershipRules.Remove(before.Value, accountId, [.. caller.Principal.RolesIn(before.Value)], caller.Id, now, absent);
            if (after is null) { return refusal!; }
            if (asked)
            {
                var all = await holdings.Keys(customerId, cancellation).Select(key => key.Value).ToListAsync(cancellation);
                return TypedResults.Ok(WhatIfResponse.Of(Effects.OfRemoving(before.Value, after, accountId, all, takesKeys, takesInvitations, now)));
            }
            if (await Write(before, after, accountId, account?.Value.Email, takesInvitations, caller, store, clock, cancellation) is null) { continue; }
            await Memberships.Leave(accountId, customerId, accounts, cancellation);
            if (takesKeys) { await RevokeKeys(customerId, accountId, caller, holdings, keys, clock, cancellation); }
            return TypedResults.NoContent();
        }
        return Failures.NotFound("customer");
    }

    /// <summary>The membership and the invitations go in one write; null when somebody else was faster.</summary>
    private static async Task<Stored<Customer>?> Write(
        Stored<Customer> before, Customer after, string accountId, string? address, bool takesInvitations, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        var (now, changed) = (clock.GetUtcNow(), after);
        if (!ReferenceEquals(after, before.Value))
        {
            changed = (address is null ? after : EmailProofs.Used(after, address)).RecordedMember("member.removed", accountId, before.Value, caller, clock);
        }
        foreach (var invitation in takesInvitations ? LeftBehind.Invitations(accountId, before.Value, now) : [])
        {
            changed = (InvitationRules.Without(changed, invitation.Id) with { UpdatedAt = now, UpdatedBy = caller.Id }).RecordedInvitation("member.invitationRevoked", invitation.Id, caller, clock);
        }
        return ReferenceEquals(changed, before.Value) ? before : await store.TryReplace(before, changed, cancellation);
    }

    /// <summary>
    /// Once the person is out, so that no other key comes meanwhile; and again until none is left, for a key may have
    /// made another one.
    /// </summary>
    private static async Task RevokeKeys(
        string customerId, string accountId, Caller caller, Holdings holdings, ApiKeyStore keys, TimeProvider clock, CancellationToken cancellation)
    {
        while (true)
        {
            var all = await holdings.Keys(customerId, cancellation).ToListAsync(cancellation);
            var left = LeftBehind.Keys(accountId, [.. all.Select(key => key.Value)], clock.GetUtcNow()).Select(key => key.Id).ToHashSet();
            if (left.Count == 0) { return; }
            foreach (var key in all.Where(key => left.Contains(key.Value.Id)))
            {
                var revoked = key.Value.Revoke(caller.Id, clock.GetUtcNow()).Recorded("apiKey.revoked", key.Value, caller, clock);
                await keys.TryReplace(key, revoked, cancellation);
            }
        }
    }
}
