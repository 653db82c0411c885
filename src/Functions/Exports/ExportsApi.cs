using CustomerFunctions.Access;

namespace CustomerFunctions.Exports;

/// <summary>Everything there is of one customer, and all customers of a list.</summary>
internal static class ExportsApi
{
    public static void MapExports(this IEndpointRouteBuilder app)
    {
        var exports = app.MapGroup("/api/customers").WithTags("Exports");
        exports.MapGet("export", ExportCustomers.Handle).WithName("ExportCustomers").Requires(Permission.CustomersList)
            .Produces<string>(200, JsonLines.ContentType, Csv.ContentType).ProducesProblem(400);
        exports.MapGet("{customerId}/export", ExportCustomer.Handle).WithName("ExportCustomer").Requires(Permission.CustomersExport)
            .Produces<string>(200, JsonLines.ContentType).ProducesProblem(404);
    }
}
