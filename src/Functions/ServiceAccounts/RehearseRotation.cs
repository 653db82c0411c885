using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Tries what the next rotation of an account needs, and says when it comes. Nothing that anybody uses is changed.</summary>
internal static class RehearseRotation
{
    public static async Task<Results<Ok<RehearsalResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, CustomerInPath customer, Caller caller, ServiceAccountStore store, RotationRehearsal rehearsal, TimeProvider clock, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (account.Value.Suspension is not null || account.Value.IsSecretWithdrawn) { return Failures.ServiceAccountNotActive(); }
            if (account.Value.Rotation.Step != RotationStep.Done) { return Failures.RotationInProgress(RotationResponse.Link(account.Value)); }
            // Recorded before anything is tried.
            if (await store.TryReplace(account, account.Value.Recorded("serviceAccount.rotationRehearsed", caller, clock), cancellation) is null) { continue; }
            return TypedResults.Ok(await rehearsal.Run(account.Value, customer.Value, cancellation));
        }
    }
}
