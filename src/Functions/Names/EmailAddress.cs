using System.Globalization;
using System.Net.Mail;
using System.Text;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Names;

/// <summary>
/// An email address of RFC 5321 and RFC 6531. <see cref="Key"/> is what is stored and compared: two spellings of one mailbox
/// have one key, in claims, look-ups, budgets, invitations and proofs.
/// </summary>
internal static class EmailAddress
{
    /// <summary>RFC 5321, 4.5.3.1.3 with erratum 1690: a path of 256 octets without its angle brackets.</summary>
    public const int MaxOctets = 254;

    private const int MaxLocalOctets = 64;

    /// <summary>RFC 1035, 2.3.4: 255 octets on the wire, which are 253 as text.</summary>
    private const int MaxDomain = 253;

    private static readonly IdnMapping Idn = new() { UseStd3AsciiRules = true };

    /// <summary>
    /// The canonical form: no white space around it, Normalization Form C, the local part in lower case and unquoted where it
    /// can be, the domain as A-labels (RFC 5890). Text that is no address only loses its white space and its case.
    /// </summary>
    public static string Key(string text) => TryRead(text, out var key) ? key : PlainText.Clean(text).ToLowerInvariant();

    /// <summary>How earlier versions kept an address whose domain is not ASCII, so that it is still found; null for every other.</summary>
    public static string? Earlier(string key)
    {
        var at = key.LastIndexOf('@');
        if (at < 0 || !key.AsSpan(at).Contains("xn--", StringComparison.Ordinal)) { return null; }
        try { return $"{key[..at]}@{Idn.GetUnicode(key[(at + 1)..])}" is var earlier && earlier != key ? earlier : null; }
        catch (ArgumentException) { return null; }
    }

    /// <summary>Whether the text is an address, white space around it aside, and its <see cref="Key"/>.</summary>
    public static bool TryRead(string text, out string key)
    {
        key = "";
        var address = PlainText.Clean(text);
        // What is parsed differs from what was given when there is a display name, a comment, or folding white space.
        if (!PlainText.IsWellFormed(address) || !MailAddress.TryCreate(address, out var parsed) || parsed.Address != address) { return false; }
        if (LocalPart(parsed.User) is not { } local || Domain(parsed.Host) is not { } domain) { return false; }
        key = $"{local}@{domain}";
        return true;
    }

    private static string? LocalPart(string user)
    {
        var isQuoted = user.StartsWith('"');
        var content = isQuoted ? Unescaped(user[1..^1]) : user;
        if (content.Length == 0 || Encoding.UTF8.GetByteCount(user) > MaxLocalOctets) { return null; }
        if (content.EnumerateRunes().Any(rune => !IsAllowed(rune, isQuoted))) { return null; }
        var isDotString = !content.Split('.').Contains("");
        if (!isQuoted && !isDotString) { return null; }
        var lower = PlainText.Nfc(content.ToLowerInvariant());
        // RFC 5321, 4.1.2: a quoted string that need not be one names the same mailbox as the bare text.
        var isBare = isDotString && MailAddress.TryCreate($"{lower}@x.example", out var bare) && bare.User == lower;
        return isBare ? lower : $"\"{Quoted(lower)}\"";
    }

    private static bool IsAllowed(Rune rune, bool isQuoted) => rune.Value == ' ' ? isQuoted : Rune.GetUnicodeCategory(rune)
        is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    private static string Unescaped(string content)
    {
        var text = new StringBuilder(content.Length);
        for (var i = 0; i < content.Length; i++)
        {
            if (content[i] == '\\' && i + 1 < content.Length) { i++; }
            text.Append(content[i]);
        }
        return text.ToString();
    }

    /// <summary>With a backslash before what has to have one (RFC 5321, 4.1.2).</summary>
    private static string Quoted(string content) =>
        content.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    /// <summary>At least two labels, each as an A-label; null for what is not a host name of IDNA 2008, and for an address literal.</summary>
    private static string? Domain(string host)
    {
        var labels = PlainText.Nfc(HalfWidth(host).ToLowerInvariant()).Split('.').Select(Label).ToList();
        if (labels.Count < 2 || labels.Contains(null) || labels[^1]!.Length < 2) { return null; }
        var domain = string.Join('.', labels);
        return domain.Length <= MaxDomain ? domain : null;
    }

    private static string? Label(string label)
    {
        try
        {
            if (!Ascii.IsValid(label)) { return IsUnicodeLabel(label) ? Idn.GetAscii(label) : null; }
            if (!label.StartsWith("xn--", StringComparison.Ordinal)) { return Idn.GetAscii(label); }
            // An A-label is one only if it is what its U-label is written as (RFC 5891, 5.4).
            var unicode = Idn.GetUnicode(label);
            var isLabel = !Ascii.IsValid(unicode) && IsUnicodeLabel(unicode) && PlainText.Nfc(unicode) == unicode;
            return isLabel && Idn.GetAscii(unicode) == label ? label : null;
        }
        catch (ArgumentException) { return null; }
    }

    /// <summary>
    /// RFC 5892 without its contextual rules: lower-case letters, marks, digits and the hyphen. Letters that are only other
    /// shapes of letters are refused, since the tables that would map them belong to ICU.
    /// </summary>
    private static bool IsUnicodeLabel(string label) =>
        label.EnumerateRunes().All(rune => (rune.Value == '-' || IsLetterMarkOrDigit(rune)) && !IsOtherShape(rune.Value))
        && !IsMark(label.EnumerateRunes().First())
        && !label.StartsWith('-') && !label.EndsWith('-') && !(label.Length > 3 && label[2..4] == "--");

    private static bool IsLetterMarkOrDigit(Rune rune) => IsMark(rune) || Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.LowercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter or UnicodeCategory.DecimalDigitNumber;

    private static bool IsMark(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    /// <summary>
    /// Compatibility letters by block: ordinals, digraphs, superscripts, letter-like symbols, ligatures, presentation and width
    /// forms, mathematical letters.
    /// </summary>
    private static bool IsOtherShape(int codePoint) => codePoint
        is 0xAA or 0xBA or 0x133 or 0x140 or 0x149 or 0x17F or (>= 0x1C4 and <= 0x1CC) or (>= 0x1F1 and <= 0x1F3)
        or (>= 0x2B0 and <= 0x2B8) or (>= 0x2E0 and <= 0x2E4) or (>= 0x1D2C and <= 0x1D6A) or (>= 0x1D9B and <= 0x1DBF)
        or (>= 0x2070 and <= 0x209C) or (>= 0x2100 and <= 0x214F) or (>= 0x3131 and <= 0x318E) or (>= 0xFB00 and <= 0xFDFF)
        or (>= 0xFE70 and <= 0xFEFF) or (>= 0xFF00 and <= 0xFFEF) or (>= 0x1D400 and <= 0x1D7FF) or (>= 0x1EE00 and <= 0x1EEFF);

    /// <summary>UTS 46 maps full-width letters, digits, the hyphen and the full stops to those of ASCII; Japanese keyboards produce them.</summary>
    private static string HalfWidth(string host) => Ascii.IsValid(host) ? host : string.Concat(host.Select(c => c switch
    {
        >= '\uFF01' and <= '\uFF5E' => (char)(c - 0xFEE0),
        '\u3002' or '\uFF61' => '.',
        _ => c,
    }));
}
