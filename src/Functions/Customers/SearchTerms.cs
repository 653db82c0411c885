using System.Text;
using CustomerFunctions.Names;

namespace CustomerFunctions.Customers;

/// <summary>
/// A text search that an index can answer: a customer carries every beginning of every word by which it may be looked for, and a query asks for one of them. So
/// <c>q=ada</c> costs the same among a million customers as among ten.
/// </summary>
internal static class SearchTerms
{
    /// <summary>Beginnings are kept from this length...</summary>
    public const int MinLength = 2;

    /// <summary>...to this; a longer query word finds by its first characters.</summary>
    public const int MaxLength = 16;

    private const int MaxTerms = 160;

    /// <summary>The email's terms come first: the number of terms is bounded, and a customer must be found by its email however long its other texts are.</summary>
    public static IReadOnlyList<string> Of(string name, string? companyName, string email, string slug) =>
        [.. new[] { email, slug, name, companyName }.SelectMany(text => Words(text)).SelectMany(Beginnings).Distinct().Take(MaxTerms)];

    /// <summary>The terms a query asks for, all of which must be there; empty when the query has no word long enough.</summary>
    public static IReadOnlyList<string> Asked(string query) =>
        [.. Words(query).Where(word => word.Length >= MinLength).Select(word => word[..Math.Min(word.Length, MaxLength)]).Distinct().Take(5)];

    private static IEnumerable<string> Beginnings(string word)
    {
        for (var length = MinLength; length <= Math.Min(word.Length, MaxLength); length++) { yield return word[..length]; }
    }

    /// <summary>Runs of letters and digits, in lower case and without accents.</summary>
    private static IEnumerable<string> Words(string? text)
    {
        var word = new StringBuilder();
        foreach (var c in Latin.Fold(text ?? ""))
        {
            if (char.IsLetterOrDigit(c)) { word.Append(c); continue; }
            if (word.Length > 0) { yield return word.ToString(); word.Clear(); }
        }
        if (word.Length > 0) { yield return word.ToString(); }
    }
}
