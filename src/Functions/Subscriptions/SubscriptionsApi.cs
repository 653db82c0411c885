using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Subscriptions;

/// <summary>What a customer has subscribed to. Also while it is suspended: paying is how it gets out of that.</summary>
internal static class SubscriptionsApi
{
    public static void MapSubscriptions(this IEndpointRouteBuilder app)
    {
        var subscription = app.MapGroup("/api/customers/{customerId}/subscription").WithTags("Subscriptions");
        subscription.MapGet("", GetSubscription.Handle).WithName("GetSubscription").HasETag().Requires(Permission.SubscriptionsRead).EvenWhenSuspended().ProducesProblem(404);
        subscription.MapPost("change", ChangePlan.Handle).WithName("ChangePlan").Requires(Permission.SubscriptionsWrite).EvenWhenSuspended().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        subscription.MapPost("cancel", CancelSubscription.Handle).WithName("CancelSubscription").Requires(Permission.SubscriptionsWrite).EvenWhenSuspended().ProducesProblem(404).ProducesProblem(409);
        subscription.MapPost("resume", ResumeSubscription.Handle).WithName("ResumeSubscription").Requires(Permission.SubscriptionsWrite).EvenWhenSuspended().ProducesProblem(404).ProducesProblem(409);

        app.MapPost("/" + nameof(SettleSubscriptions), SettleSubscriptions.Handle).IsTimer(nameof(SettleSubscriptions), "SubscriptionSchedule");
    }
}
