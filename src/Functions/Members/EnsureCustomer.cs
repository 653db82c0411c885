using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>
/// Gets an account's customer, or makes it one: the same one however many first requests run at once and wherever one of them stopped. The account's own document decides which id that
/// customer has, before anything else is written. A customer that already has the account's confirmed address is joined and not doubled: as owner when it has no people yet, as member else.
/// </summary>
internal static class EnsureCustomer
{
    public static async Task<Results<Ok<AccountCustomerResponse>, Created<AccountCustomerResponse>, Problem>> Handle(
        string accountId, Caller caller, AccountStore accounts, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } account) { return Failures.NotFound("account"); }
        if ((await Memberships.Confirmed(account.Value, customers, cancellation)).FirstOrDefault(entry => entry.IsDefault) is { } existing) { return TypedResults.Ok(existing); }
        if (!account.Value.EmailConfirmed) { return Failures.EmailNotConfirmed(); }

        account = await accounts.Change(account, current => current.OwnCustomerId is null ? current with { OwnCustomerId = Ids.Customer(clock) } : null, cancellation) ?? await accounts.Read(accountId, cancellation);
        if (account?.Value.OwnCustomerId is not { } customerId) { return Failures.NotFound("account"); }
        var now = clock.GetUtcNow();
        var fields = new CustomerFields(account.Value.Name, account.Value.Email);
        var draft = Customer.Start(customerId, Slugs.From(account.Value.Name, maxLength: 50, fallback: "customer"), fields, caller.Id, now) with { Members = [new Member(accountId, MemberRole.Owner, now, caller.Id)] };
        var (added, refusal) = await customers.TryAdd(draft, slugIsChosen: false, made => made.Recorded("customer.created", null, caller, clock), cancellation, idIsShared: true);
        if (added is null && refusal!.Kind.Status != StatusCodes.Status409Conflict) { return refusal; }

        var joined = added is null ? await Join(account.Value, caller, customers, clock, cancellation) : added.Value.Id;
        if (joined is null) { return refusal!; }
        if (await Memberships.Enter(account, joined, accounts, cancellation) is { } full) { return full; }
        if (await Memberships.Confirmed(account.Value with { Customers = [new AccountCustomer(joined)] }, customers, cancellation) is not [var result]) { return Failures.NotFound("customer"); }
        return added is null ? TypedResults.Ok(result) : TypedResults.Created($"/api/customers/{joined}", result);
    }

    /// <summary>The id of the customer that has the account's address, with the account as one of its people.</summary>
    private static async Task<string?> Join(Account account, Caller caller, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        while (await customers.FindByEmail(account.Email, cancellation) is { Value.DeletedAt: null } customer)
        {
            if (customer.Value.Members.Any(member => member.AccountId == account.Id)) { return customer.Value.Id; }
            if (customer.Value.Members.Count >= Customer.MaxMembers) { return null; }
            var role = customer.Value.Members.Count == 0 ? MemberRole.Owner : MemberRole.Member;
            var after = customer.Value with { Members = [.. customer.Value.Members, new Member(account.Id, role, clock.GetUtcNow(), account.Id)] };
            if (await customers.TryReplace(customer, after.RecordedMember("member.joined", account.Id, customer.Value, caller, clock), cancellation) is { } joined) { return joined.Value.Id; }
        }
        return null;
    }
}
