using System.Globalization;
using System.Text;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Passwords as they are compared: the OpaqueString profile of RFC 8265, so that a password is the same whichever
/// keyboard or system it was typed on. Nothing is trimmed or cut off.
/// </summary>
internal static class PasswordText
{
    /// <summary>Maps every other space to U+0020 and composes characters (NFC): RFC 8265 §4.2.1, steps 2 and 5.</summary>
    public static string Prepare(string password)
    {
        if (Ascii.IsValid(password)) { return password; }
        var mapped = string.Concat(password.Select(character => char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator ? ' ' : character));
        return IsWellFormed(mapped) ? mapped.Normalize(NormalizationForm.FormC) : mapped;
    }

    /// <summary>Whether it has what the profile disallows: control characters, or half a surrogate pair.</summary>
    public static bool HasDisallowed(string password) => password.Any(char.IsControl) || !IsWellFormed(password);

    /// <summary>Its length in Unicode code points, as prepared.</summary>
    public static int Length(string password) => Prepare(password).EnumerateRunes().Count();

    private static bool IsWellFormed(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) { continue; }
            if (!char.IsHighSurrogate(text[i]) || i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])) { return false; }
            i++;
        }
        return true;
    }
}
