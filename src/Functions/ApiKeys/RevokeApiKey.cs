using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <summary>
/// Revokes a key: refused here at once, on other instances within <see cref="Authenticator.Freshness"/>. Needs no If-Match: in an emergency nothing should stand in the way.
/// </summary>
internal static class RevokeApiKey
{
    public static async Task<Results<NoContent, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string keyId, string? whatIf, Caller caller, ApiKeyStore store, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (!Ids.IsValid(keyId, "key_")) { return Failures.NotFound("API key"); }
        Stored<ApiKey>? revoked = null;
        while (revoked is null)
        {
            if (await store.Read(customerId, keyId, cancellation) is not { } key) { return Failures.NotFound("API key"); }
            if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfRevoking(key.Value, key.Value.Revoke(caller.Id, clock.GetUtcNow()), clock.GetUtcNow()))); }
            revoked = key.Value.State == ApiKeyState.Revoked
                ? key
                : await store.TryReplace(key, key.Value.Revoke(caller.Id, clock.GetUtcNow()).Recorded("apiKey.revoked", key.Value, caller, clock), cancellation);
        }
        return TypedResults.NoContent();
    }
}
