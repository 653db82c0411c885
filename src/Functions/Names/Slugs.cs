using System.Globalization;
using System.Text;

namespace CustomerFunctions.Names;

/// <summary>Names as they can stand in a URL or a secret's name: lower-case ASCII letters, digits and single hyphens.</summary>
internal static class Slugs
{
    /// <summary>"Ada &amp; Söhne GmbH" becomes "ada-sohne-gmbh"; a name without any usable character becomes <paramref name="fallback"/>.</summary>
    public static string From(string name, int maxLength, string fallback)
    {
        var slug = new StringBuilder();
        foreach (var c in name.Normalize(NormalizationForm.FormD))
        {
            if (CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.NonSpacingMark) { continue; }
            if (char.IsAsciiLetterOrDigit(c)) { slug.Append(char.ToLowerInvariant(c)); }
            else if (slug.Length > 0 && slug[^1] != '-') { slug.Append('-'); }
            if (slug.Length == maxLength) { break; }
        }
        var text = slug.ToString().Trim('-');
        return text.Length == 0 ? fallback : text;
    }
}
