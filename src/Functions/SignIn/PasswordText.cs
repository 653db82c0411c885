using System.Globalization;
using System.Text;
using CustomerFunctions.Edge;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Passwords as text: the OpaqueString profile of RFC 8265, 4.2. Keyboards write one password as different code points;
/// prepared, it is the same on each. Nothing is trimmed, and case is kept.
/// </summary>
internal static class PasswordText
{
    /// <summary>What is hashed: spaces other than U+0020 become U+0020, then Normalization Form C.</summary>
    public static string Prepare(string password) =>
        Ascii.IsValid(password) ? password : PlainText.Nfc(string.Concat(password.Select(c => IsSpace(c) ? ' ' : c)));

    /// <summary>The code points of the prepared password.</summary>
    public static int Length(string prepared) => prepared.EnumerateRunes().Count();

    /// <summary>Whether it has more code points than a password may have. Very long text is not prepared.</summary>
    public static bool IsTooLong(string password) => PlainText.IsLonger(password, PasswordRules.MaxLength);

    /// <summary>Controls are not of the FreeformClass (RFC 8264, 4.3), nor are line separators and halves of surrogate pairs.</summary>
    public static bool HasDisallowed(string prepared) =>
        !PlainText.IsWellFormed(prepared) || prepared.EnumerateRunes().Any(PlainText.IsControl);

    private static bool IsSpace(char c) => char.GetUnicodeCategory(c) == UnicodeCategory.SpaceSeparator;
}
