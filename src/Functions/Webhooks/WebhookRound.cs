using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

/// <summary>
/// One round of an endpoint's deliveries. Two instances may be at it: an attempt belongs to whoever moved its time on. Should that one die, the attempt is made again when this time has come, so a receiver may get a
/// message twice, under the same webhook-id.
/// </summary>
internal sealed class WebhookRound(WebhookStore store, CustomerStore customers, WebhookSender sender, EndpointSecrets secrets, Outbox outbox, TimeProvider clock)
{
    private const int AtOnce = 20;

    /// <summary>Another instance leaves the endpoint alone this long.</summary>
    private static readonly TimeSpan Lease = TimeSpan.FromMinutes(2);

    /// <summary>Behind it no further attempt is begun: what is left is due again at once.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(60);

    /// <summary>A receiver that does not answer, and does not say how long, is left alone this long.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(1);

    private static readonly Caller Actor = Caller.Timer(nameof(SendWebhooks));

    public async Task<string> Make(Stored<WebhookEndpoint> stored, CancellationToken cancellation)
    {
        var (endpoint, dueAt, now) = (stored.Value, stored.Value.DeliveryDueAt!.Value, clock.GetUtcNow());
        if (endpoint.Status == WebhookStatus.Deleted)
        {
            await secrets.Delete(endpoint.Id, cancellation);
            return await store.TrySchedule(endpoint, dueAt, until: null, cancellation) ? "deleted" : TimerPass.Skipped;
        }
        if (endpoint.ThrottledUntil > now) { return await store.TrySchedule(endpoint, dueAt, endpoint.ThrottledUntil, cancellation) ? "waiting" : TimerPass.Skipped; }
        var lease = now + Lease;
        if (!await store.TrySchedule(endpoint, dueAt, lease, cancellation)) { return TimerPass.Skipped; }

        if (await customers.Read(endpoint.CustomerId, cancellation) is { } customer && !FeatureFlags.IsEnabled(FeatureFlags.Webhooks, customer.Value))
        {
            await Disable(endpoint, "The customer's plan has no webhooks.", cancellation);
            return "disabled";
        }
        var unwelcome = await SendDue(endpoint, cancellation);
        if (unwelcome?.IsGone == true) { await Disable(endpoint, "The receiver answered 410 Gone.", cancellation); return "disabled"; }
        DateTimeOffset? pause = unwelcome is null ? null : clock.GetUtcNow() + (unwelcome.RetryAfter ?? Silence);
        if (pause is { } until)
        {
            await store.Throttle(endpoint, until, cancellation);
            await GiveUpOver(endpoint, cancellation);
        }
        // Whoever queued something meanwhile has set an earlier time than the lease, and this does not undo it.
        var next = await store.NextDeliveries(endpoint, now: null, 1, cancellation) is [var first] ? first.Value.NextAttemptAt : null;
        await store.TrySchedule(endpoint, lease, next < pause ? pause : next, cancellation);
        return pause is null ? "sent" : "throttled";
    }

    /// <summary>Sends what is due, one after the other, for as long as a round may take. Returns early with the answer of a receiver that wants to be left alone.</summary>
    private async Task<SendOutcome?> SendDue(WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var started = clock.GetTimestamp();
        while (await store.NextDeliveries(endpoint, clock.GetUtcNow(), AtOnce, cancellation) is { Count: > 0 } due)
        {
            foreach (var delivery in due)
            {
                if (clock.GetElapsedTime(started) >= Longest) { return null; }
                if (await Attempt(endpoint, delivery, cancellation) is { } outcome && (outcome.IsGone || outcome.Throttles)) { return outcome; }
            }
        }
        return null;
    }

    /// <summary>
    /// Gives up what has waited for a day for a receiver that wants to be left alone, tried or not: at one message a minute the others would wait for weeks, and be gone before anybody sees them among the dead letters.
    /// </summary>
    private async Task GiveUpOver(WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var (started, now) = (clock.GetTimestamp(), clock.GetUtcNow());
        while (clock.GetElapsedTime(started) < Longest && (await store.NextDeliveries(endpoint, now, AtOnce, cancellation)).Where(delivery => delivery.Value.IsOverAt(now)).ToList() is { Count: > 0 } over)
        {
            foreach (var delivery in over) { await store.TryReplace(delivery, delivery.Value.GiveUp(), cancellation); }
        }
    }

    /// <summary>Null when another instance makes this attempt.</summary>
    private async Task<SendOutcome?> Attempt(WebhookEndpoint endpoint, Stored<WebhookDelivery> delivery, CancellationToken cancellation)
    {
        if (await store.TryReplace(delivery, delivery.Value with { NextAttemptAt = clock.GetUtcNow() + Silence }, cancellation) is not { } claimed) { return null; }
        var outcome = await sender.Send(endpoint, claimed.Value, cancellation);
        await store.TryReplace(claimed, claimed.Value.After(outcome, clock.GetUtcNow(), Random.Shared.NextDouble()), cancellation);
        return outcome;
    }

    private async Task Disable(WebhookEndpoint endpoint, string reason, CancellationToken cancellation)
    {
        while (await store.Read(endpoint.CustomerId, endpoint.Id, cancellation) is { Value.Status: WebhookStatus.Active } current)
        {
            var after = current.Value.Disable(reason).Recorded("webhook.disabled", current.Value, Actor, clock);
            if (await store.TryReplace(current, after, cancellation) is not { } disabled) { continue; }
            await store.Flush(outbox, disabled, cancellation);
            return;
        }
    }
}
