using CustomerFunctions.Access;

namespace CustomerFunctions.Flags;

/// <summary>What a customer can do, for whoever shows or hides it; staff decide otherwise than the plan.</summary>
internal static class FlagsApi
{
    public static void MapFlags(this IEndpointRouteBuilder app)
    {
        var flags = app.MapGroup("/api/customers/{customerId}/feature-flags").WithTags("Feature flags");
        flags.MapGet("", ListFeatureFlags.Handle).WithName("ListFeatureFlags").Requires(Permission.CustomersRead).ProducesProblem(404);
        flags.MapPut("{flag}", SetFeatureFlag.Handle).WithName("SetFeatureFlag").Requires(Permission.FeatureFlagsWrite).ProducesProblem(400).ProducesProblem(404);
        flags.MapDelete("{flag}", ResetFeatureFlag.Handle).WithName("ResetFeatureFlag").Requires(Permission.FeatureFlagsWrite).ProducesProblem(404);
    }
}
