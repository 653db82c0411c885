using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Accounts;

/// <summary>An account, for staff.</summary>
internal static class GetAccount
{
    public static async Task<Results<Ok<AccountResponse>, Problem>> Handle(string accountId, AccountStore accounts, HttpResponse response, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } account) { return Failures.NotFound("account"); }
        response.Headers.ETag = account.ETag;
        return TypedResults.Ok(AccountResponse.From(account.Value));
    }
}
