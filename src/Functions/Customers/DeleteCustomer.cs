using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Closes a customer: it can no longer be read or changed and its keys stop working. Within <see cref="Customer.RestoreWindow"/> it can be reopened; then it is purged.</summary>
internal static class DeleteCustomer
{
    public static async Task<Results<NoContent, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string? whatIf, CustomerInPath customer, Caller caller, Holdings holdings, CustomerStore store, CustomerStanding standing, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (Preconditions.Check(request, customer.Stored.ETag) is { } refusal) { return refusal; }
        var (now, closing) = (clock.GetUtcNow(), customer.Value.Close(caller.Id, clock.GetUtcNow()));
        if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfClosing(customer.Value, closing, await holdings.All(customerId, cancellation), now))); }
        if (await store.TryReplace(customer.Stored, closing.Recorded("customer.deleted", customer.Value, caller, clock), cancellation) is not { } closed) { return Failures.Stale(); }

        await standing.FollowSoon(closed, cancellation);
        return TypedResults.NoContent();
    }
}
