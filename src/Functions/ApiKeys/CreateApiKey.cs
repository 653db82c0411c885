using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="Name">What the key is for: 1 to 100 characters.</param>
/// <param name="ExpiresAt">When it stops working. Absent: with the key or token that creates it, if that ends, else never.</param>
/// <param name="Scopes">Permissions to confine it to, such as <c>customers.read</c>; all that an API key may, when absent.</param>
/// <param name="Networks">Networks it may be used from, in CIDR form; everywhere, when absent.</param>
public sealed record CreateApiKeyRequest([property: Required] string? Name = null, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? Scopes = null, IReadOnlyList<string>? Networks = null);

/// <param name="Id">The key's id.</param>
/// <param name="Name">What it is for.</param>
/// <param name="Key">The key itself. Keep it now; it cannot be shown again.</param>
/// <param name="State">Always active.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">When it stops working.</param>
/// <param name="Scopes">What it is confined to.</param>
/// <param name="Networks">Where it may be used from.</param>
/// <param name="GraceExpiresAt">After a roll: until when the value before this one is still good.</param>
public sealed record CreateApiKeyResponse(
    string Id, string Name, string Key, ApiKeyState State, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt,
    IReadOnlyList<string>? Scopes, IReadOnlyList<string>? Networks, DateTimeOffset? GraceExpiresAt = null)
{
    internal static CreateApiKeyResponse From(ApiKey key, ApiKeyText text, DateTimeOffset? graceExpiresAt = null) =>
        new(key.Id, key.Name, text.Reveal(), key.State, key.CreatedAt, key.ExpiresAt, key.Scopes, key.Networks, graceExpiresAt);
}

/// <summary>Makes an API key for a customer. This answer is the only place where its value ever stands.</summary>
internal static class CreateApiKey
{
    public static async Task<Results<Created<CreateApiKeyResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, CreateApiKeyRequest request, Caller caller, ApiKeyStore store, NewIds ids, AppSettings settings, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var checks = new Checks();
        checks.Text("/name", request.Name, 100);
        if (request.ExpiresAt <= now) { checks.Add("/expiresAt", "in-the-past", "Expected an instant in the future."); }
        ApiKeyRules.Check(checks, request.Scopes, request.Networks);
        if (checks.Refusal is { } invalid) { return invalid; }
        var endsAt = ApiKeyRules.EndOf(caller.Principal, request.ExpiresAt);
        if (ApiKeyRules.RefuseEscalation(caller.Principal, request.Scopes, request.Networks, endsAt) is { } escalation) { return escalation; }
        if (ApiKeyRules.RefuseNetworks(customer.Value, before: null, request.Networks) is { } lacking) { return lacking; }

        var id = ids.Key();
        var text = ApiKeyText.Create(settings.KeyEnvironment, Ids.Ulid(id));
        var key = new ApiKey
        {
            Id = id,
            Type = ApiKey.DocumentType,
            CustomerId = customerId,
            Name = request.Name!.Trim(),
            Hash = text.Hash(),
            LastFour = text.LastFour,
            State = ApiKeyState.Active,
            Scopes = request.Scopes,
            Networks = request.Networks,
            ExpiresAt = endsAt,
            CreatedAt = now,
            CreatedBy = caller.Id,
        };
        await store.Add(key.Recorded("apiKey.created", null, caller, clock), cancellation);

        return TypedResults.Created($"/api/customers/{customerId}/api-keys/{id}", CreateApiKeyResponse.From(key, text));
    }
}
