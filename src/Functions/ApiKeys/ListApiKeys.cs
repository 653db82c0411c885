using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <summary>Lists a customer's API keys, revoked ones too.</summary>
internal static class ListApiKeys
{
    public static async Task<Results<Ok<PageOf<ApiKeyResponse>>, Problem>> Handle(
        string customerId, string? maxpagesize, string? continuation, ApiKeyStore store, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        var list = $"api-keys|{customerId}";
        if (!Paging.TryRead(request, maxpagesize, continuation, list, out var size, out var from, out var refusal)) { return refusal; }
        var now = clock.GetUtcNow();
        var page = await store.List(customerId, size, from, cancellation);
        return TypedResults.Ok(new PageOf<ApiKeyResponse>([.. page.Items.Select(key => ApiKeyResponse.From(key.Value, now))], Paging.NextLink(request, list, page.Continuation), size));
    }
}
