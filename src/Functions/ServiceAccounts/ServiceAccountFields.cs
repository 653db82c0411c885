using CustomerFunctions.Edge;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>What callers say of a service account, and may change at any time. None of it has an effect.</summary>
/// <param name="DisplayName">At most 120 characters.</param>
/// <param name="Description">At most 2,000 characters.</param>
/// <param name="Metadata">Up to 50 names (40 characters) with text values (500 characters).</param>
/// <param name="Tags">Up to 20 words of at most 50 characters to find it by, each once.</param>
public sealed record ServiceAccountFields(
    string? DisplayName = null, string? Description = null, IReadOnlyDictionary<string, string?>? Metadata = null, IReadOnlyList<string>? Tags = null)
{
    private const int MaxTags = 20;
    private const int MaxTagLength = 50;

    internal static readonly ServiceAccountFields None = new();

    /// <summary>The same fields in Normalization Form C.</summary>
    internal ServiceAccountFields Composed() => this with
    {
        DisplayName = DisplayName is null ? null : PlainText.Nfc(DisplayName),
        Description = Description is null ? null : PlainText.Nfc(Description),
        Tags = Tags is null ? null : [.. Tags.Select(tag => tag is null ? null! : PlainText.Nfc(tag))],
    };

    /// <summary>Null when everything is as the fields' descriptions say; else the refusal that names each field that is not.</summary>
    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/displayName", DisplayName, 120);
        checks.Lines("/description", Description, 2_000);
        checks.Metadata("/metadata", Metadata);
        if (Tags?.Count > MaxTags) { checks.Add("/tags", "too-many", "At most 20 tags."); }
        for (var i = 0; i < Math.Min(Tags?.Count ?? 0, MaxTags); i++)
        {
            checks.Text($"/tags/{i}", Tags![i], MaxTagLength, required: true);
            if (Tags.Take(i).Contains(Tags[i])) { checks.Add($"/tags/{i}", "duplicate", "Each tag once."); }
        }
        return checks.Refusal;
    }
}
