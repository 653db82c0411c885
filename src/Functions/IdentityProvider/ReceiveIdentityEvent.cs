using System.Globalization;
using System.Text.Json;
using CustomerFunctions.Edge;
using CustomerFunctions.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.IdentityProvider;

/// <summary>What came of an event: <c>applied</c>, or <c>ignored</c> when it is stale, of another kind, or about an address that is not the provider's to speak for.</summary>
public sealed record IdentityOutcome(string Outcome);

/// <summary>
/// Takes an identity provider's events about its users, signed by Standard Webhooks, and keeps accounts in step. An event that comes twice or late changes nothing: each carries its user's
/// version, and the account remembers the last. When a dependency fails the answer is 503, and the provider sends it again.
/// </summary>
internal static class ReceiveIdentityEvent
{
    public static async Task<Results<Ok<IdentityOutcome>, Problem>> Handle(HttpRequest request, WebhookSecrets secrets, IdentityAccounts accounts, TimeProvider clock, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.ToArray();
        if (StandardWebhook.Read(request.Headers) is not var (id, timestamp, signature)
            || await secrets.Read(WebhookSecrets.Identity, cancellation) is not { } secret 
            || !StandardWebhook.Verify(secret, id, timestamp, signature, body, clock.GetUtcNow())) { return Failures.SignatureInvalid(); }

        IdentityEvent? received;
        bool isClerk;
        try
        {
            using var document = JsonDocument.Parse(body);
            isClerk = ClerkEvent.Is(document.RootElement);
            received = isClerk
                ? document.RootElement.Deserialize(ClerkJson.Default.ClerkEvent)!.ToEvent(DateTimeOffset.FromUnixTimeSeconds(long.Parse(timestamp, CultureInfo.InvariantCulture)))
                : JsonSerializer.Deserialize(body, IdentityJson.Default.IdentityEvent);
        }
        catch (JsonException e) { return JsonProblems.Explain(e); }
        var checks = new Checks();
        if (received?.Type is null) { checks.Add("/type", "required", "The field is required."); }
        if (received?.Timestamp is null) { checks.Add("/timestamp", "required", "The field is required."); }
        checks.Text("/data/id", received?.Data?.Id, 200, required: true);
        var isUpsert = received?.Type is "user.created" or "user.updated";
        // Clerk's users may have a phone number only; an account needs an address.
        if (isClerk && isUpsert && received!.Data is { Id: not null, Email: null }) { return TypedResults.Ok(new IdentityOutcome("ignored")); }
        if (isUpsert) { checks.Email(isClerk ? "/data/primary_email_address_id" : "/data/email", received!.Data?.Email, required: true); }
        checks.Text(isClerk ? "/data/first_name" : "/data/name", received?.Data?.Name, 120);
        checks.Url("/data/avatarUrl", received?.Data?.AvatarUrl, 2_000);
        if (checks.Refusal is { } invalid) { return invalid; }

        var (applied, refusal) = received!.Type switch
        {
            "user.created" or "user.updated" => await accounts.Upsert(received, cancellation),
            "user.deleted" => await accounts.Delete(received, cancellation),
            _ => (false, null),
        };
        return refusal is not null ? refusal : TypedResults.Ok(new IdentityOutcome(applied ? "applied" : "ignored"));
    }
}
