using Azure;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="KeyId">The key version that it is.</param>
/// <param name="VaultVersion">The version of the Key Vault secret; also the ETag.</param>
/// <param name="Value">The credential itself.</param>
/// <param name="ReadAgainBefore">When the next rotation is planned; from then on its overlap runs.</param>
public sealed record RevealedKey(string KeyId, string VaultVersion, string Value, DateTimeOffset? ReadAgainBefore);

/// <summary>
/// Shows the current credential of a service account, for whoever cannot read Key Vault: the one answer of this API that has a service account's key in it. Recorded before it is shown.
/// </summary>
internal static class RevealServiceAccountKey
{
    public static async Task<Results<Ok<RevealedKey>, Problem>> Handle(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, SecretVault vault, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (account.Value.Suspension is not null || account.Value.IsSecretWithdrawn) { return Failures.ServiceAccountNotActive(); }
            if (account.Value.LeasedUntil > clock.GetUtcNow()) { return Failures.RotationInProgress(RotationResponse.Link(account.Value)); }
            if (account.Value.Current is not { VaultVersion: { } version } current) { return Failures.NotFound("key yet"); }
            if (await store.TryReplace(account, account.Value.Recorded("serviceAccount.keyRevealed", caller, clock, [current]), cancellation) is null) { continue; }

            IssuedCredential credential;
            try { credential = await vault.Read(account.Value.SecretName, version, cancellation); }
            catch (RequestFailedException e) when (e.Status is 403 or 404) { return Failures.NotFound("readable version of its secret"); }
            response.Headers.ETag = $"\"{version}\"";
            return TypedResults.Ok(new RevealedKey(current.Id, version, credential.Reveal(), account.Value.NextRotationAt));
        }
    }
}
