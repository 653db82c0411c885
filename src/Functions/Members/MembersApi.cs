using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Members;

/// <summary>Who belongs to which customer, seen from either side.</summary>
internal static class MembersApi
{
    public static void MapMembers(this IEndpointRouteBuilder app)
    {
        var members = app.MapGroup("/api/customers/{customerId}/members").WithTags("Members");
        members.MapGet("", ListMembers.Handle).WithName("ListMembers").Requires(Permission.MembersRead).ProducesProblem(400).ProducesProblem(404);
        members.MapPut("{accountId}", PutMember.Handle).WithName("PutMember").Requires(Permission.MembersWrite).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        members.MapDelete("{accountId}", RemoveMember.Handle).WithName("RemoveMember").Requires(Permission.MembersLeave).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);

        var salesReps = app.MapGroup("/api/customers/{customerId}/sales-reps").WithTags("Members");
        salesReps.MapGet("", ListSalesReps.Handle).WithName("ListSalesReps").Requires(Permission.SalesRepsRead).ProducesProblem(404);
        salesReps.MapPut("{accountId}", AssignSalesRep.Handle).WithName("AssignSalesRep").Requires(Permission.SalesRepsWrite).ProducesProblem(404).ProducesProblem(409);
        salesReps.MapDelete("{accountId}", UnassignSalesRep.Handle).WithName("UnassignSalesRep").Requires(Permission.SalesRepsWrite).ProducesProblem(404);

        var customers = app.MapGroup("/api/accounts/{accountId}/customers").WithTags("Members");
        customers.MapGet("", ListAccountCustomers.Handle).WithName("ListAccountCustomers").Requires(Permission.AccountCustomers).OfOwnAccount().ProducesProblem(404);
        customers.MapPost("", EnsureCustomer.Handle).WithName("EnsureCustomer").Requires(Permission.AccountCustomers).OfOwnAccount().IsIdempotent().ProducesProblem(404);
        customers.MapPost("{customerId}/set-default", SetDefaultCustomer.Handle).WithName("SetDefaultCustomer").Requires(Permission.MembersSelf).OfOwnAccount().ProducesProblem(404);
        app.MapPost("/api/auth/switch-customer", SwitchCustomer.Handle).WithName("SwitchCustomer").WithTags("Sign-in").Requires(Permission.AccountCustomers).ProducesProblem(400).ProducesProblem(422);
    }
}
