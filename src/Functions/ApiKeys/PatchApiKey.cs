using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="Name">What the key is for.</param>
/// <param name="Enabled">False refuses the key until it is true again.</param>
/// <param name="Scopes">Permissions it is confined to; null for all that an API key may.</param>
/// <param name="Networks">Networks it may be used from; null for everywhere.</param>
public sealed record ApiKeyFields(string? Name = null, bool? Enabled = null, IReadOnlyList<string>? Scopes = null, IReadOnlyList<string>? Networks = null);

/// <summary>Changes an API key's name, scopes, networks, or whether it is enabled, by an RFC 7396 merge patch. Expiry and value are not changed but rolled.</summary>
internal static class PatchApiKey
{
    public static async Task<Results<Ok<ApiKeyResponse>, Problem>> Handle(
        string customerId, string keyId, CustomerInPath customer, Caller caller, ApiKeyStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (await GetApiKey.Find(customerId, keyId, store, cancellation) is not { } key) { return Failures.NotFound("API key"); }
        if (Preconditions.Check(context.Request, key.ETag) is { } precondition) { return precondition; }
        if (key.Value.State == ApiKeyState.Revoked) { return Failures.KeyIsRevoked(); }

        var (fields, refusal) = Merge(key.Value, patch);
        if (fields is null) { return refusal!; }
        if (ApiKeyRules.RefuseEscalation(caller.Principal, fields.Scopes, fields.Networks, key.Value.ExpiresAt) is { } escalation) { return escalation; }
        if (ApiKeyRules.RefuseNetworks(customer.Value, key.Value.Networks, fields.Networks) is { } lacking) { return lacking; }
        var after = key.Value with { Name = fields.Name!.Trim(), State = fields.Enabled == true ? ApiKeyState.Active : ApiKeyState.Disabled, Scopes = fields.Scopes, Networks = fields.Networks };
        if (await store.TryReplace(key, after.Recorded("apiKey.updated", key.Value, caller, clock), cancellation) is not { } changed) { return Failures.Stale(); }

        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(ApiKeyResponse.From(changed.Value, clock.GetUtcNow()));
    }

    private static (ApiKeyFields? Fields, Problem? Refusal) Merge(ApiKey key, JsonObject patch)
    {
        var (fields, unfit) = RequestBody.Patch(new ApiKeyFields(key.Name, key.State == ApiKeyState.Active, key.Scopes, key.Networks), patch, ApiJson.Default.ApiKeyFields);
        if (fields is null) { return (null, unfit); }
        var checks = new Checks();
        checks.Text("/name", fields.Name, 100, required: true);
        if (fields.Enabled is null) { checks.Add("/enabled", "required", "The field is required."); }
        ApiKeyRules.Check(checks, fields.Scopes, fields.Networks);
        return checks.Refusal is { } refusal ? (null, refusal) : (fields, null);
    }
}
