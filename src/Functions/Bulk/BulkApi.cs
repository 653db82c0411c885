using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Bulk;

/// <summary>Many changes to many customers in one request.</summary>
internal static class BulkApi
{
    private const long MaxBytes = 4 * 1024 * 1024;

    public static void MapBulk(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/customers/bulk", ChangeCustomers.Handle).WithTags("Customers").WithName("ChangeCustomers").Requires(Permission.CustomersBulk).WithMetadata(new BodyLimit(MaxBytes))
            .Produces<BulkResponse>(StatusCodes.Status207MultiStatus).ProducesProblem(400);
}
