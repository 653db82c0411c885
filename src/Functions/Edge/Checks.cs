using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Edge;

/// <summary>Collects everything that is wrong with a request, field by field, so that a caller mends it in one go.</summary>
internal sealed partial class Checks
{
    /// <summary>What is said of an instant that is none.</summary>
    public const string InstantForm = "Expected an RFC 3339 date-time with an offset, such as 2026-11-21T03:00:00Z or 2026-11-21T04:00:00+01:00.";

    private const int MaxMetadata = 50;
    private readonly List<FieldError> errors = [];

    public int Count => errors.Count;

    /// <summary>The refusal, or null when nothing is wrong.</summary>
    public Problem? Refusal => errors.Count == 0 ? null : Failures.Invalid(errors);

    public void Add(string pointer, string code, string detail) => errors.Add(new FieldError(pointer, code, detail));

    /// <summary>A parameter that the route does not have is more likely a mistake than an ornament.</summary>
    public void Parameters(HttpRequest request, IReadOnlyList<string> known)
    {
        foreach (var unknown in request.Query.Keys.Except(known)) { Add("?" + JsonProblems.Shorten(unknown), "unknown-parameter", $"There is no such parameter. There are: {string.Join(", ", known)}."); }
    }

    /// <summary>
    /// Text of 1 to <paramref name="max"/> code points with at least one that is visible, on one line, and without the characters that
    /// change the direction of the text around it. See <see cref="PlainText"/>.
    /// </summary>
    public void Text(string pointer, string? value, int max, bool required = false)
    {
        if (value is null)
        {
            if (required) { Add(pointer, "required", "The field is required."); }
        }
        else if (string.IsNullOrWhiteSpace(value)) { Add(pointer, "empty", "The field may not be empty."); }
        else if (PlainText.IsLonger(value, max)) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); }
        else if (!PlainText.IsWellFormed(value)) { Add(pointer, "malformed-text", "The text is not well-formed Unicode."); }
        else if (value.EnumerateRunes().Any(PlainText.IsControl)) { Add(pointer, "control-character", "Control characters are not allowed."); }
        else if (value.EnumerateRunes().Any(PlainText.IsDirectionControl)) { Add(pointer, "direction-control", "Remove the characters that change the direction of text (U+202A to U+202E, U+2066 to U+2069)."); }
        else if (!PlainText.IsVisible(value)) { Add(pointer, "empty", "The field needs at least one visible character."); }
    }

    /// <summary>Text of several lines, which may be empty.</summary>
    public void Lines(string pointer, string? value, int max)
    {
        if (value is not null && PlainText.IsLonger(value, max)) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); }
        else if (value?.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) == true) { Add(pointer, "control-character", "Control characters other than line breaks and tabs are not allowed."); }
    }

    /// <summary>An email address with a host name of at least two labels; at most 254 octets. See <see cref="EmailAddress"/>.</summary>
    public void Email(string pointer, string? value, bool required = false)
    {
        if (value is null || string.IsNullOrWhiteSpace(value)) { Text(pointer, value, EmailAddress.MaxOctets, required); return; }
        var isLong = value.Length > 4 * EmailAddress.MaxOctets;
        var isAddress = EmailAddress.TryRead(isLong ? "" : value, out var key);
        if (isLong || Encoding.UTF8.GetByteCount(isAddress ? key : value.Trim()) > EmailAddress.MaxOctets) { Add(pointer, "too-long", "At most 254 characters."); }
        else if (!isAddress) { Add(pointer, "malformed-email", "Expected an email address, such as name@example.com."); }
    }

    /// <summary>
    /// An absolute https URL without white space, control characters and user information (RFC 3986 section 3.2.1, deprecated there as it leads readers and
    /// passwords astray); null when there is none, or when it is malformed.
    /// </summary>
    public Uri? Url(string pointer, string? value, int max, bool allowHttp = false)
    {
        if (value is null) { return null; }
        if (value.Length > max) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); return null; }
        if (value.EnumerateRunes().Any(rune => Rune.IsWhiteSpace(rune) || PlainText.IsControl(rune) || PlainText.IsDirectionControl(rune)))
        {
            Add(pointer, "malformed-url", "Remove white space and control characters; encode those that belong to the URL as %20 and the like.");
            return null;
        }
        if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || !(url.Scheme == Uri.UriSchemeHttps || (allowHttp && url.Scheme == Uri.UriSchemeHttp)))
        {
            Add(pointer, "malformed-url", "Expected an absolute https URL.");
            return null;
        }
        if (!UserInfo().IsMatch(value)) { return url; }
        Add(pointer, "malformed-url", "Remove the user name and password before the host name.");
        return null;
    }

    /// <summary>A JSON object of the caller's own; see <see cref="JsonSize"/>.</summary>
    public void Json(string pointer, JsonObject? value, int maxKiB)
    {
        if (value is not null && JsonSize.Of(value) > maxKiB * 1024) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {maxKiB} KiB.")); }
    }

    /// <summary>Up to 50 names (40 characters) with text values (500 characters).</summary>
    public void Metadata(string pointer, IReadOnlyDictionary<string, string?>? metadata)
    {
        if (metadata is null) { return; }
        if (metadata.Count > MaxMetadata) { Add(pointer, "too-many", "At most 50 entries."); return; }
        foreach (var (name, value) in metadata)
        {
            if (name.Length == 0 || PlainText.IsLonger(name, 40) || name.Any(char.IsControl)) { Add(pointer, "malformed", "A name has 1 to 40 characters, none of them a control character."); continue; }
            var entry = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (value is null) { Add(entry, "required", "A value is text."); }
            else { Lines(entry, value, 500); }
        }
    }

    /// <summary>An instant in a query (RFC 3339); null when there is none, or when it is malformed.</summary>
    public DateTimeOffset? Instant(string pointer, string? text)
    {
        if (string.IsNullOrEmpty(text)) { return null; }
        if (InstantConverter.TryParse(text, out var instant)) { return instant; }
        Add(pointer, "malformed", InstantForm + " In a query, write + as %2B.");
        return null;
    }

    public void Form(string pointer, string? value, Regex form, string expected)
    {
        if (value is not null && !form.IsMatch(value)) { Add(pointer, "malformed", expected); }
    }

    [GeneratedRegex(@"^[^:/?#\\]+:[/\\]*[^/?#\\]*@", RegexOptions.CultureInvariant)]
    private static partial Regex UserInfo();
}
