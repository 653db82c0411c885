using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Lets a sales representative see a customer.</summary>
internal static class AssignSalesRep
{
    public const int MaxSalesReps = 20;

    public static async Task<Results<Created, NoContent, Problem>> Handle(
        string customerId, string accountId, CustomerInPath customer, Caller caller, CustomerStore store, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } account) { return Failures.NotFound("account"); }
        if (account.Value.Role != PlatformRole.SalesRep) { return Failures.NotASalesRep(); }
        if (customer.Value.SalesReps.Count >= MaxSalesReps && !customer.Value.SalesReps.Contains(accountId)) { return Failures.TooManyMembers(MaxSalesReps); }
        return await Change(customer.Stored, "salesRep.assigned", accountId, reps => [.. reps.Where(rep => rep != accountId), accountId], caller, store, clock, cancellation) switch
        {
            true => TypedResults.Created(),
            false => TypedResults.NoContent(),
            null => Failures.NotFound("customer"),
        };
    }

    /// <summary>Changes who sees the customer, again after another write. Whether anything was changed; null when the customer is gone.</summary>
    public static async Task<bool?> Change(
        Stored<Customer> customer, string action, string accountId, Func<IReadOnlyList<string>, IReadOnlyList<string>> change, Caller caller, CustomerStore store, TimeProvider clock, CancellationToken cancellation)
    {
        for (Stored<Customer>? before = customer; before is { Value.DeletedAt: null }; before = await store.Read(customer.Value.Id, cancellation))
        {
            var reps = change(before.Value.SalesReps);
            if (reps.ToHashSet().SetEquals(before.Value.SalesReps)) { return false; }
            var after = before.Value with { SalesReps = reps, UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
            if (await store.TryReplace(before, after.RecordedSalesRep(action, accountId, caller, clock), cancellation) is not null) { return true; }
        }
        return null;
    }
}
