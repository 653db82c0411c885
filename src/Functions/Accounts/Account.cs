using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Accounts;

/// <summary>What a person is to the platform.</summary>
public enum PlatformRole
{
    [JsonStringEnumMemberName("customer")] Customer,
    [JsonStringEnumMemberName("sales_rep")] SalesRep,
    [JsonStringEnumMemberName("operator")] Operator,
    [JsonStringEnumMemberName("admin")] Admin,
}

/// <summary>Platform roles as they are written, letter by letter: what the serialiser would also take (numbers, other cases, lists) is none.</summary>
internal static class PlatformRoles
{
    public const string Expected = "Expected customer, sales_rep, operator or admin.";

    public static string Name(PlatformRole role) => role switch { PlatformRole.SalesRep => "sales_rep", PlatformRole.Operator => "operator", PlatformRole.Admin => "admin", _ => "customer" };

    public static PlatformRole? Find(string? name) => Enum.GetValues<PlatformRole>().Where(role => Name(role) == name).Select(role => (PlatformRole?)role).FirstOrDefault();
}

/// <summary>A customer that the person belongs to. The role there stands in the customer's document.</summary>
internal sealed record AccountCustomer(string CustomerId);

/// <summary>A sign-in that was right: it forgives the attempts before it when the next is about to be refused.</summary>
internal sealed record GoodSignIn(DateTimeOffset At, string Source, bool KnownDevice);

/// <summary>The identity provider's user, and the version of it that the account shows.</summary>
/// <param name="UserId">The user's id there.</param>
/// <param name="Version">The version of its latest event.</param>
/// <param name="Deleted">Whether the user was deleted there; another one may take the account over then.</param>
/// <param name="Closed">Whether that deletion disabled the account. False when staff did.</param>
/// <param name="Waiting">Other users with the same proven address; the first takes over when this one is deleted.</param>
internal sealed record AccountIdentity(string UserId, long Version, bool Deleted = false, bool Closed = false, IReadOnlyList<WaitingIdentity>? Waiting = null);

/// <summary>A user that takes an account over once the current user is deleted.</summary>
internal sealed record WaitingIdentity(string UserId, long Version);

/// <summary>
/// A person. One document holds everything that decides whether the person may come in, so that one read answers that and one ETag guards every rule about it. No secret is
/// in it: passwords, codes and refresh tokens by their hashes, the second factor's key protected.
/// </summary>
internal sealed record Account : Document
{
    public const string DocumentType = "account";
    public const int MaxSessions = 20;
    public const int MaxGoodSignIns = 20;

    /// <summary>The partition key; the account's own id.</summary>
    public required string AccountId { get; init; }

    /// <summary>Normalised; unique among accounts.</summary>
    public required string Email { get; init; }

    public required string Name { get; init => field = PlainText.Clean(value); }

    public string? AvatarUrl { get; init; }

    public string? Phone { get; init; }

    /// <summary>An IANA time zone.</summary>
    public string? TimeZone { get; init; }

    /// <summary>The person's own, whatever a front end keeps there.</summary>
    public JsonObject? Preferences { get; init; }

    public PlatformRole Role { get; init; }

    public bool EmailConfirmed { get; init; }

    public bool Disabled { get; init; }

    /// <summary>The one account that may be staff without a second factor: there has to be somebody who sets up the first.</summary>
    public bool IsFirstAdmin { get; init; }

    public DateTimeOffset? LastLoginAt { get; init; }

    public string? PasswordHash { get; init; }

    /// <summary>Raised by whatever makes everything issued before worthless: a new password, say.</summary>
    public int SecurityVersion { get; init; }

    /// <summary>Null as long as none is set up.</summary>
    public SecondFactor? SecondFactor { get; init; }

    // A list that an older version did not write is read as null.
    public IReadOnlyList<Passkey> Passkeys { get; init => field = value ?? []; } = [];

    public IReadOnlyList<Session> Sessions { get; init => field = value ?? []; } = [];

    /// <summary>The last right sign-ins.</summary>
    public IReadOnlyList<GoodSignIn> GoodSignIns { get; init => field = value ?? []; } = [];

    public IReadOnlyList<AccountCustomer> Customers { get; init => field = value ?? []; } = [];

    public string? DefaultCustomerId { get; init; }

    /// <summary>The customer that was made for this person; decided here before it is made, so that there is never a second.</summary>
    public string? OwnCustomerId { get; init; }

    /// <summary>The identity provider's user behind this account; null when there is none.</summary>
    public AccountIdentity? Identity { get; init; }

    /// <summary>Links sent by mail that may still be used, each once.</summary>
    public IReadOnlyList<MailedLink> Links { get; init => field = value ?? []; } = [];

    /// <summary>Mail that is to be sent; saved with the change that it tells of.</summary>
    public IReadOnlyList<PendingMail> Mail { get; init => field = value ?? []; } = [];

