using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Access;

/// <summary>A key as it came with a request: where the directory says who holds it, and its SHA-256. The text itself goes no further.</summary>
internal readonly record struct PresentedKey(string Pointer, string Hash)
{
    private const int ShortestLegacy = 16;
    private const int LongestLegacy = 200;

    /// <summary>A key of either form; null for anything else.</summary>
    public static PresentedKey? Parse(string? credential) => ApiKeyText.Parse(credential) is { } text ? text.Holder == BootstrapAdmin.Holder ? null : Of(text) : Legacy(credential);

    public static PresentedKey Of(ApiKeyText key) => new(DirectoryStore.KeyId(key.Holder), key.Hash());

    /// <summary>A key of an older system: any printable ASCII without spaces that is not of our own form. Null when the text cannot be one.</summary>
    public static PresentedKey? Legacy(string? text)
    {
        if (text is null || text.Length is < ShortestLegacy or > LongestLegacy || text.StartsWith("cf", StringComparison.Ordinal) || text.Any(c => c is <= ' ' or > '~')) { return null; }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(text)));
        return new PresentedKey(DirectoryStore.LegacyKeyId(hash), hash);
    }
}

/// <summary>What the guard needs to know of whoever holds a key: who that is, and the hashes it may show.</summary>
internal sealed record KeyHolder(Principal Principal, IReadOnlyList<HeldKey> Keys)
{
    public HeldKey? Match(PresentedKey key)
    {
        foreach (var held in Keys)
        {
            if (CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(key.Hash), Encoding.ASCII.GetBytes(held.Hash))) { return held; }
        }
        return null;
    }

    /// <summary>The principal that calls with one of the holder's keys.</summary>
    public Principal As(HeldKey key) => Principal with { KeyVersionId = key.VersionId, EndsAt = key.EndsAt, IsInGrace = key.IsSuperseded };
}

/// <summary>One hash and what is wrong with the key behind it, if anything is.</summary>
/// <param name="Hash">SHA-256 in hex.</param>
/// <param name="Refusal">Why it is refused now and from now on; null when it is not.</param>
/// <param name="EndsAt">When it stops working by itself; null for never.</param>
/// <param name="Ended">What it is refused for from then on.</param>
internal sealed record HeldKey(string Hash, Func<Problem>? Refusal, DateTimeOffset? EndsAt, Func<Problem>? Ended = null)
{
    /// <summary>Which version of a service account's credential it is; null for API keys.</summary>
    public string? VersionId { get; init; }

    /// <summary>Whether it was rolled and is good for its grace only.</summary>
    public bool IsSuperseded { get; init; }

    public Problem? RefusalAt(DateTimeOffset now) => Refusal is not null ? Refusal() : EndsAt <= now ? (Ended ?? Failures.KeyExpired)() : null;
}
