using System.ComponentModel.DataAnnotations;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Customers;

/// <summary>
/// What callers set about a customer: the body of POST and PUT, and what a merge patch is applied to. Only <see cref="Name"/> and <see cref="Email"/> are required.
/// </summary>
/// <param name="Name">1 to 120 characters. A character is a Unicode code point, here and below.</param>
/// <param name="Email">Unique among customers, in whatever spelling of the mailbox; at most 254 octets.</param>
/// <param name="Slug">Unique; 3 to 60 lower-case letters, digits and single hyphens. Made from the name when absent, kept when absent in a change.</param>
/// <param name="DisplayName">At most 120 characters.</param>
/// <param name="Description">At most 2,000 characters.</param>
/// <param name="CompanyName">At most 200 characters.</param>
/// <param name="Phone">E.164, such as +4930123456.</param>
/// <param name="Address">Postal address.</param>
/// <param name="LogoUrl">An https URL of at most 2,000 characters.</param>
/// <param name="GithubOrg">A GitHub organisation's name.</param>
/// <param name="Settings">A JSON object of at most 32 KiB in UTF-8, the caller's own. Its numbers are 64-bit floating-point numbers.</param>
/// <param name="Metadata">Up to 50 names (40 characters) with text values (500 characters).</param>
/// <param name="Contacts">Whom to reach about what.</param>
public partial record CustomerFields(
    [property: Required] string? Name = null,
    [property: Required] string? Email = null,
    string? Slug = null,
    string? DisplayName = null,
    string? Description = null,
    string? CompanyName = null,
    string? Phone = null,
    PostalAddress? Address = null,
    string? LogoUrl = null,
    string? GithubOrg = null,
    JsonObject? Settings = null,
    IReadOnlyDictionary<string, string?>? Metadata = null,
    CustomerContacts? Contacts = null)
{
    private const int MaxSettingsKiB = 32;

    /// <summary>Null when everything is as the fields' descriptions say; else the refusal that names each field that is not.</summary>
    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/name", Name, 120, required: true);
        checks.Email("/email", Email, required: true);
        checks.Form("/slug", Slug, SlugForm(), "Expected 3 to 60 lower-case letters, digits and single hyphens, such as acme-labs.");
        checks.Text("/displayName", DisplayName, 120);
        checks.Text("/companyName", CompanyName, 200);
        checks.Form("/phone", Phone, PhoneForm(), "Expected an E.164 number, such as +4930123456.");
        checks.Url("/logoUrl", LogoUrl, 2_000);
        checks.Form("/githubOrg", GithubOrg, GithubForm(), "Expected the name of a GitHub organisation.");
        checks.Lines("/description", Description, 2_000);
        checks.Json("/settings", Settings, MaxSettingsKiB);
        Address?.Check(checks);
        Contacts?.Check(checks);
        checks.Metadata("/metadata", Metadata);
        return checks.Refusal;
    }

    /// <summary>The same fields in Normalization Form C; settings and metadata are the caller's own and stay as they are.</summary>
    internal CustomerFields Composed() => this with
    {
        Name = Composed(Name),
        DisplayName = Composed(DisplayName),
        CompanyName = Composed(CompanyName),
        Description = Composed(Description),
        Address = Address is null ? null : Address with { Line1 = Composed(Address.Line1), Line2 = Composed(Address.Line2), City = Composed(Address.City), Region = Composed(Address.Region) },
        Contacts = Contacts is null ? null : new CustomerContacts(Composed(Contacts.Primary), Composed(Contacts.Billing), Composed(Contacts.Technical)),
    };

    private static Contact? Composed(Contact? contact) => contact is null ? null : contact with { Name = Composed(contact.Name) };

    private static string? Composed(string? text) => text is null ? null : PlainText.Nfc(text);

    [GeneratedRegex(@"^(?=.{3,60}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex SlugForm();

    [GeneratedRegex(@"^\+[1-9][0-9]{4,14}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PhoneForm();

    [GeneratedRegex(@"^(?=.{1,39}\z)[A-Za-z0-9]+(-[A-Za-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex GithubForm();
}

/// <summary>The body of POST: a customer, and with a password its owner too.</summary>
public sealed record NewCustomer : CustomerFields
{
    /// <summary>Makes the owner's account with it, under the customer's email, so that the customer can sign in at once. 8 to 128 characters; 15 or more are advised.</summary>
    public string? Password { get; init; }

    /// <summary>Starts the customer on a plan instead of a trial: see <c>GET /api/plans</c>. Staff who may change subscriptions only.</summary>
    public string? Plan { get; init; }

    /// <summary>Everything but the password and the plan.</summary>
    internal CustomerFields Fields() => new(Name, Email, Slug, DisplayName, Description, CompanyName, Phone, Address, LogoUrl, GithubOrg, Settings, Metadata, Contacts);
}

public sealed record PostalAddress(string? Line1 = null, string? Line2 = null, string? City = null, string? Region = null, string? PostalCode = null, string? Country = null)
{
    internal void Check(Checks checks)
    {
        checks.Text("/address/line1", Line1, 200);
        checks.Text("/address/line2", Line2, 200);
        checks.Text("/address/city", City, 100);
        checks.Text("/address/region", Region, 100);
        checks.Text("/address/postalCode", PostalCode, 20);
        if (Country is not null && (Country.Length != 2 || !Country.All(char.IsAsciiLetterUpper))) { checks.Add("/address/country", "malformed", "Expected an ISO 3166-1 code of two capital letters, such as DE."); }
    }
}

public sealed record CustomerContacts(Contact? Primary = null, Contact? Billing = null, Contact? Technical = null)
{
    internal void Check(Checks checks)
    {
        Primary?.Check(checks, "/contacts/primary");
        Billing?.Check(checks, "/contacts/billing");
        Technical?.Check(checks, "/contacts/technical");
    }
}

public sealed record Contact(string? Name = null, string? Email = null, string? Phone = null)
{
    internal void Check(Checks checks, string pointer)
    {
        checks.Text($"{pointer}/name", Name, 120);
        checks.Email($"{pointer}/email", Email);
        checks.Text($"{pointer}/phone", Phone, 30);
    }
}
