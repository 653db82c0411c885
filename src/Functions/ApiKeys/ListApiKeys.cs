using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <summary>An API key as callers see it: everything but its value. <c>hint</c> is how the value begins and ends.</summary>
public sealed record ApiKeyResponse(string Id, string Name, string Hint, ApiKeyState State, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, string? RevokedBy);

/// <summary>Lists a customer's API keys, revoked ones too.</summary>
internal static class ListApiKeys
{
    public static async Task<Results<Ok<PageOf<ApiKeyResponse>>, Problem>> Handle(
        string customerId, string? maxpagesize, string? continuation, ApiKeyStore store, HttpRequest request, CancellationToken cancellation)
    {
        var list = $"api-keys|{customerId}";
        if (!Paging.TryRead(request, maxpagesize, continuation, list, out var size, out var from, out var refusal)) { return refusal; }
        var page = await store.List(customerId, size, from, cancellation);
        return TypedResults.Ok(new PageOf<ApiKeyResponse>([.. page.Items.Select(key => From(key.Value))], Paging.NextLink(request, list, page.Continuation)));
    }

    private static ApiKeyResponse From(ApiKey key) =>
        new(key.Id, key.Name, $"cf_…{key.LastFour}", key.State, key.CreatedAt, key.CreatedBy, key.ExpiresAt, key.RevokedAt, key.RevokedBy);
}
