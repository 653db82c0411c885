using System.Text.Json;
using CustomerFunctions.Edge;
using CustomerFunctions.Webhooks;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Stripe;

/// <summary>What came of an event: <c>applied</c>, <c>repeated</c>, or <c>kept</c> when it means nothing here.</summary>
public sealed record StripeOutcome(string Outcome);

/// <summary>
/// Takes Stripe's events. They may come in any order and any number of times; what they lead to is the same. When a dependency fails the answer is 503, and Stripe sends the event again, for three days; after that
/// <see cref="ReconcileStripeEvents"/> asks for it.
/// </summary>
internal static class ReceiveStripeEvent
{
    public static async Task<Results<Ok<StripeOutcome>, Problem>> Handle(HttpRequest request, WebhookSecrets secrets, StripeSync sync, TimeProvider clock, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, cancellation);
        var body = buffer.ToArray();
        var signature = request.Headers[StripeSignature.Header].ToString();
        if (await secrets.ReadText(WebhookSecrets.Stripe, cancellation) is not { } secret || !StripeSignature.Verify(secret, signature, body, clock.GetUtcNow())) { return Failures.SignatureInvalid(); }

        try
        {
            var received = JsonSerializer.Deserialize(body, StripeJson.Default.StripeEvent);
            if (StripeEvent.RefusalOf(received) is { } invalid) { return invalid; }
            return TypedResults.Ok(new StripeOutcome(await sync.Take(received!, cancellation)));
        }
        catch (JsonException e) { return JsonProblems.Explain(e); }
    }
}
