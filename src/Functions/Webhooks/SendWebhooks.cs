using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

/// <summary>
/// Timer: makes the deliveries that are due. Its items are endpoints, each of whose messages go one after the other: a receiver that is slow keeps its own messages waiting and takes one place of several at the
/// timer, and when it does not answer at all it is left alone for a while.
/// </summary>
internal static class SendWebhooks
{
    public static Task<TimerResult> Handle(WebhookStore store, WebhookRound round, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(nameof(SendWebhooks), (count, token) => store.DueAcrossCustomers(now, count, token), (Stored<WebhookEndpoint> endpoint, CancellationToken token) => round.Make(endpoint, token), cancellation);
    }
}
