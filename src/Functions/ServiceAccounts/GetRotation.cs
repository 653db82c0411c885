using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Reads the latest rotation of a service account: where <c>Operation-Location</c> leads.</summary>
internal static class GetRotation
{
    public static async Task<Results<Ok<RotationResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string rotationId, ServiceAccountStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation) =>
        await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is { } account && account.Value.Rotation.Id == rotationId
            ? TypedResults.Ok(RotationResponse.From(account.Value).LookedAt(context, clock))
            : Failures.NotFound("rotation");
}
