using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Members;

/// <summary>
/// The account's side of memberships: an index of customers to look at. The customer's document alone says who is a member and what; entries here that it does not confirm, left by
/// a request that stopped half-way, are passed over.
/// </summary>
internal static class Memberships
{
    /// <summary>How many customers one account may belong to.</summary>
    public const int MaxCustomers = 100;

    /// <summary>Enters a customer in the account's index; the refusal when it is full.</summary>
    public static async Task<Problem?> Enter(Stored<Account> account, string customerId, AccountStore accounts, CancellationToken cancellation)
    {
        var isFull = false;
        await accounts.Change(account, current =>
        {
            isFull = current.Customers.Count >= MaxCustomers && !Has(current, customerId);
            return isFull || Has(current, customerId) ? null : current with { Customers = [.. current.Customers, new AccountCustomer(customerId)], DefaultCustomerId = current.DefaultCustomerId ?? customerId };
        }, cancellation);
        return isFull ? Failures.TooManyCustomers(MaxCustomers) : null;
    }

    public static async Task Leave(string accountId, string customerId, AccountStore accounts, CancellationToken cancellation)
    {
        if (await accounts.Read(accountId, cancellation) is not { } account) { return; }
        await accounts.Change(account, current => !Has(current, customerId) ? null : current with
        {
            Customers = [.. current.Customers.Where(entry => entry.CustomerId != customerId)],
            DefaultCustomerId = current.DefaultCustomerId == customerId ? current.Customers.FirstOrDefault(entry => entry.CustomerId != customerId)?.CustomerId : current.DefaultCustomerId,
        }, cancellation);
    }

    /// <summary>The customers that confirm the account as a member, in the order it came to them, with exactly one default when there is any.</summary>
    public static async Task<IReadOnlyList<AccountCustomerResponse>> Confirmed(Account account, CustomerStore customers, CancellationToken cancellation)
    {
        var read = await Task.WhenAll(account.Customers.Select(entry => customers.Read(entry.CustomerId, cancellation)));
        var confirmed = read.OfType<Stored<Customer>>().Where(customer => customer.Value.DeletedAt is null)
            .Select(customer => (customer.Value, Member: customer.Value.Members.FirstOrDefault(member => member.AccountId == account.Id))).Where(pair => pair.Member is not null).ToList();
        var chosen = confirmed.Any(pair => pair.Value.Id == account.DefaultCustomerId) ? account.DefaultCustomerId : confirmed.FirstOrDefault().Value?.Id;
        return [.. confirmed.Select(pair => new AccountCustomerResponse(
            pair.Value.Id, pair.Value.Name, pair.Value.Slug, pair.Value.Status, pair.Member!.Role, pair.Value.Id == chosen, pair.Member.AssignedAt))];
    }

    /// <summary>The account as its person sees it: of its customers, those that the person can reach.</summary>
    public static async Task<AccountResponse> Shown(Account account, CustomerStore customers, CancellationToken cancellation)
    {
        var confirmed = await Confirmed(account, customers, cancellation);
        return AccountResponse.From(account) with { Customers = [.. confirmed.Select(entry => entry.CustomerId)], DefaultCustomerId = confirmed.FirstOrDefault(entry => entry.IsDefault)?.CustomerId };
    }

    private static bool Has(Account account, string customerId) => account.Customers.Any(entry => entry.CustomerId == customerId);
}
