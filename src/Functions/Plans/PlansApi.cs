using CustomerFunctions.Access;

namespace CustomerFunctions.Plans;

/// <summary>What customers can have, for everybody who is signed in.</summary>
internal static class PlansApi
{
    public static void MapPlans(this IEndpointRouteBuilder app) =>
        app.MapGet("/api/plans", ListPlans.Handle).WithName("ListPlans").WithTags("Plans").Requires(Permission.PlansRead);
}
