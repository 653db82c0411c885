using CustomerFunctions.Edge;

namespace CustomerFunctions.Trials;

/// <summary>The timer of trials; their data is the customer's.</summary>
internal static class TrialsApi
{
    public static void MapTrials(this IEndpointRouteBuilder app) =>
        app.MapPost("/" + nameof(ExpireTrials), ExpireTrials.Handle).IsTimer(nameof(ExpireTrials), "TrialExpirySchedule");
}
