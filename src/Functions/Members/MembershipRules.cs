using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Members;

/// <summary>
/// Who may become what at a customer, as pure functions over its document. A customer that has had an owner always has one; only an owner or staff make and unmake owners.
/// </summary>
internal static class MembershipRules
{
    /// <summary>The customer with the account in that role; this very customer when it has it already.</summary>
    public static (Customer? After, Problem? Refusal) Assign(Customer customer, string accountId, MemberRole role, IReadOnlyList<Role> callerRoles, string by, DateTimeOffset now)
    {
        var current = customer.Members.FirstOrDefault(member => member.AccountId == accountId);
        if (current?.Role == role) { return (customer, null); }
        if ((role == MemberRole.Owner || current?.Role == MemberRole.Owner) && !MayManageOwners(callerRoles)) { return (null, OwnersOnly()); }
        if (current?.Role == MemberRole.Owner && IsLastOwner(customer, accountId)) { return (null, Failures.LastOwner()); }
        if (current is null && customer.Members.Count >= Customer.MaxMembers) { return (null, Failures.TooManyMembers(Customer.MaxMembers)); }

        var member = current is null ? new Member(accountId, role, now, by) : current with { Role = role, AssignedAt = now, AssignedBy = by };
        return (customer with
        {
            Members = current is null ? [.. customer.Members, member] : [.. customer.Members.Select(other => other.AccountId == accountId ? member : other)],
            UpdatedAt = now,
            UpdatedBy = by,
        }, null);
    }

    /// <summary>The customer without the account; this very customer when it is no member. Whoever may not manage members may still leave.</summary>
    public static (Customer? After, Problem? Refusal) Remove(Customer customer, string accountId, IReadOnlyList<Role> callerRoles, string by, DateTimeOffset now)
    {
        if (accountId != by && !callerRoles.Any(role => Permissions.RolesFor(Permission.MembersWrite).Contains(role))) { return (null, Failures.Forbidden(Permissions.Name(Permission.MembersWrite))); }
        if (customer.Members.FirstOrDefault(member => member.AccountId == accountId) is not { } current) { return (customer, null); }
        if (current.Role == MemberRole.Owner && accountId != by && !MayManageOwners(callerRoles)) { return (null, OwnersOnly()); }
        if (IsLastOwner(customer, accountId)) { return (null, Failures.LastOwner()); }
        return (customer with { Members = [.. customer.Members.Where(member => member.AccountId != accountId)], UpdatedAt = now, UpdatedBy = by }, null);
    }

    public static Problem OwnersOnly() => Failures.ForbiddenHere("Only owners of the customer, and staff, make and unmake owners.");

    public static bool MayManageOwners(IReadOnlyList<Role> roles) => roles.Any(role => role is Role.Admin or Role.Operator or Role.CustomerOwner);

    private static bool IsLastOwner(Customer customer, string accountId) =>
        customer.Members.Any(member => member.AccountId == accountId && member.Role == MemberRole.Owner) && customer.Members.Count(member => member.Role == MemberRole.Owner) == 1;
}
