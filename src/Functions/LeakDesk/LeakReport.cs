using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CustomerFunctions.Edge;

namespace CustomerFunctions.LeakDesk;

/// <summary>One token that a scanner found in public, in GitHub's secret-scanning partner format.</summary>
/// <param name="Token">The token as it was found.</param>
/// <param name="Type">The scanner's name for tokens of this form.</param>
/// <param name="Url">Where it was found.</param>
/// <param name="Source">In what it was found: content, commit, issue and so on.</param>
public sealed record LeakReport([property: Required] string? Token = null, string? Type = null, string? Url = null, string? Source = null);

public enum LeakLabel
{
    /// <summary>The token is or was one of ours.</summary>
    [JsonStringEnumMemberName("true_positive")] TruePositive,
    [JsonStringEnumMemberName("false_positive")] FalsePositive,
}

/// <summary>What the scanner is told of a token; named by its hash, so that no answer carries one.</summary>
[method: JsonConstructor]
public sealed record LeakVerdict(
    [property: JsonPropertyName("token_hash")] string TokenHash,
    [property: JsonPropertyName("token_type")] string? TokenType,
    [property: JsonPropertyName("label")] LeakLabel Label);

/// <summary>What is done with a customer's key that was found in public.</summary>
[JsonConverter(typeof(NamedEnumConverter<LeakResponse>))]
public enum LeakResponse
{
    /// <summary>It stops working now; a service account gets its next key first.</summary>
    [JsonStringEnumMemberName("revoke")] Revoke,

    /// <summary>It goes on for a day, or for a service account's usual overlap, so that nothing breaks while its owner acts.</summary>
    [JsonStringEnumMemberName("grace")] Grace,
}
