using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Makes one of an account's customers the one that is meant when none is named. One field says which, so there are never two.</summary>
internal static class SetDefaultCustomer
{
    public static async Task<Results<Ok<PageOf<AccountCustomerResponse>>, Problem>> Handle(
        string accountId, string customerId, Caller caller, AccountStore accounts, CustomerStore customers, TimeProvider clock, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } account) { return Failures.NotFound("account"); }
        if ((await Memberships.Confirmed(account.Value, customers, cancellation)).All(entry => entry.CustomerId != customerId)) { return Failures.NotFound("customer"); }
        var changed = await accounts.Change(
            account,
            current => current.DefaultCustomerId == customerId
                ? null
                : (current with { DefaultCustomerId = customerId }).RecordedAs("account.defaultCustomerChanged", caller, clock, target: new AuditTarget("customer", customerId)),
            cancellation);
        return TypedResults.Ok(new PageOf<AccountCustomerResponse>(await Memberships.Confirmed((changed ?? account).Value, customers, cancellation), NextLink: null));
    }
}
