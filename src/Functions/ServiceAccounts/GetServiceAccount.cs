using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Reads a service account.</summary>
internal static class GetServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, ServiceAccountStore store, HttpResponse response, CancellationToken cancellation)
    {
        if (await Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        response.Headers.ETag = account.ETag;
        return TypedResults.Ok(ServiceAccountResponse.From(account));
    }

    /// <summary>The account, or null when the id names none; an id of the wrong form never reaches the store.</summary>
    public static async Task<Stored<ServiceAccount>?> Find(string customerId, string serviceAccountId, ServiceAccountStore store, CancellationToken cancellation) =>
        Ids.IsValid(serviceAccountId, "sva_") ? await store.Read(customerId, serviceAccountId, cancellation) : null;
}
