using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.SignIn;

/// <summary>A mailed link that may be used: whose it is, and what it says.</summary>
internal sealed record TriedLink(Stored<Account> Account, LinkTicket Ticket, SignInAttempt Attempt)
{
    /// <summary>To be called when it did what it is for: only failures count against an address.</summary>
    public void Succeeded() => Attempt.Succeeded();
}

/// <summary>Links that were mailed: each is good once, for its time, and until a newer one of its kind is sent.</summary>
internal sealed class MailedLinks(Tokens tokens, AccountStore accounts, SignInBudgets budgets, RefusalLog refusals, TimeProvider clock)
{
    /// <summary>
    /// One try of a link, of one of these kinds. It is counted for its address and for the link before anything is read: a link is no way to try any number of passwords, and what is no
    /// link of ours costs nothing.
    /// </summary>
    public async Task<(TriedLink? Link, Problem? Refusal)> Try(
        string token, IReadOnlyList<MailTemplate> templates, HttpContext context, CancellationToken cancellation)
    {
        if (tokens.Link(token) is not { } ticket || !templates.Contains(ticket.Template) || ticket.ExpiresAt <= clock.GetUtcNow()) { return (null, Failures.LinkUnusable()); }
        var address = context.Connection.RemoteIpAddress;
        var (attempt, tooMany) = await budgets.TryEnter(address, cancellation);
        tooMany ??= await budgets.Try(Budgets.Link, ticket.MailId, address, cancellation);
        if (attempt is null || tooMany is not null) { return (null, refusals.SignIn(ticket.AccountId, tooMany!, context)); }
        var account = await accounts.Read(ticket.AccountId, cancellation);
        return account is { Value.Disabled: false } && Use(account.Value, ticket) is not null
            ? (new TriedLink(account, ticket, attempt), null)
            : (null, Failures.LinkUnusable());
    }

    /// <summary>The account without the link; null when it was used.</summary>
    public static Account? Use(Account account, LinkTicket ticket) =>
        account.Links.Any(link => link.MailId == ticket.MailId) ? account with { Links = [.. account.Links.Where(link => link.MailId != ticket.MailId)] } : null;
}
