using System.Buffers;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Shared;

/// <summary>
/// Prefixed ULIDs (https://github.com/ulid/spec): 48 bits of milliseconds and 80 random bits in Crockford base 32, so ids sort by the time they were made.
/// The prefix says what an id names: <c>cus_</c> customer, <c>key_</c> API key or key version, <c>sva_</c> service account, <c>rot_</c> rotation, <c>mig_</c> migration,
/// <c>acc_</c> account, <c>ses_</c> session, <c>msg_</c> mail, <c>evt_</c> audit event, <c>ntf_</c> notification,
/// <c>whk_</c> webhook, <c>dlv_</c> a message to one.
/// </summary>
public static class Ids
{
    public const int UlidLength = 26;
    private const int RandomBytes = 10;
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static readonly SearchValues<char> Allowed = SearchValues.Create(Alphabet);

    public static string Customer(TimeProvider clock) => "cus_" + NewUlid(clock);

    public static string Key(TimeProvider clock) => "key_" + NewUlid(clock);

    public static string ServiceAccount(TimeProvider clock) => "sva_" + NewUlid(clock);

    public static string Event(TimeProvider clock) => "evt_" + NewUlid(clock);

    public static string Rotation(TimeProvider clock) => "rot_" + NewUlid(clock);

    public static string Account(TimeProvider clock) => "acc_" + NewUlid(clock);

    public static string Session(TimeProvider clock) => "ses_" + NewUlid(clock);

    public static string Mail(TimeProvider clock) => "msg_" + NewUlid(clock);

    /// <summary>Whether <paramref name="id"/> could have come from here; anything else is an id that names nothing (404), and never reaches a store.</summary>
    public static bool IsValid(string? id, string prefix) =>
        id is not null && id.Length == prefix.Length + UlidLength && id.StartsWith(prefix, StringComparison.Ordinal) && IsUlid(id.AsSpan(prefix.Length));

    public static bool IsUlid(ReadOnlySpan<char> text) => text.Length == UlidLength && text[0] <= '7' && !text.ContainsAnyExcept(Allowed);

    /// <summary>The ULID behind the prefix.</summary>
    public static string Ulid(string id) => id[(id.IndexOf('_', StringComparison.Ordinal) + 1)..];

    /// <summary>A ULID that follows from another: the same time, and eighty bits of the SHA-256 of the other and <paramref name="label"/>.</summary>
    public static string Derived(string ulid, string label) =>
        System.Ulid.NewUlid(System.Ulid.Parse(ulid).Time, SHA256.HashData(Encoding.UTF8.GetBytes($"{ulid} {label}")).AsSpan(0, RandomBytes)).ToString();

    /// <summary>When an id was made, to the millisecond.</summary>
    public static DateTimeOffset MadeAt(string id) => System.Ulid.Parse(Ulid(id)).Time;

    /// <summary>Random by the system's generator: nobody can tell the next id from the last.</summary>
    public static string NewUlid(TimeProvider clock)
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        RandomNumberGenerator.Fill(random);
        return System.Ulid.NewUlid(clock.GetUtcNow(), random).ToString();
    }
}
