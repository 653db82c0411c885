using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Lists the customers that an account belongs to, and what it is there: at most a hundred, so one page.</summary>
internal static class ListAccountCustomers
{
    public static async Task<Results<Ok<PageOf<AccountCustomerResponse>>, Problem>> Handle(string accountId, AccountStore accounts, CustomerStore customers, CancellationToken cancellation) =>
        Ids.IsValid(accountId, "acc_") && await accounts.Read(accountId, cancellation) is { } account
            ? TypedResults.Ok(new PageOf<AccountCustomerResponse>(await Memberships.Confirmed(account.Value, customers, cancellation), NextLink: null))
            : Failures.NotFound("account");
}
