using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <param name="CustomerId">The customer to act for.</param>
public sealed record SwitchCustomerRequest([property: Required] string? CustomerId = null);

/// <summary>
/// Picks the customer that a session acts for; the next tokens carry it, and <c>GET /api/auth/me</c> shows it. It is a choice of one session and opens nothing: every route names its
/// customer, and the guard asks that customer. One that the person no longer belongs to is refused with 422, so that a front end asks anew instead of working on the wrong one.
/// </summary>
internal static class SwitchCustomer
{
    public static async Task<Results<Ok<TokenResponse>, Problem>> Handle(
        SwitchCustomerRequest request, Caller caller, PersonSessions sessions, CustomerStore customers, CancellationToken cancellation)
    {
        var id = request.CustomerId!;
        var customer = Ids.IsValid(id, "cus_") ? await customers.Read(id, cancellation) : null;
        if (customer is not { Value.DeletedAt: null } || !caller.Principal.RolesIn(customer.Value).Any()) { return Failures.CustomerSelectionInvalid(); }
        return await sessions.ActFor(caller, id, cancellation) is { } tokens ? TypedResults.Ok(tokens) : Failures.SessionOver();
    }
}
