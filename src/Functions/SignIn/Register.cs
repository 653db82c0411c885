using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <param name="Email">Gets a mail, whoever has it.</param>
/// <param name="Password">8 to 128 characters; 15 or more are advised.</param>
/// <param name="Name">1 to 120 characters.</param>
public sealed record RegisterRequest([property: Required] string? Email = null, [property: Required] string? Password = null, [property: Required] string? Name = null);

/// <summary>
/// Makes an account. Whether the address has one already is told by mail, not by the answer. As long as nobody has confirmed the address, the last who registered it counts: whoever
/// confirms has to know the password that was registered with, so nobody confirms a stranger's registration.
/// </summary>
internal static class Register
{
    private static readonly TimeSpan LinkLife = TimeSpan.FromHours(24);

    public static async Task<Results<Accepted, Problem>> Handle(
        RegisterRequest request, AccountStore accounts, Passwords passwords, HashingGate gate, MailSender mail, SignInBudgets budgets, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Email("/email", request.Email);
        checks.Text("/name", request.Name, 120);
        PasswordRules.Check(checks, "/password", request.Password, request.Email, request.Name);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (place, busy) = gate.TryEnter(context);
        if (place is null) { return busy!; }
        using var held = place;
        var email = AccountStore.NormalizeEmail(request.Email!);
        var address = context.Connection.RemoteIpAddress;
        var tooMany = await budgets.Try(Budgets.Registration, address, cancellation) ?? await budgets.Try(Budgets.Mail, email, address, cancellation);
        if (tooMany is not null) { return tooMany; }
        var existing = await accounts.FindByEmail(email, cancellation);
        var hash = await passwords.Hash(request.Password!, place, cancellation);
        var account = existing is null ? await Add(email, hash, request, accounts, clock, context, cancellation) : await Tell(existing, hash, request, accounts, clock, context, cancellation);
        if (account is not null) { mail.SendAfter(context, account.Id); }
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Account?> Add(
        string email, string hash, RegisterRequest request, AccountStore accounts, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var id = Ids.Account(clock);
        var account = Account.Start(id, email, request.Name!.Trim(), hash, PlatformRole.Customer, id, clock.GetUtcNow()).WithMail(PendingMail.Of(MailTemplate.ConfirmEmail, email, clock, LinkLife));
        // Refused when somebody else registers the address at this very moment; that one gets the mail.
        return (await accounts.TryAdd(account.Recorded(null, AccountEvents.Themselves(id, context), clock), cancellation, flush: false)).Added?.Value;
    }

    private static async Task<Account?> Tell(
        Stored<Account> existing, string hash, RegisterRequest request, AccountStore accounts, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        // A new account costs one request more than a change of one.
        await accounts.PretendToReplace(cancellation);
        var changed = await accounts.Change(
            existing,
            account => account.EmailConfirmed
                ? account.Mail.Any(mail => mail.Template == MailTemplate.AlreadyRegistered) ? account : account.WithMail(PendingMail.Of(MailTemplate.AlreadyRegistered, account.Email, clock))
                : Again(account, hash, request, clock).Recorded(account, AccountEvents.Themselves(account.Id, context), clock),
            cancellation,
            flush: false);
        return changed?.Value;
    }

    /// <summary>Whoever registers last may confirm: nobody has proven the address yet.</summary>
    private static Account Again(Account account, string hash, RegisterRequest request, TimeProvider clock) =>
        account.WithPassword(hash, keepSession: null).WithMail(PendingMail.Of(MailTemplate.ConfirmEmail, account.Email, clock, LinkLife)) with { Name = request.Name!.Trim() };
}
