using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Invitations;

/// <param name="Token">From the mail.</param>
/// <param name="Password">Needed as long as nobody has confirmed the address: the mail proves it, and a password that somebody registered before does not count.</param>
/// <param name="Name">The person's name; 1 to 120 characters. Taken together with a password only.</param>
public sealed record AcceptInvitationRequest([property: Required] string? Token = null, string? Password = null, string? Name = null);

/// <summary>Where the person belongs now.</summary>
public sealed record AcceptedInvitation(string CustomerId, string Name, MemberRole Role);

/// <summary>
/// Makes whoever got the mail a member. The account's index comes first, then the customer, then the link is used up: a request that dies half-way may be sent again. Nobody is signed in by it.
/// </summary>
internal static class AcceptInvitation
{
    public static async Task<Results<Ok<AcceptedInvitation>, Problem>> Handle(
        AcceptInvitationRequest request, AccountStore accounts, CustomerStore customers, MailedLinks links, Passwords passwords, HashingGate gate, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/token", request.Token, 4096);
        checks.Text("/name", request.Name, 120);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (place, busy) = gate.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        var (link, unusable) = await links.Try(request.Token!, [MailTemplate.CustomerInvitation], context, cancellation);
        if (link is null) { return unusable!; }
        var (account, ticket) = (link.Account, link.Ticket);
        if (account.Value.Links.Single(link => link.MailId == ticket.MailId).About is not { ThingId: { } invitationId } about) { return Failures.LinkUnusable(); }
        if (!account.Value.EmailConfirmed) { PasswordRules.Check(checks, "/password", request.Password, account.Value.Email, request.Name ?? account.Value.Name); }
        if (checks.Refusal is { } weak) { return weak; }
        var hash = account.Value.EmailConfirmed ? null : await passwords.Hash(request.Password!, place, cancellation);

        if (await customers.Read(about.CustomerId, cancellation) is not { Value.DeletedAt: null } customer) { return Failures.LinkUnusable(); }
        if (InvitationRules.Accept(customer.Value, invitationId, account.Value.Id, account.Value.Email, clock.GetUtcNow()) is null) { return Failures.LinkUnusable(); }
        if (await Memberships.Enter(account, about.CustomerId, accounts, cancellation) is { } full) { return full; }
        if (await Join(customer, invitationId, account.Value, customers, clock, context, cancellation) is not { } joined) { return Failures.LinkUnusable(); }

        await accounts.Change(
            account,
            current => MailedLinks.Use(current, ticket) is not { } used ? null
                : hash is null || used.EmailConfirmed ? used
                : (used.WithPassword(hash, keepSession: null) with { EmailConfirmed = true, Name = request.Name?.Trim() ?? used.Name })
                    .Recorded(current, AccountEvents.Themselves(current.Id, context), clock, AccountEvents.Reset),
            cancellation);
        link.Succeeded();
        var member = joined.Value.Members.Single(member => member.AccountId == account.Value.Id);
        return TypedResults.Ok(new AcceptedInvitation(joined.Value.Id, joined.Value.Name, member.Role));
    }

    private static async Task<Stored<Customer>?> Join(
        Stored<Customer> customer, string invitationId, Account account, CustomerStore customers, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var caller = new Caller(new Principal(PrincipalKind.Person, account.Id, Role: null), context);
        for (Stored<Customer>? before = customer; before is { Value.DeletedAt: null }; before = await customers.Read(customer.Value.Id, cancellation))
        {
            if (InvitationRules.Accept(before.Value, invitationId, account.Id, account.Email, clock.GetUtcNow()) is not { } after) { return null; }
            if (ReferenceEquals(after, before.Value)) { return before; }
            if (await customers.TryReplace(before, after.RecordedMember("member.joined", account.Id, before.Value, caller, clock), cancellation) is { } joined) { return joined; }
        }
        return null;
    }
}
