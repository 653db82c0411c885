using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Accounts;

/// <summary>What people say of themselves.</summary>
/// <param name="Name">1 to 120 characters.</param>
/// <param name="AvatarUrl">An https URL of at most 2,000 characters.</param>
/// <param name="Phone">E.164, such as +4930123456.</param>
/// <param name="TimeZone">A name of the IANA time zone database, such as Europe/Berlin.</param>
/// <param name="Preferences">A JSON object of at most 16 KiB in UTF-8, for front ends. Its numbers are 64-bit floating-point numbers.</param>
public sealed partial record ProfileFields(string? Name = null, string? AvatarUrl = null, string? Phone = null, string? TimeZone = null, JsonObject? Preferences = null)
{
    private const int MaxPreferencesKiB = 16;

    internal static ProfileFields Of(Account account) => new(account.Name, account.AvatarUrl, account.Phone, account.TimeZone, account.Preferences);

    internal Account ApplyTo(Account account) => account with { Name = Name!.Trim(), AvatarUrl = AvatarUrl, Phone = Phone, TimeZone = TimeZone, Preferences = Preferences };

    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/name", Name, 120, required: true);
        checks.Url("/avatarUrl", AvatarUrl, 2_000);
        checks.Form("/phone", Phone, PhoneForm(), "Expected an E.164 number, such as +4930123456.");
        if (TimeZone is not null && !TimeZones.Contains(TimeZone)) { checks.Add("/timeZone", "unknown-value", "Expected a name of the IANA time zone database, such as Europe/Berlin."); }
        checks.Json("/preferences", Preferences, MaxPreferencesKiB);
        return checks.Refusal;
    }

    [GeneratedRegex(@"^\+[1-9][0-9]{4,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PhoneForm();
}
