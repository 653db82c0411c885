using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <summary>Reads an API key: everything but its value.</summary>
internal static class GetApiKey
{
    public static async Task<Results<Ok<ApiKeyResponse>, Problem>> Handle(
        string customerId, string keyId, ApiKeyStore store, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        if (await Find(customerId, keyId, store, cancellation) is not { } key) { return Failures.NotFound("API key"); }
        var answer = ApiKeyResponse.From(key.Value, clock.GetUtcNow());
        response.Headers.ETag = Preconditions.ETagOf(key.ETag, answer, ApiJson.Default.ApiKeyResponse);
        return TypedResults.Ok(answer);
    }

    /// <summary>The key, or null when the id names none; an id of the wrong form never reaches the store.</summary>
    public static async Task<Stored<ApiKey>?> Find(string customerId, string keyId, ApiKeyStore store, CancellationToken cancellation) =>
        Ids.IsValid(keyId, "key_") ? await store.Read(customerId, keyId, cancellation) : null;
}
