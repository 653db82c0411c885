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
    [JsonStringEnumMemberName("customer-invitation")] CustomerInvitation,
    [JsonStringEnumMemberName("key-leaked")] KeyLeaked,
    [JsonStringEnumMemberName("password-changed")] PasswordChanged,
    [JsonStringEnumMemberName("second-factor-changed")] SecondFactorChanged,
    [JsonStringEnumMemberName("passkeys-changed")] PasskeysChanged,
    [JsonStringEnumMemberName("confirm-customer-email")] ConfirmCustomerEmail,
    [JsonStringEnumMemberName("customer-email-changed")] CustomerEmailChanged,
}

/// <summary>Which customer a mail is about, and what of it: an invitation, a key.</summary>
public sealed record MailSubject(string CustomerId, string CustomerName, string ThingId);

/// <summary>
/// A mail that waits in its account's document. It holds no token: the link's is made when the mail is sent, from the mail's id.
/// </summary>
/// <param name="Id">Also the webhook's id, by which a receiver knows a mail that it gets twice.</param>
/// <param name="Template">What it tells.</param>
/// <param name="To">The address.</param>
/// <param name="DueAt">When the next attempt is due.</param>
/// <param name="LinkExpiresAt">Until when the link is good; null for a mail without one.</param>
/// <param name="Attempts">How often sending it has failed.</param>
/// <param name="About">Null for a mail about the account itself.</param>
internal sealed record PendingMail(string Id, MailTemplate Template, string To, DateTimeOffset DueAt, DateTimeOffset? LinkExpiresAt = null, int Attempts = 0, MailSubject? About = null)
{
    public static PendingMail Of(MailTemplate template, string to, TimeProvider clock, TimeSpan? linkLifetime = null) =>
        new(Ids.Mail(clock), template, to, clock.GetUtcNow(), clock.GetUtcNow() + linkLifetime);
}

/// <summary>A link that was mailed and may be used once.</summary>
internal sealed record MailedLink(string MailId, MailTemplate Template, DateTimeOffset ExpiresAt, MailSubject? About = null)
{
    /// <summary>Whether a newer mail's link takes the place of this one.</summary>
    public bool IsReplacedBy(PendingMail mail) => Template == mail.Template && About?.CustomerId == mail.About?.CustomerId;
}
