using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Passwords that many people choose (OWASP ASVS 5, 6.2.4 and 6.2.12): the 30,000 most common ones, and what people do to them to please a rule: digits, a year or signs before or after, letters turned
/// to look-alikes. Keyboard walks, runs and repetitions besides, since no list has them all. The list is kept as hashes; eng/common-passwords.mjs makes it and names its source.
/// </summary>
internal static partial class CommonPasswords
{
    private const int HashLength = 6;

    /// <summary>Shorter than that, the middle of a password is no word that anybody would try.</summary>
    private const int ShortestCore = 4;

    /// <summary>More than that around a common word, and it is another password.</summary>
    private const int MostTrimmings = 6;

    private static readonly string[] Walks =
        ["qwertyuiop", "qwertzuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm", "1234567890", "0987654321", "qazwsxedcrfv", "1qaz2wsx3edc4rfv", "1q2w3e4r5t6y7u8i", "abcdefghijklmnopqrstuvwxyz", "poiuytrewq", "lkjhgfdsa", "mnbvcxz", "147258369", "741852963", "zaq12wsxcde3", "!qaz2wsx"];

    private static readonly Lazy<byte[]> Hashes = new(Load);

    public static bool Contains(string password)
    {
        var text = password.ToLowerInvariant();
        var core = Trimmings().Replace(text, "");
        return IsListed(text) || IsListed(Plain(text)) || IsListedCore(text, core) || IsWalkOrRun(text, core) || IsRepetition(text);
    }

    private static bool IsListedCore(string text, string core) =>
        core.Length >= ShortestCore && text.Length - core.Length <= MostTrimmings && (IsListed(core) || IsListed(Plain(core)));

    private static bool IsListed(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        var wanted = hash[..HashLength];
        var (low, high) = (0, (Hashes.Value.Length / HashLength) - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            var order = Hashes.Value.AsSpan(middle * HashLength, HashLength).SequenceCompareTo(wanted);
            if (order == 0) { return true; }
            if (order < 0) { low = middle + 1; } else { high = middle - 1; }
        }
        return false;
    }

    /// <summary>Keyboard walks in either direction, one or two behind each other, with digits or a sign around them.</summary>
    private static bool IsWalkOrRun(string text, string core)
    {
        if (core.Length == 0) { core = text; }
        return IsWalk(text) || (core.Length >= ShortestCore && IsWalk(core)) || Enumerable.Range(3, Math.Max(0, core.Length - 5)).Any(cut => IsWalk(core[..cut]) && IsWalk(core[cut..]));
    }

    private static bool IsWalk(string text) =>
        text.Length >= 3 && Walks.Any(walk => walk.Contains(text, StringComparison.Ordinal) || walk.Contains(new string([.. text.Reverse()]), StringComparison.Ordinal)
            || (walk + walk).Contains(text, StringComparison.Ordinal));

    /// <summary>The same one to four characters over and over, or something common twice.</summary>
    private static bool IsRepetition(string text) =>
        Enumerable.Range(1, 4).Any(length => text.Length >= 2 * length && text.Select((c, i) => c == text[i % length]).All(same => same))
        || (text.Length % 2 == 0 && text[..(text.Length / 2)] == text[(text.Length / 2)..] && IsListed(text[..(text.Length / 2)]));

    /// <summary>Look-alikes as the letters they stand for.</summary>
    private static string Plain(string text) => string.Concat(text.Select(c => c switch { '0' => 'o', '1' => 'i', '3' => 'e', '4' => 'a', '5' => 's', '7' => 't', '@' => 'a', '$' => 's', '!' => 'i', _ => c }));

    private static byte[] Load()
    {
        using var resource = typeof(CommonPasswords).Assembly.GetManifestResourceStream("common-passwords.bin")!;
        var hashes = new byte[resource.Length];
        resource.ReadExactly(hashes);
        return hashes;
    }

    [GeneratedRegex(@"^[^\p{L}]+|[^\p{L}]+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Trimmings();
}
