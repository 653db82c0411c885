using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;

namespace CustomerFunctions.Members;

/// <summary>
/// Whether a customer's owners can sign in. Their accounts say so; the customer's document does not know.
/// </summary>
internal static class Owners
{
    private const int AtOnce = 8;

    public static bool IsOwner(Customer customer, string accountId) => customer.Members.Any(member => member.AccountId == accountId && member.Role == MemberRole.Owner);

    /// <summary>
    /// The owners whose account is disabled or gone. Reads each owner's account, so it is asked only when an owner is
    /// about to go.
    /// </summary>
    public static async Task<IReadOnlyCollection<string>> Absent(Customer customer, AccountStore accounts, CancellationToken cancellation)
    {
        var owners = customer.Members.Where(member => member.Role == MemberRole.Owner).Select(member => member.AccountId);
        var read = await Task.WhenAll(owners.Select(async id => (Id: id, CanSignIn: await accounts.Read(id, cancellation) is { Value.Disabled: false })));
        return [.. read.Where(owner => !owner.CanSignIn).Select(owner => owner.Id)];
    }

    /// <summary>
    /// Tells the customers that a disabled account leaves without an owner who can sign in, and returns their ids.
    /// Disabling is not refused for that: it has to work at once, and staff can make another owner.
    /// </summary>
    public static async Task<IReadOnlyList<string>> TellOfLast(
        Account disabled, Caller caller, AccountStore accounts, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        var ownerless = new List<string>();
        foreach (var entries in disabled.Customers.Chunk(AtOnce))
        {
            var told = await Task.WhenAll(entries.Select(entry => Tell(entry.CustomerId, disabled.Id, caller, accounts, customers, clock, cancellation)));
            ownerless.AddRange(told.OfType<string>());
        }
        return ownerless;
    }

    private static async Task<string?> Tell(
        string customerId, string accountId, Caller caller, AccountStore accounts, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        while (await customers.Read(customerId, cancellation) is { Value.DeletedAt: null } customer && IsOwner(customer.Value, accountId))
        {
            var absent = await Absent(customer.Value, accounts, cancellation);
            if (customer.Value.Members.Any(member => member.Role == MemberRole.Owner && !absent.Contains(member.AccountId))) { return null; }
            if (await customers.TryReplace(customer, customer.Value.RecordedMember("member.lastOwnerDisabled", accountId, customer.Value, caller, clock), cancellation) is not null) { return customerId; }
        }
        return null;
    }
}
