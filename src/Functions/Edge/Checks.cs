using System.Globalization;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Edge;

/// <summary>Collects everything that is wrong with a request, field by field, so that a caller mends it in one go.</summary>
internal sealed partial class Checks
{
    private const int MaxMetadata = 50;
    private readonly List<FieldError> errors = [];

    /// <summary>The refusal, or null when nothing is wrong.</summary>
    public Problem? Refusal => errors.Count == 0 ? null : Failures.Invalid(errors);

    public void Add(string pointer, string code, string detail) => errors.Add(new FieldError(pointer, code, detail));

    /// <summary>A parameter that the route does not have is more likely a mistake than an ornament.</summary>
    public void Parameters(HttpRequest request, IReadOnlyList<string> known)
    {
        foreach (var unknown in request.Query.Keys.Except(known)) { Add("?" + JsonProblems.Shorten(unknown), "unknown-parameter", $"There is no such parameter. There are: {string.Join(", ", known)}."); }
    }

    /// <summary>Text of 1 to <paramref name="max"/> characters without control characters; white space alone is not text.</summary>
    public void Text(string pointer, string? value, int max, bool required = false)
    {
        if (value is null)
        {
            if (required) { Add(pointer, "required", "The field is required."); }
        }
        else if (string.IsNullOrWhiteSpace(value)) { Add(pointer, "empty", "The field may not be empty."); }
        else if (value.Length > max) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); }
        else if (value.Any(char.IsControl)) { Add(pointer, "control-character", "Control characters are not allowed."); }
        else if (!IsWellFormed(value)) { Add(pointer, "malformed-text", "The text is not well-formed Unicode."); }
    }

    /// <summary>Text of several lines, which may be empty.</summary>
    public void Lines(string pointer, string? value, int max)
    {
        if (value?.Length > max) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); }
        else if (value?.Any(c => char.IsControl(c) && c is not ('\n' or '\r' or '\t')) == true) { Add(pointer, "control-character", "Control characters other than line breaks and tabs are not allowed."); }
    }

    /// <summary>An email address in the everyday form: local@domain.tld, at most 254 characters (RFC 5321 with erratum 1690).</summary>
    public void Email(string pointer, string? value, bool required = false)
    {
        if (value is null || string.IsNullOrWhiteSpace(value)) { Text(pointer, value, 254, required); }
        else if (value.Trim().Length > 254) { Add(pointer, "too-long", "At most 254 characters."); }
        else if (!EmailForm().IsMatch(value.Trim())) { Add(pointer, "malformed-email", "Expected an email address, such as name@example.com."); }
    }

    public void HttpsUrl(string pointer, string? value, int max)
    {
        if (value is null) { return; }
        if (value.Length > max) { Add(pointer, "too-long", string.Create(CultureInfo.InvariantCulture, $"At most {max} characters.")); }
        else if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps) { Add(pointer, "malformed-url", "Expected an absolute https URL."); }
    }

    /// <summary>Up to 50 names (40 characters) with text values (500 characters).</summary>
    public void Metadata(string pointer, IReadOnlyDictionary<string, string?>? metadata)
    {
        if (metadata is null) { return; }
        if (metadata.Count > MaxMetadata) { Add(pointer, "too-many", "At most 50 entries."); return; }
        foreach (var (name, value) in metadata)
        {
            if (name.Length is 0 or > 40 || name.Any(char.IsControl)) { Add(pointer, "malformed", "A name has 1 to 40 characters, none of them a control character."); continue; }
            var entry = $"{pointer}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
            if (value is null) { Add(entry, "required", "A value is text."); }
            else { Lines(entry, value, 500); }
        }
    }

    /// <summary>An instant (RFC 3339); null when there is none, or when it is malformed.</summary>
    public DateTimeOffset? Instant(string pointer, string? text)
    {
        if (string.IsNullOrEmpty(text)) { return null; }
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)) { return instant; }
        Add(pointer, "malformed", "Expected an instant such as 2026-11-21T03:00:00Z.");
        return null;
    }

    public void Form(string pointer, string? value, Regex form, string expected)
    {
        if (value is not null && !form.IsMatch(value)) { Add(pointer, "malformed", expected); }
    }

    private static bool IsWellFormed(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsHighSurrogate(value[i]) && i + 1 < value.Length && char.IsLowSurrogate(value[i + 1])) { i++; }
            else if (char.IsSurrogate(value[i])) { return false; }
        }
        return true;
    }

    [GeneratedRegex(@"^[^\s@\p{C}<>()\[\],;:""\\]{1,64}@(?=.{1,253}\z)([\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])?\.)+[\p{L}\p{N}]([\p{L}\p{N}-]{0,61}[\p{L}\p{N}])\z", RegexOptions.CultureInvariant)]
    private static partial Regex EmailForm();
}
