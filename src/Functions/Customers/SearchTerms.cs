using System.Text;
using CustomerFunctions.Names;

namespace CustomerFunctions.Customers;

/// <summary>
/// A text search that an index can answer: a customer carries every beginning of every word by which it may be looked for, and a query asks for one of them. So
/// <c>q=ada</c> costs the same among a million customers as among ten.
/// </summary>
internal static class SearchTerms
{
    /// <summary>Beginnings are kept from this length, and from one character of a script that writes words as one (Han, kana, Hangul)...</summary>
    public const int MinLength = 2;

    /// <summary>...to this; a longer query word finds by its first characters.</summary>
    public const int MaxLength = 16;

    private const int MaxTerms = 160;

    /// <summary>The email's terms come first: the number of terms is bounded, and a customer must be found by its email however long its other texts are.</summary>
    public static IReadOnlyList<string> Of(string name, string? companyName, string email, string slug) =>
        [.. new[] { email, slug, name, companyName }.SelectMany(text => Words(text)).SelectMany(Beginnings).Distinct().Take(MaxTerms)];

    /// <summary>The terms a query asks for, all of which must be there; empty when the query has no word long enough.</summary>
    public static IReadOnlyList<string> Asked(string query) =>
        [.. Words(query).Where(word => word.Length >= Shortest(word)).Select(word => Beginning(word, MaxLength)).Distinct().Take(5)];

    private static IEnumerable<string> Beginnings(string word)
    {
        for (var length = Shortest(word); length <= Math.Min(word.Length, MaxLength); length++)
        {
            if (!char.IsHighSurrogate(word[length - 1])) { yield return word[..length]; }
        }
    }

    /// <summary>The first characters; a surrogate pair is not cut.</summary>
    private static string Beginning(string word, int length) => word.Length <= length ? word : word[..(char.IsHighSurrogate(word[length - 1]) ? length - 1 : length)];

    /// <summary>How long the shortest beginning is, in UTF-16 units.</summary>
    public static int Shortest(string word)
    {
        var first = word.EnumerateRunes().First();
        return IsWholeWord(first.Value) ? first.Utf16SequenceLength : MinLength;
    }

    /// <summary>Hiragana, katakana, Hangul syllables, and Han with its extensions.</summary>
    private static bool IsWholeWord(int codePoint) => codePoint
        is 0x3005 or 0x3007 or (>= 0x3041 and <= 0x30FF) or (>= 0x3400 and <= 0x4DBF) or (>= 0x4E00 and <= 0x9FFF) or (>= 0xAC00 and <= 0xD7A3) or (>= 0xF900 and <= 0xFAFF) or (>= 0x20000 and <= 0x3FFFF);

    /// <summary>Runs of letters and digits, in lower case and without accents.</summary>
    private static IEnumerable<string> Words(string? text)
    {
        var word = new StringBuilder();
        foreach (var rune in Latin.Fold(text ?? "").EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune)) { word.Append(rune.ToString()); continue; }
            if (word.Length > 0) { yield return word.ToString(); word.Clear(); }
        }
        if (word.Length > 0) { yield return word.ToString(); }
    }
}
