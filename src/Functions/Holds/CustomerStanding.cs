using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Holds;

/// <summary>
/// What follows outside when a customer is suspended, restored, closed, reopened or given a place in Azure or another plan: its service accounts lose what they have there, or get it, and what can be read of
/// them in Key Vault. What this app checks itself needs none of that: the guard refuses from the next request on. Whatever changes a customer's standing marks the customer in the same write, so what a request that died has left is the timer's.
/// </summary>
internal sealed class CustomerStanding(CustomerStore customers, Holdings holdings, ServiceAccountStore accounts, LifecycleEngine lifecycle, TimeProvider clock)
{
    /// <summary>What a caller waits for it at the most; the timer goes on.</summary>
    private static readonly TimeSpan RequestTime = TimeSpan.FromSeconds(8);

    /// <summary>Suspends a customer, whoever asks: a missed payment, a member of staff, a rule. False when there is no such customer; a hold that is there changes nothing.</summary>
    public Task<bool> Suspend(string customerId, Hold hold, string reason, Caller caller, CancellationToken cancellation) =>
        Change(customerId, "customer.suspended", customer => customer.Suspend(hold, caller.Id, clock.GetUtcNow(), reason), caller, cancellation);

    /// <summary>Lifts a hold. With the last one goes the suspension, and everything is as it was.</summary>
    public Task<bool> Restore(string customerId, Hold hold, Caller caller, CancellationToken cancellation) =>
        Change(customerId, "customer.restored", customer => customer.Restore(hold, caller.Id, clock.GetUtcNow()), caller, cancellation);

    /// <summary>Does within a request what follows from a customer's standing; what does not answer in time is left to the timer.</summary>
    public async Task FollowSoon(Stored<Customer> customer, CancellationToken cancellation)
    {
        if (customer.Value.StandingDueAt is null) { return; }
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(RequestTime);
        try { await Follow(customer.Value, time.Token); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { /* It is due, and the timer finds it. */ }
    }

    /// <summary>Has every service account that is somebody in Azure, or opens something there, follow. One that cannot yet is due by itself from then on.</summary>
    public async Task Follow(Customer customer, CancellationToken cancellation)
    {
        await foreach (var account in holdings.Accounts(customer.Id, cancellation))
        {
            if (!account.Value.HasSomethingOutside || account.Value.Deletion is not null) { continue; }
            // An account that changes meanwhile is looked at again: it may have been read before the hold.
            for (var current = account; current is not null && !await TryFollow(current, customer, cancellation);) { current = await accounts.Read(customer.Id, account.Value.Id, cancellation); }
        }
        await customers.SettleStanding(customer, cancellation);
    }

    private async Task<bool> TryFollow(Stored<ServiceAccount> account, Customer customer, CancellationToken cancellation)
    {
        var hasLost = account.Value.Withdrawal?.FinishedAt is not null;
        var placed = AccountLifecycle.Placed(account.Value, customer, Caller.Timer(nameof(FollowCustomerStanding)), clock);
        var shouldLose = customer.Status != CustomerStatus.Active || account.Value.Suspension is not null;
        if (ReferenceEquals(placed, account.Value) && hasLost == shouldLose && (hasLost || account.Value.Withdrawal is null) && !account.Value.IsUnsettled) { return true; }
        return (await lifecycle.Apply(account, placed with { LifecycleDueAt = clock.GetUtcNow() }, cancellation)).Saved;
    }

    private async Task<bool> Change(string customerId, string action, Func<Customer, Customer> change, Caller caller, CancellationToken cancellation)
    {
        while (true)
        {
            if (await customers.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return false; }
            var after = change(customer.Value);
            if (ReferenceEquals(after, customer.Value)) { return true; }
            if (await customers.TryReplace(customer, after.Recorded(action, customer.Value, caller, clock), cancellation) is not { } changed) { continue; }
            await FollowSoon(changed, cancellation);
            return true;
        }
    }
}
