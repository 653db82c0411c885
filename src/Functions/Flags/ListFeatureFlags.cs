using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Flags;

/// <summary>Where a flag's value comes from.</summary>
public enum FlagSource
{
    [JsonStringEnumMemberName("plan")] Plan,
    [JsonStringEnumMemberName("override")] Override,
}

/// <param name="Name">The flag's name.</param>
/// <param name="Description">What a customer can do with it.</param>
/// <param name="Enabled">Whether this customer has it.</param>
/// <param name="Source">Whether its plan says so, or staff.</param>
public sealed record FeatureFlagResponse(string Name, string Description, bool Enabled, FlagSource Source)
{
    internal static FeatureFlagResponse From(FeatureFlag flag, Customer customer) => new(
        flag.Name, flag.Description, FeatureFlags.IsEnabled(flag, customer), customer.FlagOverrides.ContainsKey(flag.Name) ? FlagSource.Override : FlagSource.Plan);
}

/// <summary>Lists every flag with its value for this customer. The list is short and has one page.</summary>
internal static class ListFeatureFlags
{
    public static Ok<PageOf<FeatureFlagResponse>> Handle(string customerId, CustomerInPath customer) =>
        TypedResults.Ok(new PageOf<FeatureFlagResponse>([.. FeatureFlags.All.Select(flag => FeatureFlagResponse.From(flag, customer.Value))], null));
}
