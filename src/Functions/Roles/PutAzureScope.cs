using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <param name="Scope">A subscription or a resource group; absent when nobody has said.</param>
public sealed record AzureScopeFields(string? Scope = null);

/// <param name="Scope">A subscription or a resource group.</param>
public sealed record AzureScopeRequest([property: Required] string? Scope = null);

/// <summary>
/// Says where in Azure a customer's service accounts get the roles of its plan: those that are made from then on, and those that have had no scope so far. One that has a scope stays where it is until it is
/// migrated. Staff only: this app's identity could give more than its caller may have.
/// </summary>
internal static class PutAzureScope
{
    public static async Task<Results<Ok<AzureScopeFields>, Problem>> Handle(
        string customerId, CustomerInPath customer, AzureScopeRequest request, Caller caller, CustomerStore store, RoleKeeper keeper, CustomerStanding standing, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Form("/scope", request.Scope, AzurePermissionsRequest.ScopeForm(), AzurePermissionsRequest.ScopeExample);
        if (checks.Refusal is null && keeper.Boundary.RefusalOf(request.Scope!) is { } never) { checks.Add("/scope", "not-allowed", never); }
        if (checks.Refusal is { } invalid) { return invalid; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } precondition) { return precondition; }

        var after = customer.Value.PlaceAt(request.Scope!, caller.Id, clock.GetUtcNow());
        var change = AuditChange.Between(new AzureScopeFields(customer.Value.AzureScope), new AzureScopeFields(request.Scope), ApiJson.Default.AzureScopeFields);
        after = after.Record(caller.Event("customer.azureScopeReplaced", customer.Id, after.AsTarget(), clock, change));
        if (await store.TryReplace(customer.Stored, after, cancellation) is not { } changed) { return Failures.Stale(); }
        await standing.FollowSoon(changed, cancellation);
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(new AzureScopeFields(changed.Value.AzureScope));
    }
}
