using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>
/// Gets an account's customer, or makes it one: the same one however many first requests run at once and wherever one of them stopped. The account's own document decides which id that
/// customer has, before anything else is written. A customer for which the account's confirmed address was proven is
/// joined and not doubled, once: as owner when it has no people yet, else as member. A customer that
/// has the address without proof, or is closed, is left alone, and gives up the address; see <see cref="EmailProofs"/>.
/// A person whose customer was closed gets another, under an id that no customer has had.
/// </summary>
internal static class EnsureCustomer
{
    /// <summary>How long a customer may be created under the id that was chosen for it.</summary>
    private static readonly TimeSpan ChoiceLife = Customer.RestoreWindow / 4;

    public static async Task<Results<Ok<AccountCustomerResponse>, Created<AccountCustomerResponse>, Problem>> Handle(
        string accountId, Caller caller, AccountStore accounts, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } account) { return Failures.NotFound("account"); }
        if ((await Memberships.Confirmed(account.Value, customers, cancellation)).FirstOrDefault(entry => entry.IsDefault) is { } existing) { return TypedResults.Ok(existing); }
        if (!account.Value.EmailConfirmed) { return Failures.EmailNotConfirmed(); }

        var chosen = account.Value.OwnCustomerId;
        var isSpent = chosen is not null && IsSpent(chosen, (await customers.Read(chosen, cancellation))?.Value, accountId, clock.GetUtcNow());
        account = await accounts.Change(account, Choose, cancellation) ?? await accounts.Read(accountId, cancellation);
        if (account?.Value.OwnCustomerId is not { } customerId) { return Failures.NotFound("account"); }
        var now = clock.GetUtcNow();
        var fields = new CustomerFields(account.Value.Name, account.Value.Email);
        var slug = Slugs.From(account.Value.Name, maxLength: 50, fallback: "customer");
        var owned = Customer.Start(customerId, slug, fields, caller.Id, now, EmailProofBy.Owner) with { Members = [new Member(accountId, MemberRole.Owner, now, caller.Id)] };
        var draft = EmailProofs.Used(owned, account.Value.Email);
        var (added, refusal) = await customers.TryAdd(draft, slugIsChosen: false, made => made.Recorded("customer.created", null, caller, clock), cancellation, idIsShared: true);
        if (added is null && refusal!.Kind.Status != StatusCodes.Status409Conflict) { return refusal; }

        var stored = added ?? await Join(account.Value, caller, customers, clock, cancellation);
        if (stored is null) { return refusal!; }
        var joined = stored.Value.Id;
        if (await Memberships.Enter(account, joined, accounts, cancellation) is { } full) { return full; }
        if (await Memberships.Confirmed(account.Value with { Customers = [new AccountCustomer(joined)] }, customers, cancellation) is not [var result]) { return Failures.NotFound("customer"); }
        return added is null ? TypedResults.Ok(result) : TypedResults.Created($"/api/customers/{joined}", result);

        Account? Choose(Account current) =>
            current.OwnCustomerId is null || (isSpent && current.OwnCustomerId == chosen) ? current with { OwnCustomerId = Ids.Customer(clock) } : null;
    }

    /// <summary>
    /// Whether an id that the account has chosen is of no use to it any more: its customer is closed or has let the
    /// person go, or there is none and may have been one. A purge comes a restore window after the creation at the
    /// earliest, so an id that is used within <see cref="ChoiceLife"/> only is never used twice.
    /// </summary>
    private static bool IsSpent(string chosen, Customer? made, string accountId, DateTimeOffset now) => made is null
        ? Ids.MadeAt(chosen) + ChoiceLife <= now
        : made.DeletedAt is not null || made.Members.All(member => member.AccountId != accountId);

    /// <summary>
    /// The customer for which the account's address was proven, with the account as one of its people; null when there
    /// is none that admits it.
    /// </summary>
    private static async Task<Stored<Customer>?> Join(Account account, Caller caller, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        while (await customers.FindByEmail(account.Email, cancellation) is { Value.DeletedAt: null } customer)
        {
            if (customer.Value.Members.Any(member => member.AccountId == account.Id)) { return customer; }
            if (!EmailProofs.Admits(customer.Value, account.Email) || customer.Value.Members.Count >= Customer.MaxMembers) { return null; }
            var role = customer.Value.Members.Count == 0 ? MemberRole.Owner : MemberRole.Member;
            var now = clock.GetUtcNow();
            var after = EmailProofs.Used(customer.Value, account.Email) with
            {
                Members = [.. customer.Value.Members, new Member(account.Id, role, now, account.Id)],
                UpdatedAt = now,
                UpdatedBy = caller.Id,
            };
            if (await customers.TryReplace(customer, after.RecordedMember("member.joined", account.Id, customer.Value, caller, clock), cancellation) is { } joined) { return joined; }
        }
        return null;
    }
}
