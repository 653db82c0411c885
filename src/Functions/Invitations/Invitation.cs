using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;

namespace CustomerFunctions.Invitations;

/// <summary>Somebody who is asked to become a member. It stands in the customer's document; the link is mailed, and what it is good for stands here only.</summary>
internal sealed record Invitation(string Id, string Email, MemberRole Role, DateTimeOffset InvitedAt, string InvitedBy, DateTimeOffset ExpiresAt);

/// <summary>An invitation that was not accepted yet.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Email">To whom it was sent.</param>
/// <param name="Role">What the person is to be.</param>
/// <param name="InvitedAt">When it was sent last.</param>
/// <param name="InvitedBy">By whom.</param>
/// <param name="ExpiresAt">Until when it can be accepted: 48 hours.</param>
public sealed record InvitationResponse(string Id, string Email, MemberRole Role, DateTimeOffset InvitedAt, string InvitedBy, DateTimeOffset ExpiresAt)
{
    internal static InvitationResponse From(Invitation invitation) => new(invitation.Id, invitation.Email, invitation.Role, invitation.InvitedAt, invitation.InvitedBy, invitation.ExpiresAt);
}

/// <summary>Who may be invited as what, as pure functions over the customer.</summary>
internal static class InvitationRules
{
    public const int MaxOpen = 50;
    public static readonly TimeSpan Life = TimeSpan.FromHours(48);

    /// <summary>The customer with the invitation; an earlier one of the same address is over then.</summary>
    public static (Customer? After, Problem? Refusal) Invite(Customer customer, string id, string email, MemberRole role, IReadOnlyList<Role> callerRoles, string by, DateTimeOffset now)
    {
        if (role == MemberRole.Owner && !MembershipRules.MayManageOwners(callerRoles)) { return (null, MembershipRules.OwnersOnly()); }
        var others = Open(customer, now).Where(other => !EmailProofs.SameMailbox(other.Email, email)).ToList();
        if (others.Count >= MaxOpen) { return (null, Failures.TooManyInvitations(MaxOpen)); }
        if (customer.Members.Count + others.Count >= Customer.MaxMembers) { return (null, Failures.TooManyMembers(Customer.MaxMembers)); }
        return (customer with { Invitations = [.. others, new Invitation(id, email, role, now, by, now + Life)], UpdatedAt = now, UpdatedBy = by }, null);
    }

    /// <summary>
    /// The customer with whoever accepts as a member, in the role of the invitation; this very customer when it is one already. Null when the invitation is over.
    /// </summary>
    public static Customer? Accept(Customer customer, string invitationId, string accountId, string email, DateTimeOffset now)
    {
        var invitation = Open(customer, now).FirstOrDefault(open => open.Id == invitationId && EmailProofs.SameMailbox(open.Email, email));
        if (customer.Members.Any(member => member.AccountId == accountId)) { return invitation is null ? customer : Without(customer, invitationId); }
        if (invitation is null || customer.Members.Count >= Customer.MaxMembers) { return null; }
        return Without(customer, invitationId) with { Members = [.. customer.Members, new Member(accountId, invitation.Role, now, invitation.InvitedBy)], UpdatedAt = now, UpdatedBy = accountId };
    }

    public static Customer Without(Customer customer, string invitationId) => customer with { Invitations = [.. customer.Invitations.Where(invitation => invitation.Id != invitationId)] };

    public static IEnumerable<Invitation> Open(Customer customer, DateTimeOffset now) => customer.Invitations.Where(invitation => invitation.ExpiresAt > now);
}
