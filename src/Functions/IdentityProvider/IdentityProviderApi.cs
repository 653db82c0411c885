using CustomerFunctions.Access;

namespace CustomerFunctions.IdentityProvider;

internal static class IdentityProviderApi
{
    public static void MapIdentityProvider(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/webhooks/identity", ReceiveIdentityEvent.Handle).WithName("ReceiveIdentityEvent").WithTags("Identity provider").IsOpen()
            .Accepts<IdentityEvent>("application/json").ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
}
