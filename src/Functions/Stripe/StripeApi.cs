using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Stripe;

internal static class StripeApi
{
    public static void MapStripe(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/webhooks/stripe", ReceiveStripeEvent.Handle).WithName("ReceiveStripeEvent").WithTags("Stripe").IsOpen().ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);

        app.MapPost("/" + nameof(ReconcileStripeEvents), ReconcileStripeEvents.Handle).IsTimer(nameof(ReconcileStripeEvents), "StripeSchedule");
    }
}
