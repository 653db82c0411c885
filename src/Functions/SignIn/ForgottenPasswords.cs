using System.Security.Cryptography;
using System.Text.Json.Serialization;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.SignIn;

/// <summary>Somebody asked for a link to a new password. Whether the address has an account is looked up after the answer.</summary>
internal sealed record ForgottenPassword : Document
{
    public const string DocumentType = "forgottenPassword";

    /// <summary>Its partition: the document's own id.</summary>
    public required string AccountId { get; init; }

    public required string Email { get; init; }

    /// <summary>When the timer takes it up, should the instance that was asked have ended.</summary>
    public required DateTimeOffset ForgottenDueAt { get; init; }

    [JsonIgnore]
    public static TimeSpan Life { get; } = TimeSpan.FromHours(1);
}

/// <summary>
/// Requests for a new password, in the <c>accounts</c> container. A request costs the same one write whoever has the
/// address; what differs happens after the answer, at a random moment, so that the time of no answer tells who has an
/// account (OWASP ASVS 5, 6.3.8). A request outlives the instance that took it.
/// </summary>
internal sealed partial class ForgottenPasswords(AzureClients azure, AccountStore accounts, MailSender mail, TimeProvider clock, ILogger<ForgottenPasswords> log)
{
    /// <summary>For how long a link is good (OWASP ASVS 5, 6.5.5: at most ten minutes).</summary>
    private static readonly TimeSpan LinkLife = TimeSpan.FromMinutes(10);

    /// <summary>The longest random wait before an address is looked up.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan UntilTimer = TimeSpan.FromMinutes(1);

    private readonly Documents documents = new(azure, "accounts");

    /// <summary>Keeps the request, and takes it up after the answer.</summary>
    public async Task Ask(string normalizedEmail, HttpContext context, CancellationToken cancellation)
    {
        var id = "fgt_" + Ids.NewUlid(clock);
        var asked = new ForgottenPassword
        {
            Id = id,
            Type = ForgottenPassword.DocumentType,
            AccountId = id,
            Email = normalizedEmail,
            ForgottenDueAt = clock.GetUtcNow() + UntilTimer,
            Ttl = (int)ForgottenPassword.Life.TotalSeconds,
        };
        if (await documents.TryCreate(id, asked, StoreJson.Default.ForgottenPassword, cancellation) is not { } stored) { return; }
        context.Response.OnCompleted(() =>
        {
            _ = Task.Run(() => HandleSoon(stored));
            return Task.CompletedTask;
        });
    }

    /// <summary>Saves the mail with the account, if the address has one that is not disabled; then the request is done.</summary>
    public async Task<string> Handle(Stored<ForgottenPassword> asked, CancellationToken cancellation)
    {
        var found = await accounts.FindByEmail(asked.Value.Email, cancellation);
        var changed = found is null or { Value.Disabled: true }
            ? null
            : await accounts.Change(found, account => account.WithMail(PendingMail.Of(MailTemplate.ResetPassword, account.Email, clock, LinkLife)), cancellation);
        await documents.TryDelete(asked.Value.AccountId, asked, cancellation);
        if (changed is not null) { mail.SendSoon(changed.Value.Id); }
        return "asked";
    }

    /// <summary>The next requests that no instance has taken up, longest waiting first.</summary>
    public Task<IReadOnlyList<Stored<ForgottenPassword>>> DueAcrossAccounts(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("forgottenDueAt", now, count, StoreJson.Default.DocumentFeedForgottenPassword, cancellation);

    private async Task HandleSoon(Stored<ForgottenPassword> asked)
    {
        await Task.Delay(LongestWait * (RandomNumberGenerator.GetInt32(1000) / 1000.0));
        try { await Handle(asked, CancellationToken.None); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { LeftToTimer(log, e.GetType().Name); }
    }

    [LoggerMessage(1805, LogLevel.Warning, "A request for a new password is left to the timer SendMail: {Exception}")]
    private static partial void LeftToTimer(ILogger log, string exception);
}
