using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.LeakDesk;

internal static class LeakDeskApi
{
    public static void MapLeakDesk(this IEndpointRouteBuilder app)
    {
        app.MapPost("/api/webhooks/leaked-keys", ReceiveLeakReports.Handle).WithName("ReceiveLeakReports").WithTags("Leak desk").IsOpen()
            .Accepts<IReadOnlyList<LeakReport>>("application/json").ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);
        var response = app.MapGroup("/api/customers/{customerId}/leak-response").WithTags("Leak desk");
        response.MapGet("", GetLeakResponse.Handle).WithName("GetLeakResponse").HasETag().Requires(Permission.LeakResponseRead).ProducesProblem(404);
        response.MapPut("", SetLeakResponse.Handle).WithName("SetLeakResponse").Requires(Permission.LeakResponseWrite)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
    }
}
