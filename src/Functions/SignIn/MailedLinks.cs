using CustomerFunctions.Accounts;
using CustomerFunctions.Mail;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.SignIn;

/// <summary>Links that were mailed: each is good once, for its time, and until a newer one of its kind is sent.</summary>
internal sealed class MailedLinks(Tokens tokens, AccountStore accounts, TimeProvider clock)
{
    public async Task<(Stored<Account> Account, LinkTicket Ticket)?> Find(string token, MailTemplate template, CancellationToken cancellation)
    {
        if (tokens.Link(token) is not { } ticket || ticket.Template != template || ticket.ExpiresAt <= clock.GetUtcNow()) { return null; }
        var account = await accounts.Read(ticket.AccountId, cancellation);
        return account is { Value.Disabled: false } && Use(account.Value, ticket) is not null ? (account, ticket) : null;
    }

    /// <summary>The account without the link; null when it was used.</summary>
    public static Account? Use(Account account, LinkTicket ticket) =>
        account.Links.Any(link => link.MailId == ticket.MailId) ? account with { Links = [.. account.Links.Where(link => link.MailId != ticket.MailId)] } : null;
}
