using System.Text;

namespace CustomerFunctions.Names;

/// <summary>Names as they can stand in a URL or a secret's name: lower-case ASCII letters, digits and single hyphens.</summary>
internal static class Slugs
{
    private const int MinLength = 3;

    /// <summary>
    /// "Ada &amp; Söhne GmbH" becomes "ada-sohne-gmbh"; a name without any usable character becomes <paramref name="fallback"/>, one with too few stands behind it.
    /// </summary>
    public static string From(string name, int maxLength, string fallback)
    {
        var slug = new StringBuilder();
        foreach (var c in Latin.Fold(name))
        {
            if (char.IsAsciiLetterOrDigit(c)) { slug.Append(c); }
            else if (slug.Length > 0 && slug[^1] != '-') { slug.Append('-'); }
            if (slug.Length == maxLength) { break; }
        }
        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? fallback : text.Length < MinLength ? $"{fallback}-{text}" : text;
    }
}
