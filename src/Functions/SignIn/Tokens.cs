using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using CustomerFunctions.Accounts;
using CustomerFunctions.Mail;
using CustomerFunctions.Shared;

namespace CustomerFunctions.SignIn;

/// <summary>What an access token says. Whether the session still stands is asked of the account.</summary>
internal sealed record AccessTicket(string AccountId, string SessionId, DateTimeOffset ExpiresAt, string? ActingCustomer = null, string? Impersonator = null, string? Reason = null);

/// <summary>What a token says that a key was exchanged for: which value of whose key, and what it may.</summary>
internal sealed record MachineTicket(string Pointer, string Hash, IReadOnlyList<string> Scopes, DateTimeOffset ExpiresAt);

/// <summary>What a refresh token says: which of its session's tokens it is, and a secret that only the newest has.</summary>
internal sealed record RefreshTicket(string AccountId, string SessionId, int Generation, string Secret)
{
    [JsonIgnore]
    public string Hash => Tokens.Hash(Secret);
}

/// <summary>What a mailed link says.</summary>
/// <param name="AccountId">The document in which the link stands: an account, or the customer whose address it
/// proves.</param>
/// <param name="MailId">The mail that it came with.</param>
/// <param name="Template">What the mail tells.</param>
/// <param name="ExpiresAt">Until when it is good.</param>
internal sealed record LinkTicket(string AccountId, string MailId, MailTemplate Template, DateTimeOffset ExpiresAt);

/// <summary>A password was right, and a second factor is awaited.</summary>
internal sealed record ChallengeTicket(string AccountId, int SecurityVersion, DateTimeOffset ExpiresAt, GoodSignIn First);

/// <summary>What WebAuthn wants remembered between its two steps. The browser carries it, so there is no session here.</summary>
internal sealed record PasskeyTicket(string State, string? AccountId, DateTimeOffset IssuedAt)
{
    public bool IsGood(DateTimeOffset now) => now < IssuedAt + PasskeyCeremonies.Patience;
}

/// <summary>A device from which somebody has signed in to the address before. It opens nothing; it only keeps a stranger's wrong passwords from locking the person out.</summary>
internal sealed record DeviceTicket(string Email, DateTimeOffset ExpiresAt);

/// <summary>
/// The tokens that people get. Each is a ticket, protected with the app's key ring for its own purpose: nobody can make one, change one, or use one for another purpose. Times
/// stand inside, and are the app's clock's.
/// </summary>
internal sealed class Tokens(ProtectionRing ring)
{
    public const string AccessPrefix = "cfa_";
    public const string RefreshPrefix = "cfr_";
    public const string MachinePrefix = "cft_";

    /// <summary>No token is longer.</summary>
    public const int MaxLength = 8191;

    public string Write(AccessTicket ticket) => AccessPrefix + Protect("access", ticket, TokenJson.Default.AccessTicket);

    public string Write(RefreshTicket ticket) => RefreshPrefix + Protect("refresh", ticket, TokenJson.Default.RefreshTicket);

    public string Write(MachineTicket ticket) => MachinePrefix + Protect("machine", ticket, TokenJson.Default.MachineTicket);

    public string Write(LinkTicket ticket) => Protect("link", ticket, TokenJson.Default.LinkTicket);

    public string Write(ChallengeTicket ticket) => Protect("challenge", ticket, TokenJson.Default.ChallengeTicket);

    public string Write(PasskeyTicket ticket) => Protect("passkey", ticket, TokenJson.Default.PasskeyTicket);

    public string Write(DeviceTicket ticket) => Protect("device", ticket, TokenJson.Default.DeviceTicket);

    public AccessTicket? Access(string? text) => Open("access", AccessPrefix, text, TokenJson.Default.AccessTicket);

    public RefreshTicket? Refresh(string? text) => Open("refresh", RefreshPrefix, text, TokenJson.Default.RefreshTicket);

    public MachineTicket? Machine(string? text) => Open("machine", MachinePrefix, text, TokenJson.Default.MachineTicket);

    public LinkTicket? Link(string? text) => Open("link", "", text, TokenJson.Default.LinkTicket);

    public ChallengeTicket? Challenge(string? text) => Open("challenge", "", text, TokenJson.Default.ChallengeTicket);

    public PasskeyTicket? Passkey(string? text) => Open("passkey", "", text, TokenJson.Default.PasskeyTicket);

    public DeviceTicket? Device(string? text) => Open("device", "", text, TokenJson.Default.DeviceTicket);

    /// <summary>What is stored but must be read again.</summary>
    public string Seal(string text) => ring.Protect("sealed", Encoding.UTF8.GetBytes(text));

    public string Unseal(string text) => Encoding.UTF8.GetString(ring.Open("sealed", text) ?? throw new InvalidOperationException("What this app has sealed does not open: a key of the ring is missing."));

    /// <summary>256 random bits.</summary>
    public static string NewSecret() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));

    /// <summary>SHA-256 in hex: right for random secrets, not for passwords.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));

    public static bool Matches(string secret, string hash) => CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash(secret)), Encoding.ASCII.GetBytes(hash));

    private string Protect<T>(string purpose, T ticket, JsonTypeInfo<T> json) => ring.Protect(purpose, JsonSerializer.SerializeToUtf8Bytes(ticket, json));

    private T? Open<T>(string purpose, string prefix, string? text, JsonTypeInfo<T> json)
        where T : class =>
        text is { Length: > 0 and <= MaxLength } && text.StartsWith(prefix, StringComparison.Ordinal) && ring.Open(purpose, text[prefix.Length..]) is { } plain
            ? JsonSerializer.Deserialize(plain, json)
            : null;
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, UseStringEnumConverter = true, Converters = [typeof(InstantConverter)])]
[JsonSerializable(typeof(AccessTicket))]
[JsonSerializable(typeof(RefreshTicket))]
[JsonSerializable(typeof(MachineTicket))]
[JsonSerializable(typeof(LinkTicket))]
[JsonSerializable(typeof(ChallengeTicket))]
[JsonSerializable(typeof(PasskeyTicket))]
[JsonSerializable(typeof(DeviceTicket))]
internal sealed partial class TokenJson : JsonSerializerContext;
