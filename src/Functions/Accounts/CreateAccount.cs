using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Accounts;

/// <param name="Email">Unique among accounts.</param>
/// <param name="Name">1 to 120 characters.</param>
/// <param name="Role">customer, sales_rep, operator or admin; customer when absent.</param>
/// <param name="Password">A password that works at once; without one an invitation is mailed, by which the person sets one.</param>
public sealed record CreateAccountRequest([property: Required] string? Email = null, [property: Required] string? Name = null, string? Role = null, string? Password = null);

/// <summary>Makes an account for somebody. The first administrator may do without a second factor.</summary>
internal static class CreateAccount
{
    private static readonly TimeSpan InvitationLife = TimeSpan.FromHours(48);

    public static async Task<Results<Created<AccountResponse>, Problem>> Handle(
        CreateAccountRequest request, Caller caller, AccountStore accounts, AdminRegister admins, Passwords passwords, HashingGate gate, MailSender mail, NewIds ids, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email);
        checks.Text("/name", request.Name, 120);
        var role = request.Role is null ? PlatformRole.Customer : PlatformRoles.Find(request.Role);
        if (role is null) { checks.Add("/role", "unknown-value", PlatformRoles.Expected); }
        if (request.Password is not null) { PasswordRules.Check(checks, "/password", request.Password, request.Email, request.Name); }
        if (checks.Refusal is { } invalid) { return invalid; }

        string? hash = null;
        if (request.Password is not null)
        {
            var (place, busy) = gate.TryEnter(context);
            if (place is null) { return busy!; }
            using var held = place;
            hash = await passwords.Hash(request.Password, place, cancellation);
        }
        var id = ids.Account();
        var account = Account.Start(
            id, AccountStore.NormalizeEmail(request.Email!), request.Name!.Trim(), hash, role!.Value, caller.Id, clock.GetUtcNow());
        // Whoever gives out a password vouches for the address.
        account = request.Password is null ? account.WithMail(PendingMail.Of(MailTemplate.Invitation, account.Email, clock, InvitationLife)) : account with { EmailConfirmed = true };
        if (account.Role == PlatformRole.Admin)
        {
            account = account with { IsFirstAdmin = await accounts.TryBecomeFirstAdmin(id, cancellation) };
            await admins.Enter(id, cancellation);
        }
        var (added, refusal) = await accounts.TryAdd(account.Recorded(null, caller, clock), cancellation);
        if (added is null) { return refusal!; }

        if (request.Password is null) { mail.SendAfter(context, id); }
        context.Response.Headers.ETag = added.ETag;
        return TypedResults.Created($"/api/accounts/{id}", AccountResponse.From(added.Value));
    }
}
