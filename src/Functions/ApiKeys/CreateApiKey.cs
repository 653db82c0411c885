using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="Name">What the key is for: 1 to 100 characters.</param>
/// <param name="ExpiresAt">When it stops working; never, when absent.</param>
public sealed record CreateApiKeyRequest(string? Name = null, DateTimeOffset? ExpiresAt = null);

/// <param name="Id">The key's id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Key">The key itself. Keep it now; it cannot be shown again.</param>
/// <param name="State">Always active.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops working.</param>
public sealed record CreateApiKeyResponse(string Id, string Name, string Key, ApiKeyState State, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt);

/// <summary>Makes an API key for a customer. This answer is the only place where its value ever stands.</summary>
internal static class CreateApiKey
{
    public static async Task<Results<Created<CreateApiKeyResponse>, Problem>> Handle(
        string customerId, CreateApiKeyRequest request, Caller caller, ApiKeyStore store, AppSettings settings, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var checks = new Checks();
        checks.Text("/name", request.Name, 100, required: true);
        if (request.ExpiresAt <= now) { checks.Add("/expiresAt", "in-the-past", "Expected an instant in the future."); }
        if (checks.Refusal is { } invalid) { return invalid; }

        var id = Ids.Key(clock);
        var text = ApiKeyText.Create(settings.KeyEnvironment, Ids.Ulid(id));
        await store.Add(new ApiKey
        {
            Id = id,
            Type = ApiKey.DocumentType,
            CustomerId = customerId,
            Name = request.Name!.Trim(),
            Hash = text.Hash(),
            LastFour = text.LastFour,
            State = ApiKeyState.Active,
            ExpiresAt = request.ExpiresAt,
            CreatedAt = now,
            CreatedBy = caller.Id,
        }, cancellation);

        response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/customers/{customerId}/api-keys/{id}", new CreateApiKeyResponse(id, request.Name!.Trim(), text.Reveal(), ApiKeyState.Active, now, request.ExpiresAt));
    }
}
