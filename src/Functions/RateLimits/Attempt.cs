using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.RateLimits;

/// <summary>One attempt as it stands in a log.</summary>
/// <param name="At">Unix milliseconds, by the clock of the instance that made it.</param>
/// <param name="IsKnown">From a device that has signed in before: judged among its like.</param>
/// <param name="Source">Where it came from, as <see cref="Hashed"/>; empty when that does not matter.</param>
/// <param name="Id">Random; tells an entry that was sent twice from two entries.</param>
internal readonly record struct Attempt(long At, bool IsKnown, string Source, string Id)
{
    private const int SourceLength = 16;

    public static Attempt New(DateTimeOffset at, bool isKnown = false, string source = "") =>
        new(at.ToUnixTimeMilliseconds(), isKnown, source, RandomNumberGenerator.GetHexString(12, lowercase: true));

    /// <summary>A short fingerprint of parts of which none may stand in the store in clear.</summary>
    public static string Hashed(params string[] parts) => Digest(parts)[..SourceLength];

    /// <summary>The SHA-256 of some parts, so told apart that no other parts have the same.</summary>
    public static string Digest(params string[] parts) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', parts))));

    /// <summary>An entry of a log. Null for what this version cannot read.</summary>
    public static Attempt? Parse(string text) =>
        text.Split('.') is [var at, var kind, var source, var id] && long.TryParse(at, CultureInfo.InvariantCulture, out var instant)
            ? new Attempt(instant, kind == "k", source, id)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{At}.{(IsKnown ? 'k' : 'u')}.{Source}.{Id}");
}