    /// <summary>When the timer is to look at <see cref="Mail"/>; absent when there is none.</summary>
    public DateTimeOffset? MailDueAt { get; init; }

    /// <summary>When the oldest event of the account's log is older than logs are kept, as far as is known; absent before the first event.</summary>
    public DateTimeOffset? AuditPurgeDueAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    public DateTimeOffset UpdatedAt { get; init; }

    [JsonIgnore]
    public bool IsStaff => Role != PlatformRole.Customer;

    [JsonIgnore]
    public bool HasSecondFactor => SecondFactor is { ConfirmedAt: not null };

    /// <summary>Staff without any second factor; an authenticator app is one, and a passkey.</summary>
    [JsonIgnore]
    public bool LacksSecondFactor => IsStaff && !IsFirstAdmin && !HasSecondFactor && Passkeys.Count == 0;

    /// <summary>Staff whose second factor is a passkey and nothing else: a password opens nothing then, not even the way to another second factor.</summary>
    [JsonIgnore]
    public bool NeedsPasskey => IsStaff && !HasSecondFactor && Passkeys.Count > 0;

    public static Account Start(string id, string email, string name, string? passwordHash, PlatformRole role, string createdBy, DateTimeOffset now) => new()
    {
        Id = id,
        Type = DocumentType,
        AccountId = id,
        Email = email,
        Name = name,
        PasswordHash = passwordHash,
        Role = role,
        CreatedAt = now,
        CreatedBy = createdBy,
        UpdatedAt = now,
    };

    /// <summary>Stands at an id so that nothing else can be created there any more; nobody finds it.</summary>
    public static Account Tombstone(string id, DateTimeOffset now) => Start(id, "", "", null, PlatformRole.Customer, "", now) with { Type = "tombstone", Ttl = 24 * 60 * 60 };

    /// <summary>Whether staff has to set up a second factor in this session before it may do anything else.</summary>
    public bool OwesSecondFactor(Session session) => IsStaff && !IsFirstAdmin && !session.SecondFactor;

    public Session? Session(string? id) => Sessions.FirstOrDefault(session => session.Id == id);

    public Account With(Session session) => this with { Sessions = [.. Sessions.Where(other => other.Id != session.Id), session] };

    public Account WithoutSession(string id) => this with { Sessions = [.. Sessions.Where(session => session.Id != id)] };

    /// <summary>Whether everything that a sign-in checks is as it was.</summary>
    public bool SignsInAs(Account before) =>
        (Email, EmailConfirmed, Disabled, Role, IsFirstAdmin, PasswordHash, SecurityVersion) == (before.Email, before.EmailConfirmed, before.Disabled, before.Role, before.IsFirstAdmin, before.PasswordHash, before.SecurityVersion)
        && (SecondFactor?.ProtectedKey, SecondFactor?.ConfirmedAt, SecondFactor?.LastStep, SecondFactor?.Failures, SecondFactor?.ClosedUntil, SecondFactor?.RecoveryHashes.Count)
        == (before.SecondFactor?.ProtectedKey, before.SecondFactor?.ConfirmedAt, before.SecondFactor?.LastStep, before.SecondFactor?.Failures, before.SecondFactor?.ClosedUntil, before.SecondFactor?.RecoveryHashes.Count)
        && Passkeys.Select(passkey => (passkey.Id, passkey.SignCount, passkey.LastUsedAt)).SequenceEqual(before.Passkeys.Select(passkey => (passkey.Id, passkey.SignCount, passkey.LastUsedAt)));

    /// <summary>With another passkey. Staff's sessions without a second factor end, but for the one that has just shown it.</summary>
    public Account With(Passkey passkey, Session session) => this with
    {
        Passkeys = [.. Passkeys, passkey],
        Sessions = IsStaff ? [.. Sessions.Where(other => other.SecondFactor && other.Id != session.Id), session with { SecondFactor = true }] : Sessions,
    };

    /// <summary>A new password: what was issued before is worthless, but for the session it was changed in. An invitation to a customer opens nothing of the account's, so it stays.</summary>
    public Account WithPassword(string hash, string? keepSession) => this with
    {
        PasswordHash = hash,
        SecurityVersion = SecurityVersion + 1,
        Sessions = [.. Sessions.Where(session => session.Id == keepSession)],
        Links = [.. Links.Where(link => link.Template == MailTemplate.CustomerInvitation)],
    };

    /// <summary>Puts mail in line, and with it the link that the mail is to carry.</summary>
    public Account WithMail(PendingMail mail) => this with
    {
        Mail = [.. Mail, mail],
        MailDueAt = MailDueAt ?? mail.DueAt,
        Links = mail.LinkExpiresAt is { } expires ? [.. Links.Where(link => !link.IsReplacedBy(mail)), new MailedLink(mail.Id, mail.Template, expires, mail.About)] : Links,
    };
}
