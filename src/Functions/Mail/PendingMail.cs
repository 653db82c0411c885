using System.Text.Json.Serialization;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Mail;

/// <summary>What a mail tells; whoever sends it has a text for each.</summary>
public enum MailTemplate
{
    [JsonStringEnumMemberName("confirm-email")] ConfirmEmail,
    [JsonStringEnumMemberName("already-registered")] AlreadyRegistered,
    [JsonStringEnumMemberName("reset-password")] ResetPassword,
    [JsonStringEnumMemberName("invitation")] Invitation,
    [JsonStringEnumMemberName("password-changed")] PasswordChanged,
    [JsonStringEnumMemberName("second-factor-changed")] SecondFactorChanged,
    [JsonStringEnumMemberName("passkeys-changed")] PasskeysChanged,
}

/// <summary>
/// A mail that waits in its account's document. It holds no token: the link's is made when the mail is sent, from the mail's id.
/// </summary>
/// <param name="Id">Also the webhook's id, by which a receiver knows a mail that it gets twice.</param>
/// <param name="Template">What it tells.</param>
/// <param name="To">The address.</param>
/// <param name="DueAt">When the next attempt is due.</param>
/// <param name="LinkExpiresAt">Until when the link is good; null for a mail without one.</param>
/// <param name="Attempts">How often sending it has failed.</param>
internal sealed record PendingMail(string Id, MailTemplate Template, string To, DateTimeOffset DueAt, DateTimeOffset? LinkExpiresAt = null, int Attempts = 0)
{
    public static PendingMail Of(MailTemplate template, string to, TimeProvider clock, TimeSpan? linkLifetime = null) =>
        new(Ids.Mail(clock), template, to, clock.GetUtcNow(), clock.GetUtcNow() + linkLifetime);
}

/// <summary>A link that was mailed and may be used once.</summary>
internal sealed record MailedLink(string MailId, MailTemplate Template, DateTimeOffset ExpiresAt);
