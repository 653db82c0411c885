using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Tries a parked rotation again now, with all its attempts before it. It goes on at the step that failed; a key that was refused is not tried again but made anew.</summary>
internal static class UnparkServiceAccount
{
    public static async Task<Results<Accepted<RotationResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, RotationEngine engine, RotationTurns turns, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (account.Value.Suspension is not null) { return Failures.ServiceAccountNotActive(); }
            if (account.Value.Rotation.ParkedAt is null) { return Failures.RotationNotParked(RotationResponse.Link(account.Value)); }
            if (await turns.Hindrance(account.Value, yields: false, cancellation) is { } partner) { return Failures.RotationInProgress(RotationResponse.Link(partner)); }

            var unparked = KeyRotation.Unpark(account.Value, clock.GetUtcNow()).Recorded("serviceAccount.rotationUnparked", caller, clock);
            if (await store.TryReplace(account, unparked, cancellation) is not { } claimed) { continue; }
            var (_, result) = await engine.Run(claimed, cancellation);
            return RotateServiceAccount.Answer(result.Value, context, clock);
        }
    }
}
