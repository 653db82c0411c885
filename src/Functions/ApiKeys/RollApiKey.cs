using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="GracePeriod">How long the old value stays good, ISO 8601: PT0S, PT1H, P1D (the default), P7D or P30D, and never past the key's expiry.</param>
public sealed record RollApiKeyRequest(TimeSpan? GracePeriod = null);

/// <summary>Gives an API key a new value; the old one goes on through its grace. This answer is the only place where the new value ever stands.</summary>
internal static class RollApiKey
{
    public static async Task<Results<Ok<CreateApiKeyResponse>, Problem>> Handle(
        string customerId, string keyId, RollApiKeyRequest request, Caller caller, ApiKeyStore store, NewIds ids, AppSettings settings, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        var grace = request.GracePeriod ?? ApiKeyRules.DefaultGrace;
        if (!ApiKeyRules.Graces.Contains(grace)) { return Failures.Invalid("/gracePeriod", "out-of-range", "Expected PT0S, PT1H, P1D, P7D or P30D."); }

        var rollId = ids.Request();
        Stored<ApiKey>? rolled = null;
        ApiKeyText? text = null;
        while (rolled is null)
        {
            if (await GetApiKey.Find(customerId, keyId, store, cancellation) is not { } key) { return Failures.NotFound("API key"); }
            var now = clock.GetUtcNow();
            // A repeated request was allowed the first time, and may have replaced its caller's own value since.
            var isRepeat = key.Value.RollId == rollId;
            if (!isRepeat && Refuse(caller.Principal, key.Value) is { } refusal) { return refusal; }
            if (key.Value.StateAt(now) != ApiKeyState.Active) { return Failures.KeyIsNotActive(); }
            if (!isRepeat && key.Value.InGrace(now).Count() >= ApiKey.MaxInGrace) { return Failures.TooManyInGrace(ApiKey.MaxInGrace); }

            // Once per request, whatever happens: nobody has seen the value of an attempt that lost.
            text = ApiKeyText.Create(settings.KeyEnvironment, Ids.Ulid(keyId));
            var after = isRepeat
                ? key.Value.Reissue(text.Hash(), text.LastFour)
                : (key.Value.Roll(text.Hash(), text.LastFour, grace, caller.Id, now) with { IsLegacy = false, RollId = rollId }).Recorded("apiKey.rolled", key.Value, caller, clock);
            rolled = await store.TryReplace(key, after, cancellation);
        }
        response.Headers.ETag = rolled.ETag;
        return TypedResults.Ok(CreateApiKeyResponse.From(rolled.Value, text!, rolled.Value.Superseded[^1].GraceExpiresAt));
    }

    private static Problem? Refuse(Principal caller, ApiKey key) =>
        CurrentValueOnly.Refuse(caller) ?? ApiKeyRules.RefuseEscalation(caller, key.Scopes, key.Networks, key.ExpiresAt);
}
