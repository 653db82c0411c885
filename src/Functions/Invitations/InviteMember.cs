using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Invitations;

/// <param name="Email">Gets a link that is good for 48 hours.</param>
/// <param name="Role">What the person is to be.</param>
public sealed record InviteMemberRequest([property: Required] string? Email = null, [property: Required(ErrorMessage = "Expected owner, admin, member or viewer.")] MemberRole? Role = null);

/// <summary>
/// Invites somebody to a customer, by mail. Another invitation of the same address takes the place of the one before. The answer is the same whether the address has an account or not; one
/// without gets an account that nobody can use until the mail's link has set its password.
/// </summary>
internal static class InviteMember
{
    public static async Task<Results<Created<InvitationResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, InviteMemberRequest request, Caller caller, CustomerStore store, AccountStore accounts, SignInBudgets budgets, MailSender mail, NewIds ids, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email);
        if (checks.Refusal is { } invalid) { return invalid; }

        var email = AccountStore.NormalizeEmail(request.Email!);
        if (await budgets.Try(Budgets.Mail, email, context.Connection.RemoteIpAddress, cancellation) is { } tooMany) { return tooMany; }
        var account = await accounts.FindByEmail(email, cancellation);
        var id = ids.Invitation();
        for (Stored<Customer>? before = customer.Stored; before is { Value.DeletedAt: null }; before = await store.Read(customerId, cancellation))
        {
            if (before.Value.Members.Any(member => member.AccountId == account?.Value.Id)) { return Failures.AlreadyMember(); }
            var (after, refusal) = InvitationRules.Invite(before.Value, id, email, request.Role!.Value, [.. caller.Principal.RolesIn(before.Value)], caller.Id, clock.GetUtcNow());
            if (after is null) { return refusal!; }
            if (await store.TryReplace(before, after.RecordedInvitation("member.invited", id, caller, clock), cancellation) is not { } changed) { continue; }
            if (await Mail(account, email, changed.Value, id, caller, ids, accounts, clock, cancellation) is { } told) { mail.SendAfter(context, told); }
            return TypedResults.Created($"/api/customers/{customerId}/invitations/{id}", InvitationResponse.From(changed.Value.Invitations.Single(invitation => invitation.Id == id)));
        }
        return Failures.NotFound("customer");
    }

    /// <summary>Puts the mail in line; the account's id, or null when there is nobody to be told.</summary>
    private static async Task<string?> Mail(
        Stored<Account>? account, string email, Customer customer, string invitationId, Caller caller, NewIds ids, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        var mail = PendingMail.Of(MailTemplate.CustomerInvitation, email, clock, InvitationRules.Life) with { About = new MailSubject(customer.Id, customer.Name, invitationId) };
        if (account is null)
        {
            var stranger = Account.Start(ids.Account(), email, email, passwordHash: null, PlatformRole.Customer, caller.Id, clock.GetUtcNow()).WithMail(mail);
            if ((await accounts.TryAdd(stranger.Recorded(null, caller, clock), cancellation, flush: false)).Added is not null) { return stranger.Id; }
            // Somebody registered the address at this very moment.
            account = await accounts.FindByEmail(email, cancellation);
        }
        if (account is not { Value.Disabled: false }) { return null; }
        return (await accounts.Change(account, current => current.WithMail(mail), cancellation))?.Value.Id;
    }
}
