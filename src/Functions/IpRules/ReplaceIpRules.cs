using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.IpRules;

/// <summary>
/// Says from where a customer's keys and people may call; it counts from the next request on. Staff are not bound by it. Whoever is must not lock himself out, so the list has to allow
/// the address that the change comes from.
/// </summary>
internal static class ReplaceIpRules
{
    public static async Task<Results<Ok<NetworkRules>, Problem>> Handle(
        string customerId, CustomerInPath customer, NetworkRules request, Caller caller, CustomerStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        Networks.Check(checks, "/networks", request.Networks);
        if (checks.Refusal is { } invalid) { return invalid; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } precondition) { return precondition; }
        if (!caller.IsStaff && !Networks.Allow(Networks.Parse(request.Networks), context.Connection.RemoteIpAddress))
        {
            return Failures.Invalid("/networks", "locks-out-caller", "The list does not allow the address that this request comes from. Staff can set such a list.");
        }

        if (await Write(customer, request.Networks is { Count: > 0 } networks ? networks : null, caller, store, clock, cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(new NetworkRules(changed.Value.AllowedNetworks ?? []));
    }

    /// <summary>Null when somebody else has changed the customer in between.</summary>
    public static async Task<Stored<Customer>?> Write(
        CustomerInPath customer, IReadOnlyList<string>? networks, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        var after = customer.Value with { AllowedNetworks = networks, UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
        var change = AuditChange.Between(new NetworkRules(customer.Value.AllowedNetworks ?? []), new NetworkRules(after.AllowedNetworks ?? []), ApiJson.Default.NetworkRules);
        after = after.Record(caller.Event("customer.ipRulesReplaced", customer.Id, after.AsTarget(), clock, change));
        return await store.TryReplace(customer.Stored, after, cancellation);
    }
}
