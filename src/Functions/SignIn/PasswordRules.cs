using CustomerFunctions.Edge;

namespace CustomerFunctions.SignIn;

/// <summary>
/// What a password may be: OWASP ASVS 5, 6.2. Long enough, nothing that many people choose, nothing that stands in the account; no rule about its characters, and nothing is cut off.
/// </summary>
internal static class PasswordRules
{
    public const int MinLength = 8;
    public const int MaxLength = 128;

    private static readonly string[] Product = ["customerfunctions", "customer functions"];

    /// <summary>Checks a password that is to be set. Lengths are code points of the prepared form; see <see cref="PasswordText"/>.</summary>
    public static void Check(Checks checks, string pointer, string? given, string? email, string? name)
    {
        if (given is null) { checks.Add(pointer, "required", "The field is required."); return; }
        if (PasswordText.IsTooLong(given)) { checks.Add(pointer, "too-long", $"At most {MaxLength} characters."); return; }
        var password = PasswordText.Prepare(given);
        if (PasswordText.Length(password) < MinLength) { checks.Add(pointer, "too-short", $"At least {MinLength} characters; 15 or more are advised."); return; }
        if (PasswordText.HasDisallowed(password)) { checks.Add(pointer, "control-character", "Control characters are not allowed."); return; }
        if (CommonPasswords.Contains(password)) { checks.Add(pointer, "too-common", "Many people choose this password, so it is tried first. Take another."); return; }
        if (IsTooClose(password, email, name)) { checks.Add(pointer, "too-close", "The password is little more than the name, the address or the product's name. Take another."); }
    }

    /// <summary>Checks a password that is only compared: what is longer than any password is not worth a hash.</summary>
    public static void CheckGiven(Checks checks, string pointer, string? given)
    {
        if (string.IsNullOrEmpty(given)) { checks.Add(pointer, "required", "The field is required."); }
        else if (PasswordText.IsTooLong(given)) { checks.Add(pointer, "too-long", $"At most {MaxLength} characters."); }
    }

    /// <summary>Whether, without words that stand in the account, too little is left to be a password.</summary>
    private static bool IsTooClose(string password, string? email, string? name)
    {
        var words = (email ?? "").Split('@', '.', '+', '-', '_').Concat((name ?? "").Split(' ', '-', '.')).Concat(Product).Append(email ?? "").Append((name ?? "").Replace(" ", "", StringComparison.Ordinal))
            .Where(word => word.Length >= 4).OrderByDescending(word => word.Length).ToList();
        var rest = words.Aggregate(password, (text, word) => text.Replace(word, "", StringComparison.OrdinalIgnoreCase));
        return rest.Length < password.Length && rest.Count(char.IsLetter) < 3 && rest.Length < MinLength;
    }
}
