using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Trials;

/// <summary>Trials: staff extends them, a timer ends them; their data is the customer's.</summary>
internal static class TrialsApi
{
    public static void MapTrials(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/customers/{customerId}/trial/extend", ExtendTrial.Handle).WithName("ExtendTrial").WithTags("Trials").Requires(Permission.TrialsExtend).IsIdempotent()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        app.MapPost("/" + nameof(ExpireTrials), ExpireTrials.Handle).IsTimer(nameof(ExpireTrials), "TrialExpirySchedule");
    }
}
