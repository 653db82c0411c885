using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Members;

/// <summary>
/// Who may become what at a customer, as pure functions over its document. A customer that has had an owner always has
/// one, and keeps one who can sign in; only an owner or staff make and unmake owners. Staff
/// add people; everybody else changes those who are there, and new ones come by invitation.
/// </summary>
internal static class MembershipRules
{
    /// <summary>The customer with the account in that role; this very customer when it has it already.</summary>
    /// <param name="customer">The customer as it is.</param>
    /// <param name="accountId">Whose role.</param>
    /// <param name="role">Which.</param>
    /// <param name="callerRoles">What the caller is to the customer.</param>
    /// <param name="by">The caller.</param>
    /// <param name="now">Now.</param>
    /// <param name="absent">Owners who cannot sign in; see <see cref="Owners.Absent"/>.</param>
    public static (Customer? After, Problem? Refusal) Assign(
        Customer customer, string accountId, MemberRole role, IReadOnlyList<Role> callerRoles, string by, DateTimeOffset now, IReadOnlyCollection<string> absent)
    {
        var current = customer.Members.FirstOrDefault(member => member.AccountId == accountId);
        // The same words for an account that is somebody else's and for one that is not there: nobody finds out which
        // ids there are.
        if (current is null && !callerRoles.Any(known => known is Role.Admin or Role.Operator)) { return (null, Failures.NotFound("member")); }
        if (current?.Role == role) { return (customer, null); }
        if ((role == MemberRole.Owner || current?.Role == MemberRole.Owner) && !MayManageOwners(callerRoles)) { return (null, OwnersOnly()); }
        if (current?.Role == MemberRole.Owner && IsLastOwner(customer, accountId, absent)) { return (null, Failures.LastOwner()); }
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
    public static (Customer? After, Problem? Refusal) Remove(
        Customer customer, string accountId, IReadOnlyList<Role> callerRoles, string by, DateTimeOffset now, IReadOnlyCollection<string> absent)
    {
        if (accountId != by && !callerRoles.Any(role => Permissions.RolesFor(Permission.MembersWrite).Contains(role))) { return (null, Failures.Forbidden(Permissions.Name(Permission.MembersWrite))); }
        if (customer.Members.FirstOrDefault(member => member.AccountId == accountId) is not { } current) { return (customer, null); }
        if (current.Role == MemberRole.Owner && accountId != by && !MayManageOwners(callerRoles)) { return (null, OwnersOnly()); }
        if (IsLastOwner(customer, accountId, absent)) { return (null, Failures.LastOwner()); }
        return (customer with { Members = [.. customer.Members.Where(member => member.AccountId != accountId)], UpdatedAt = now, UpdatedBy = by }, null);
    }

    public static Problem OwnersOnly() => Failures.ForbiddenHere("Only owners of the customer, and staff, make and unmake owners.");

    public static bool MayManageOwners(IReadOnlyList<Role> roles) => roles.Any(role => role is Role.Admin or Role.Operator or Role.CustomerOwner);

    /// <summary>
    /// Whether no owner would be left without this one, or none who can sign in although this one can.
    /// </summary>
    private static bool IsLastOwner(Customer customer, string accountId, IReadOnlyCollection<string> absent)
    {
        if (!Owners.IsOwner(customer, accountId)) { return false; }
        var others = customer.Members.Where(member => member.Role == MemberRole.Owner && member.AccountId != accountId).ToList();
        return others.Count == 0 || (!absent.Contains(accountId) && others.All(other => absent.Contains(other.AccountId)));
    }
}
