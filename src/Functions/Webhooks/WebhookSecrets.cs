using System.Collections.Concurrent;
using Azure;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

/// <summary>The secrets that are shared with those who send webhooks, from Key Vault; remembered for five minutes, an absent one for ten seconds.</summary>
internal sealed class WebhookSecrets(AzureClients azure, TimeProvider clock)
{
    /// <summary>The Key Vault secret of the identity provider: <c>whsec_…</c>.</summary>
    public const string Identity = "identity-webhook-secret";

    /// <summary>The Key Vault secret of Stripe's endpoint, as Stripe shows it.</summary>
    public const string Stripe = "stripe-webhook-secret";

    /// <summary>The Key Vault secret by which Stripe is asked for its events: a restricted key (<c>rk_…</c>) that may read events and nothing else.</summary>
    public const string StripeKey = "stripe-api-key";

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan AbsentFreshness = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<string, Known> known = new();

    private sealed record Known(string? Text, long ReadAt);

    /// <summary>The secret's bytes; null when there is none, or what is there is not of Standard Webhooks' form.</summary>
    public async Task<byte[]?> Read(string name, CancellationToken cancellation) => StandardWebhook.Secret(await ReadText(name, cancellation));

    /// <summary>The secret as it is written; null when there is none.</summary>
    public async Task<string?> ReadText(string name, CancellationToken cancellation)
    {
        if (known.TryGetValue(name, out var seen) && clock.GetElapsedTime(seen.ReadAt) < (seen.Text is null ? AbsentFreshness : Freshness)) { return seen.Text; }
        return await ReadNow(name, cancellation);
    }

    /// <summary>The secret as it stands in the vault now, for whoever asks so seldom that what is remembered would be old.</summary>
    public async Task<string?> ReadNow(string name, CancellationToken cancellation)
    {
        string? text = null;
        try { text = (await azure.Secrets.GetSecretAsync(name, cancellationToken: cancellation)).Value.Value; }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status404NotFound) { }
        known[name] = new Known(text, clock.GetTimestamp());
        return text;
    }
}
