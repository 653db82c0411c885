using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Lists the versions of a service account's credential, newest first: states, dates and where in Key Vault, never a value. At most a dozen, so one page.</summary>
internal static class ListServiceAccountKeys
{
    public static async Task<Results<Ok<PageOf<KeyVersionResponse>>, Problem>> Handle(
        string customerId, string serviceAccountId, ServiceAccountStore store, CancellationToken cancellation) =>
        await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is { } account
            ? TypedResults.Ok(new PageOf<KeyVersionResponse>([.. account.Value.Keys.OrderByDescending(key => key.Id, StringComparer.Ordinal).Select(KeyVersionResponse.From)], NextLink: null))
            : Failures.NotFound("service account");
}
