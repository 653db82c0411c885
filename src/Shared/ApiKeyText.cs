using System.Buffers.Binary;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.Shared;

/// <summary>
/// A key as its holder has it: <c>cf_&lt;environment&gt;_&lt;holder&gt;_&lt;secret&gt;&lt;crc&gt;</c>. The holder is the ULID of the API key's or service account's record, so one
/// lookup finds it; the secret is 256 random bits in base 62 (43 characters); the last 6 characters are a CRC-32 in base 62 over all that stands before them,
/// so that typing errors and made-up keys are refused without a lookup (GitHub's format, github.blog 2021-04-05). Underscores, so that a double click selects it whole.
/// </summary>
/// <remarks>A key knows how not to be printed: <see cref="ToString"/> masks it, and only <see cref="Reveal"/> gives the text.</remarks>
public sealed class ApiKeyText
{
    private const string Prefix = "cf_";
    private const int SecretLength = 43;
    private const int CrcLength = 6;
    private readonly string text;

    private ApiKeyText(string text, string holder)
    {
        this.text = text;
        Holder = holder;
    }

    /// <summary>ULID of the record that knows this key.</summary>
    public string Holder { get; }

    /// <summary>What may be kept and shown for recognition: the last four characters of the secret's checksum.</summary>
    public string LastFour => text[^4..];

    public static ApiKeyText Create(string environment, string holder)
    {
        var body = $"{Prefix}{environment}_{holder}_{Base62.Encode(RandomNumberGenerator.GetBytes(32), SecretLength)}";
        return new ApiKeyText(body + Checksum(body), holder);
    }

    /// <summary>Reads a key strictly: shape and checksum must be right. Returns null for anything else.</summary>
    public static ApiKeyText? Parse(string? text)
    {
        if (text is null || text.Length > 128 || !text.StartsWith(Prefix, StringComparison.Ordinal)) { return null; }
        var parts = text.Split('_');
        if (parts.Length != 4 || parts[1].Length == 0 || !Ids.IsUlid(parts[2])) { return null; }
        if (parts[3].Length != SecretLength + CrcLength || !Base62.IsValid(parts[3])) { return null; }
        return Checksum(text[..^CrcLength]) == text[^CrcLength..] ? new ApiKeyText(text, parts[2]) : null;
    }

    /// <summary>Whether an environment's name can stand inside a key: 1 to 12 lower-case letters and digits.</summary>
    public static bool IsEnvironment(string name) => name.Length is > 0 and <= 12 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    /// <summary>The only way to the value. Whoever calls this hands it to Key Vault or to the one response that shows it.</summary>
    public string Reveal() => text;

    /// <summary>SHA-256 in hex. A fast hash is right for 256 random bits (ASVS 6.5.2); passwords need a slow one.</summary>
    public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>Compares in constant time.</summary>
    public bool Matches(string? storedHash) =>
        storedHash is not null && CryptographicOperations.FixedTimeEquals(Encoding.ASCII.GetBytes(Hash()), Encoding.ASCII.GetBytes(storedHash));

    public override string ToString() => $"{Prefix}…{LastFour}";

    /// <summary>CRC-32 as in ISO 3309, the one of zip and PNG, with its most significant byte first.</summary>
    private static string Checksum(string body)
    {
        Span<byte> crc = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(crc, Crc32.HashToUInt32(Encoding.ASCII.GetBytes(body)));
        return Base62.Encode(crc, CrcLength);
    }
}
