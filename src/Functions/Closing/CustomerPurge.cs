using CustomerFunctions.Access;
using CustomerFunctions.AccessLog;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Members;
using CustomerFunctions.Notifications;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Stripe;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Closing;

/// <summary>
/// Removes a customer and all that it owns. The customer's document goes last, so that whatever is left is still found by it; each step may be repeated. Audit events stay as long as their
/// retention says.
/// </summary>
internal sealed class CustomerPurge(
    CustomerStore customers, ServiceAccountStore accounts, ApiKeyStore keys, WebhookStore webhooks, EndpointSecrets webhookSecrets, AccountStore people, StripeSync stripe, LifecycleEngine lifecycle, AccessTable access, TimeProvider clock)
{
    /// <summary>
    /// What is deleted: kinds of documents by their types, and the access log. The secrets of service accounts and
    /// webhooks go as well. An export of the customer has lines of each kind; see <see cref="Exports.CustomerArchive.LinesOf"/>.
    /// </summary>
    public static readonly IReadOnlyList<string> Deletes =
    [
        Customer.DocumentType, ApiKey.DocumentType, ServiceAccount.DocumentType, KeyVersionUse.DocumentType, UsageMonth.DocumentType, UsageEvent.DocumentType,
        Notification.DocumentType, WebhookEndpoint.DocumentType, WebhookPlaces.DocumentType, WebhookDelivery.DocumentType, StripeCustomer.DocumentType, AccessTable.Name,
    ];

    private const int PageSize = 100;
    private static readonly Caller Actor = Caller.Timer("purge");

    /// <summary>False if it is no longer due, or another instance is at it or at one of its service accounts: a later run goes on.</summary>
    public async Task<bool> TryPurge(Stored<Customer> due, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        if (!due.Value.MayPurge(now)) { return false; }
        // From this write on nobody can reopen it.
        var started = due.Value.StartPurge(now);
        var customer = ReferenceEquals(started, due.Value) ? due : await customers.TryReplace(due, started.Recorded("customer.purged", due.Value, Actor, clock), cancellation);
        // Its events must be in the log before the document that carries them goes: those of a run that died too.
        if (customer is null || (customer = await customers.FlushEvents(customer, cancellation)).Value.Outbox is not null) { return false; }

        if (!await Drain(from => accounts.List(customer.Value.Id, PageSize, from, cancellation), TryRemoveAccount, cancellation)) { return false; }
        await Drain(from => keys.List(customer.Value.Id, PageSize, from, cancellation), RemoveKey, cancellation);
        await stripe.Forget(customer.Value, cancellation);
        await access.Purge(customer.Value.Id, now.AddDays(1), cancellation);
        foreach (var webhook in await webhooks.All(customer.Value.Id, cancellation)) { await webhookSecrets.Delete(webhook.Value.Id, cancellation); }
        foreach (var member in customer.Value.Members) { await Memberships.Leave(member.AccountId, customer.Value.Id, people, cancellation); }
        await customers.RemoveOwned(customer.Value.Id, PageSize, cancellation);
        return await customers.TryRemove(customer, cancellation);
    }

    /// <summary>By the steps of its own deletion: keys, secret, record. False while another instance has a claim to it.</summary>
    private async Task<bool> TryRemoveAccount(Stored<ServiceAccount> listed, CancellationToken cancellation)
    {
        for (var account = listed; account is not null;)
        {
            switch (await lifecycle.End(account, Actor, cancellation))
            {
                case LifecycleOutcome.Deleted: return true;
                case LifecycleOutcome.Waiting: return false;
                default:
                    account = await accounts.Read(listed.Value.CustomerId, listed.Value.Id, cancellation);
                    break;
            }
        }
        return true;
    }

    private async Task<bool> RemoveKey(Stored<ApiKey> key, CancellationToken cancellation)
    {
        await keys.Remove(key, cancellation);
        return true;
    }

    /// <summary>Removes what a list finds; false once something cannot be removed yet. The list is read from its beginning each time: a continuation would skip what moved up.</summary>
    private static async Task<bool> Drain<T>(Func<string?, Task<Page<T>>> list, Func<Stored<T>, CancellationToken, Task<bool>> tryRemove, CancellationToken cancellation)
        where T : Document
    {
        while (await list(null) is { Items: { Count: > 0 } items })
        {
            foreach (var item in items)
            {
                if (!await tryRemove(item, cancellation)) { return false; }
            }
        }
        return true;
    }
}
