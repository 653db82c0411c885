using System.Buffers;
using System.Buffers.Binary;
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
    private const int TimeLength = 10;
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

    /// <summary>A ULID that follows from another: the same time, and eighty bits by SHA-256 from the other and <paramref name="label"/>.</summary>
    public static string Derived(string ulid, string label)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{ulid} {label}"));
        return string.Create(UlidLength, (ulid, hash), static (text, from) =>
        {
            from.ulid.AsSpan(0, TimeLength).CopyTo(text);
            for (var i = TimeLength; i < UlidLength; i++) { text[i] = Alphabet[from.hash[i] & 31]; }
        });
    }

    /// <summary>When an id was made, to the millisecond.</summary>
    public static DateTimeOffset MadeAt(string id)
    {
        var milliseconds = 0L;
        foreach (var c in Ulid(id).AsSpan(0, TimeLength)) { milliseconds = (milliseconds << 5) | (long)Alphabet.IndexOf(c, StringComparison.Ordinal); }
        return DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
    }

    public static string NewUlid(TimeProvider clock)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)clock.GetUtcNow().ToUnixTimeMilliseconds() << 16);
        RandomNumberGenerator.Fill(bytes[6..]);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return string.Create(UlidLength, value, static (text, rest) =>
        {
            for (var i = UlidLength - 1; i >= 0; i--, rest >>= 5) { text[i] = Alphabet[(int)(rest & 31)]; }
        });
    }
}
