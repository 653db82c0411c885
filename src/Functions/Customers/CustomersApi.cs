using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Customers;

/// <summary>The routes of customers; each is a function of its own, under its name.</summary>
internal static class CustomersApi
{
    public static void MapCustomers(this IEndpointRouteBuilder app)
    {
        var customers = app.MapGroup("/api/customers").WithTags("Customers");
        customers.MapPost("", CreateCustomer.Handle).WithName("CreateCustomer").Requires(Permission.CustomersCreate).IsIdempotent().ProducesProblem(400).ProducesProblem(409);
        customers.MapGet("", ListCustomers.Handle).WithName("ListCustomers").Requires(Permission.CustomersList).ProducesProblem(400);
        customers.MapGet("{customerId}", GetCustomer.Handle).WithName("GetCustomer").HasETag().Requires(Permission.CustomersRead).ProducesProblem(404);
        customers.MapPut("{customerId}", ReplaceCustomer.Handle).WithName("ReplaceCustomer").Requires(Permission.CustomersWrite).ProducesChangeProblems();
        customers.MapPatch("{customerId}", PatchCustomer.Handle).WithName("PatchCustomer").Requires(Permission.CustomersWrite).Accepts<CustomerFields>("application/merge-patch+json").ProducesChangeProblems();
        customers.MapDelete("{customerId}", DeleteCustomer.Handle).WithName("DeleteCustomer").Requires(Permission.CustomersDelete).ProducesChangeProblems();
        customers.MapGet("{customerId}/statistics", GetStatistics.Handle).WithName("GetStatistics").Requires(Permission.CustomersRead).ProducesProblem(404);
        customers.MapPost("{customerId}/activate", ActivateCustomer.Handle).WithName("ActivateCustomer").Requires(Permission.CustomersActivate).ProducesProblem(404).ProducesProblem(409);
        customers.MapPost("{customerId}/deactivate", DeactivateCustomer.Handle).WithName("DeactivateCustomer").Requires(Permission.CustomersActivate).ProducesProblem(404).ProducesProblem(409);
        customers.MapPost("{customerId}/email-link", SendEmailLink.Handle).WithName("SendEmailLink").Requires(Permission.CustomersWrite).MakesOrRevokes().ProducesProblem(404);
        app.MapPost("/api/auth/confirm-customer-email", ConfirmCustomerEmail.Handle).WithName("ConfirmCustomerEmail").WithTags("Sign-in").IsOpen()
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
    }

    private static void ProducesChangeProblems(this RouteHandlerBuilder route) =>
        route.ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
}
