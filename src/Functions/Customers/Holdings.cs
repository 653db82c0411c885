using CustomerFunctions.ApiKeys;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Customers;

/// <summary>Everything that a customer owns and that acts for it.</summary>
internal sealed record Owned(IReadOnlyList<ApiKey> Keys, IReadOnlyList<ServiceAccount> Accounts);

/// <summary>What customers own, read a page at a time from the customer's own partition.</summary>
internal sealed class Holdings(ApiKeyStore keys, ServiceAccountStore accounts)
{
    private const int PageSize = 200;

    public IAsyncEnumerable<Stored<ApiKey>> Keys(string customerId, CancellationToken cancellation) =>
        Pages.Each(from => keys.List(customerId, PageSize, from, cancellation), cancellation);

    public IAsyncEnumerable<Stored<ServiceAccount>> Accounts(string customerId, CancellationToken cancellation) =>
        Pages.Each(from => accounts.List(customerId, PageSize, from, cancellation), cancellation);

    public async Task<Owned> All(string customerId, CancellationToken cancellation) => new(
        await Keys(customerId, cancellation).Select(key => key.Value).ToListAsync(cancellation),
        await Accounts(customerId, cancellation).Select(account => account.Value).ToListAsync(cancellation));
}
