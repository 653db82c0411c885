using System.Text.Json;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Edge;

/// <summary>Turns a JSON reader's complaint into a problem that names the field, without echoing what the caller sent.</summary>
internal static partial class JsonProblems
{
    /// <summary>As long as the names that people may choose themselves (<see cref="Checks.Metadata"/>). A longer one is cut short: it may be a key that slipped into the wrong place.</summary>
    private const int LongestName = 40;

    /// <summary>So much is left of a longer one: too little of a key to tell it.</summary>
    private const int KeptOfLonger = 12;

    public static Problem Explain(JsonException exception)
    {
        var pointer = Pointer(exception.Path);
        if (exception is UnfitValueException unfit) { return Failures.Invalid(pointer + unfit.Within, unfit.Code, unfit.Message); }
        if (Unmapped().Match(exception.Message) is { Success: true } unmapped)
        {
            var name = unmapped.Groups["name"].Value;
            return Failures.Invalid(pointer.EndsWith('/' + Escape(name)) ? pointer : $"{pointer}/{Escape(name)}", "unknown-field", "There is no such field.");
        }
        if (Duplicate().IsMatch(exception.Message)) { return Failures.Invalid(pointer, "duplicate-field", "The field stands in the object more than once."); }
        if (exception.Message.Contains("ISO 8601", StringComparison.Ordinal)) { return Failures.Invalid(pointer, "wrong-type", "Expected an ISO 8601 duration of days and time, such as P90D or PT12H."); }
        if (exception.Message.Contains("RFC 3339", StringComparison.Ordinal)) { return Failures.Invalid(pointer, "wrong-type", Checks.InstantForm); }
        if (Converted().Match(exception.Message) is { Success: true }) { return Failures.Invalid(pointer, "wrong-type", "The value has the wrong type or form for this field."); }

        var line = exception.LineNumber is { } number ? $" (line {number + 1}, byte {exception.BytePositionInLine + 1})" : "";
        return Failures.Invalid(pointer, "malformed-json", $"The body is not well-formed JSON{line}.");
    }

    /// <summary><c>$.contacts.primary</c> and <c>$['a b']</c> as RFC 6901.</summary>
    private static string Pointer(string? path) =>
        path is null ? "" : string.Concat(Step().Matches(path.TrimStart('$')).Select(step => "/" + Escape(step.Groups["name"].Value)));

    /// <summary>A name as a step of an RFC 6901 pointer.</summary>
    public static string Escape(string name) => Shorten(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    /// <summary>A name that the caller has made up, as far as it is repeated to anybody.</summary>
    public static string Shorten(string name) => name.Length <= LongestName ? name : name[..KeptOfLonger] + "…";

    [GeneratedRegex(@"\['(?<name>[^']*)'\]|\[(?<name>\d+)\]|\.?(?<name>[^.\[\]]+)")]
    private static partial Regex Step();

    [GeneratedRegex("^The JSON property '(?<name>.*)' could not be mapped")]
    private static partial Regex Unmapped();

    [GeneratedRegex("^Duplicate propert(y|ies)")]
    private static partial Regex Duplicate();

    [GeneratedRegex("could not be converted|Cannot get the value of a token type|cannot be deserialized")]
    private static partial Regex Converted();
}
