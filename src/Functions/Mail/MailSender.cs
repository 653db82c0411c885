using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Mail;

/// <summary>What a mail is made of, for whoever sends it.</summary>
public sealed record MailData(string To, string Name, MailTemplate Template, string? Token, DateTimeOffset? ExpiresAt, MailSubject? About = null);

/// <summary>The webhook's body, in the form of Standard Webhooks 1.0.</summary>
public sealed record MailEvent(string Type, DateTimeOffset Timestamp, MailData Data);

/// <summary>
/// Hands mail to whoever sends it: one signed webhook (Standard Webhooks 1.0) to the address in
/// <c>Mail__WebhookUrl</c>. Mail waits in the document of its account or customer; it is tried right
/// after the answer that it belongs to, and by a timer until it gets through. A receiver may get one twice, under the same webhook-id.
/// </summary>
internal sealed partial class MailSender(AzureClients azure, WebhookSecrets secrets, AppSettings settings, AccountStore accounts, CustomerStore customers, Tokens tokens, TimeProvider clock, ILogger<MailSender> log)
{
    private const int MostAttempts = 10;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Standard Webhooks' schedule of retries.</summary>
    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>Sends what waits for an account once the request is answered, so that the answer's time tells nothing of it.</summary>
    public void SendAfter(HttpContext context, string accountId) => context.Response.OnCompleted(() =>
    {
        SendSoon(accountId);
        return Task.CompletedTask;
    });

    /// <summary>Sends what waits in a customer's document once the request is answered.</summary>
    public void SendAfter(HttpContext context, Customer customer) => context.Response.OnCompleted(() =>
    {
        _ = Task.Run(() => TrySend(() => SendNow(customer.Id)));
        return Task.CompletedTask;
    });

    /// <summary>Sends what waits for an account, without anybody waiting for it.</summary>
    public void SendSoon(string accountId) => _ = Task.Run(() => TrySend(async () =>
    {
        if (await accounts.Read(accountId, CancellationToken.None) is { } account) { await Send(account, CancellationToken.None); }
    }));

    /// <summary>Sends what is due in an account's document, and takes it out.</summary>
    public async Task<string> Send(Stored<Account> account, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var (sent, failed) = (new HashSet<string>(), new HashSet<string>());
        foreach (var mail in account.Value.Mail.Where(mail => mail.DueAt <= now)) { (await TryPost(account.Value.Id, account.Value.Name, mail, cancellation) ? sent : failed).Add(mail.Id); }
        await accounts.Change(account, current => After(current, sent, failed, now), cancellation);
        return failed.Count > 0 ? TimerPass.Failed : sent.Count > 0 ? "sent" : TimerPass.Skipped;
    }

    /// <summary>
    /// Sends what is due in a customer's document, and takes it out. What waits there is about one change, so it is
    /// tried and given up together; a receiver knows by the id what it has had before.
    /// </summary>
    public async Task<string> Send(Stored<Customer> customer, CancellationToken cancellation)
    {
        var (value, now) = (customer.Value, clock.GetUtcNow());
        if (!(value.MailDueAt <= now)) { return TimerPass.Skipped; }
        var failed = 0;
        foreach (var mail in value.Mail.Where(mail => !(mail.LinkExpiresAt <= now))) { if (!await TryPost(value.Id, value.Name, mail, cancellation)) { failed++; } }
        if (failed == 0 || value.MailAttempts + 1 >= MostAttempts) { await customers.RemoveMail(value, cancellation); }
        else { await customers.PostponeMail(value, now + Waits[Math.Min(value.MailAttempts, Waits.Length - 1)], cancellation); }
        return failed > 0 ? TimerPass.Failed : "sent";
    }

    private async Task SendNow(string customerId)
    {
        if (await customers.Read(customerId, CancellationToken.None) is { } customer) { await Send(customer, CancellationToken.None); }
    }

    /// <summary>The account when these were sent and those failed. What failed too often, or has a link that is over, is given up.</summary>
    private static Account? After(Account account, HashSet<string> sent, HashSet<string> failed, DateTimeOffset now)
    {
        if (!account.Mail.Any(mail => sent.Contains(mail.Id) || failed.Contains(mail.Id))) { return null; }
        var left = account.Mail.Where(mail => !sent.Contains(mail.Id))
            .Select(mail => failed.Contains(mail.Id) ? mail with { Attempts = mail.Attempts + 1, DueAt = now + Waits[Math.Min(mail.Attempts, Waits.Length - 1)] } : mail)
            .Where(mail => mail.Attempts < MostAttempts && !(mail.LinkExpiresAt <= now)).ToList();
        return account with { Mail = left, MailDueAt = left.Count == 0 ? null : left.Min(mail => mail.DueAt) };
    }

    private async Task TrySend(Func<Task> send)
    {
        try
        {
            await send();
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // The mail is saved; the timer finds it.
            NotSent(log, e.GetType().Name);
        }
    }

    private async Task<bool> TryPost(string holderId, string name, PendingMail mail, CancellationToken cancellation)
    {
        if (settings.MailWebhook is null) { NoReceiver(log, mail.Id); return false; }
        var now = clock.GetUtcNow();
        var token = mail.LinkExpiresAt is { } expires ? tokens.Write(new LinkTicket(holderId, mail.Id, mail.Template, expires)) : null;
        var body = JsonSerializer.SerializeToUtf8Bytes(new MailEvent("mail.requested", now, new MailData(mail.To, name, mail.Template, token, mail.LinkExpiresAt, mail.About)), ApiJson.Default.MailEvent);
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            limit.CancelAfter(Timeout);
            if (await secrets.Read(settings.MailSecretName, limit.Token) is not { } secret) { NoSecret(log, mail.Id); return false; }
            using var request = new HttpRequestMessage(HttpMethod.Post, settings.MailWebhook) { Content = new ByteArrayContent(body) };
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
            request.Headers.Add(StandardWebhook.IdHeader, mail.Id);
            request.Headers.Add(StandardWebhook.TimestampHeader, timestamp);
            request.Headers.Add(StandardWebhook.SignatureHeader, StandardWebhook.Sign(secret, mail.Id, timestamp, body));
            using var response = await azure.Http.SendAsync(request, limit.Token);
            if (!response.IsSuccessStatusCode) { Refused(log, mail.Id, (int)response.StatusCode); }
            return response.IsSuccessStatusCode;
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (ExceptionEdge.IsDependencyFailure(e) || e is Azure.RequestFailedException))
        {
            NotSent(log, e.GetType().Name);
            return false;
        }
    }

    [LoggerMessage(1511, LogLevel.Warning, "Mail {MailId} was refused by its receiver with {Status}; it is tried again")]
    private static partial void Refused(ILogger log, string mailId, int status);

    [LoggerMessage(1512, LogLevel.Warning, "Mail could not be sent and is tried again: {Exception}")]
    private static partial void NotSent(ILogger log, string exception);

    [LoggerMessage(1513, LogLevel.Warning, "Mail {MailId} has no receiver: set Mail__WebhookUrl")]
    private static partial void NoReceiver(ILogger log, string mailId);

    [LoggerMessage(1514, LogLevel.Warning, "Mail {MailId} waits: there is no secret to sign it with, see Mail__SecretName")]
    private static partial void NoSecret(ILogger log, string mailId);
}
