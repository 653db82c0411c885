using System.ComponentModel.DataAnnotations;
using System.Text.RegularExpressions;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ApiKeys;

/// <param name="Name">What the key is for: 1 to 100 characters.</param>
/// <param name="Sha256">SHA-256 of the key's whole text in UTF-8, as 64 hexadecimal digits. The key itself is never sent here.</param>
/// <param name="LastFour">The key's last four characters, for people to recognise it by.</param>
/// <param name="ExpiresAt">When it stops working; never, when absent.</param>
/// <param name="Scopes">Permissions to confine it to; all that an API key may, when absent.</param>
/// <param name="Networks">Networks it may be used from; everywhere, when absent.</param>
public sealed record ImportApiKeyRequest(
    [property: Required] string? Name = null, [property: Required] string? Sha256 = null, [property: Required] string? LastFour = null, DateTimeOffset? ExpiresAt = null, IReadOnlyList<string>? Scopes = null, IReadOnlyList<string>? Networks = null);

/// <summary>
/// Takes over an opaque key of an older system, so that its holders go on with it. Only the hash comes in. Rolling the key gives it a value of our own form. For staff: whoever imports
/// a key vouches that it was random enough (OWASP ASVS 5, 11.5.1: 128 bits).
/// </summary>
internal static partial class ImportApiKey
{
    public static async Task<Results<Created<ApiKeyResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, ImportApiKeyRequest request, Caller caller, ApiKeyStore store, NewIds ids, TimeProvider clock, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var checks = new Checks();
        checks.Text("/name", request.Name, 100);
        checks.Form("/sha256", request.Sha256, Sha256Form(), "Expected 64 hexadecimal digits in lower case.");
        checks.Form("/lastFour", request.LastFour, LastFourForm(), "Expected four printable ASCII characters.");
        if (request.ExpiresAt <= now) { checks.Add("/expiresAt", "in-the-past", "Expected an instant in the future."); }
        ApiKeyRules.Check(checks, request.Scopes, request.Networks);
        if (checks.Refusal is { } invalid) { return invalid; }
        var endsAt = ApiKeyRules.EndOf(caller.Principal, request.ExpiresAt);
        if (ApiKeyRules.RefuseEscalation(caller.Principal, request.Scopes, request.Networks, endsAt) is { } escalation) { return escalation; }
        if (ApiKeyRules.RefuseNetworks(customer.Value, before: null, request.Networks) is { } lacking) { return lacking; }

        var key = new ApiKey
        {
            Id = ids.Key(),
            Type = ApiKey.DocumentType,
            CustomerId = customerId,
            Name = request.Name!.Trim(),
            Hash = request.Sha256!,
            LastFour = request.LastFour!,
            State = ApiKeyState.Active,
            Scopes = request.Scopes,
            Networks = request.Networks,
            IsLegacy = true,
            ExpiresAt = endsAt,
            CreatedAt = now,
            CreatedBy = caller.Id,
        };
        return await store.TryImport(key.Recorded("apiKey.imported", null, caller, clock), cancellation) is { } refusal
            ? refusal
            : TypedResults.Created($"/api/customers/{customerId}/api-keys/{key.Id}", ApiKeyResponse.From(key, now));
    }

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Sha256Form();

    [GeneratedRegex(@"^[!-~]{4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex LastFourForm();
}
