using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Stripe;

/// <summary>
/// Asks Stripe for the events since the last time, page by page from the newest back, and has those taken that never came. How far it has come is saved with every page: a run that is cut off is gone on with by the next, and
/// what it had in hand is asked for once more, which its receipts make harmless.
/// </summary>
internal sealed partial class StripeReconciliation(AzureClients azure, WebhookSecrets secrets, StripeClient stripe, StripeSync sync, TimeProvider clock, ILogger<StripeReconciliation> log)
{
    /// <summary>After so many events a run ends, as it does after <see cref="TimerPass.Budget"/>; the next goes on.</summary>
    public const int MostEvents = 10_000;

    private const int AtOnce = 8;
    private static readonly TimeSpan BeforeAgain = TimeSpan.FromMilliseconds(250);
    private readonly Documents control = new(azure, "control");

    private sealed record Received(StripeEvent Event, string About);

    public async Task<TimerResult> Run(CancellationToken cancellation)
    {
        var outcomes = new ConcurrentDictionary<string, int>();
        var key = (await secrets.ReadNow(WebhookSecrets.StripeKey, cancellation))?.Trim();
        try
        {
            if (key is null) { Count(outcomes, "noKey"); }
            else if (RestrictedKey().IsMatch(key)) { await Pass(key, outcomes, cancellation); }
            else
            {
                NoRestrictedKey(log, WebhookSecrets.StripeKey);
                Count(outcomes, TimerPass.Failed);
            }
        }
        catch (StripeRefusedException e) when (e.IsOfKey)
        {
            KeyRefused(log, WebhookSecrets.StripeKey, e.Status, e.Code);
            Count(outcomes, TimerPass.Failed);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (e is StripeRefusedException || StripeClient.IsNoAnswer(e)))
        {
            NotListed(log, e.GetType().Name, (e as StripeRefusedException)?.Status ?? 0);
            Count(outcomes, TimerPass.Failed);
        }
        return new TimerResult(outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).ToDictionary());
    }

    private async Task Pass(string key, ConcurrentDictionary<string, int> outcomes, CancellationToken cancellation)
    {
        var (started, now) = (clock.GetTimestamp(), clock.GetUtcNow());
        var stored = await control.Read(StripePosition.TheId, StripePosition.TheId, StoreJson.Default.StripePosition, cancellation);
        var position = stored?.Value ?? StripePosition.New;
        if (position.IsOutOfReach(now))
        {
            OutOfReach(log, position.TakenUntil!.Value, now - StripePosition.Listed);
            Count(outcomes, "outOfReach");
        }
        // A pass that an earlier run began does not have what was said since.
        for (var (asked, pass, isOurs) = (0, position.Pass ?? position.NewPass(now), position.Pass is null); ; pass = position.Pass ?? position.NewPass(now))
        {
            if (asked >= MostEvents || clock.GetElapsedTime(started) >= TimerPass.Budget) { Count(outcomes, "unfinished"); return; }
            StripeEventList page;
            try { page = await stripe.ListEvents(key, pass.From, pass.After, cancellation); }
            catch (StripeRefusedException e) when (e.IsOfCursor && asked == 0 && !isOurs)
            {
                (position, isOurs) = (position with { Pass = null }, true);
                continue;
            }
            var (data, isOver) = (page.Data ?? [], page.HasMore != true);
            asked += data.Count;
            var failed = await TakeAll([.. data.Select(json => Read(json, outcomes)).OfType<Received>()], outcomes, cancellation);
            var after = data.Count > 0 ? IdOf(data[^1]) : null;
            // Where nothing can be taken, nothing will be a page later; all is asked for anew by the next run.
            var isHopeless = (failed > 0 && failed == data.Count) || (!isOver && after is null);
            pass = pass with { After = after, HasFailures = pass.HasFailures || failed > 0 || isHopeless };
            stored = await Save(stored, position.With(pass, isOver || isHopeless), cancellation);
            if (stored is null) { Count(outcomes, TimerPass.Skipped); return; }
            position = stored.Value;
            if (isHopeless || (isOver && isOurs)) { return; }
            isOurs |= isOver;
        }
    }

    /// <summary>Null when another instance is at it.</summary>
    private Task<Stored<StripePosition>?> Save(Stored<StripePosition>? before, StripePosition after, CancellationToken cancellation) => before is null
        ? control.TryCreate(StripePosition.TheId, after, StoreJson.Default.StripePosition, cancellation)
        : control.TryReplace(StripePosition.TheId, before, after, StoreJson.Default.StripePosition, cancellation);

    /// <summary>The event, and what it must not be taken at the same time with; null of what is none. Whoever made such a one makes it no better when it is asked for again.</summary>
    private Received? Read(JsonElement json, ConcurrentDictionary<string, int> outcomes)
    {
        try
        {
            if (json.Deserialize(StripeJson.Default.StripeEvent) is { } received && StripeEvent.RefusalOf(received) is null) { return new Received(received, StripeFact.Of(received)?.StripeId ?? received.Id!); }
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException) { }
        Unreadable(log, IdOf(json) ?? "without an id");
        Count(outcomes, "unreadable");
        return null;
    }

    /// <summary>
    /// Takes the events of a page, those of one customer of Stripe's one after the other, the newest first: so hardly anybody is seen in a state that has long been over. Each that fails is tried once more. Says how many failed.
    /// </summary>
    private async Task<int> TakeAll(IReadOnlyList<Received> page, ConcurrentDictionary<string, int> outcomes, CancellationToken cancellation)
    {
        var failed = new ConcurrentDictionary<string, bool>();
        await Parallel.ForEachAsync(page.GroupBy(received => received.About), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (customer, token) =>
        {
            foreach (var (received, _) in customer)
            {
                var outcome = await Take(received, token);
                if (outcome == TimerPass.Failed) { failed[received.Id!] = true; }
                Count(outcomes, outcome);
            }
        });
        return failed.Count;
    }

    private async Task<string> Take(StripeEvent received, CancellationToken cancellation)
    {
        for (var again = false; ; again = true)
        {
            try { return await sync.Take(received, cancellation); }
            catch (Exception e) when (again && !cancellation.IsCancellationRequested)
            {
                NotTaken(log, received.Id!, e.GetType().Name);
                return TimerPass.Failed;
            }
            catch (Exception) when (!cancellation.IsCancellationRequested) { await Task.Delay(BeforeAgain, clock, cancellation); }
        }
    }

    private static string? IdOf(JsonElement json) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && StripeFact.IsId(id.GetString()) ? id.GetString() : null;

    private static void Count(ConcurrentDictionary<string, int> outcomes, string outcome) => outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);

    [GeneratedRegex(@"^rk_[A-Za-z0-9_]+\z")]
    private static partial Regex RestrictedKey();

    [LoggerMessage(1601, LogLevel.Error, "Stripe refuses the key in {Secret} with {Status} ({Code}): what it could not deliver cannot be asked for")]
    private static partial void KeyRefused(ILogger log, string secret, int status, string code);

    [LoggerMessage(1602, LogLevel.Error, "Stripe did not list its events ({Exception}, status {Status}); the next run goes on")]
    private static partial void NotListed(ILogger log, string exception, int status);

    [LoggerMessage(1603, LogLevel.Error, "Stripe was last asked for its events at {TakenUntil:O}; what it said until {Listed:O} and could not deliver is not listed any more")]
    private static partial void OutOfReach(ILogger log, DateTimeOffset takenUntil, DateTimeOffset listed);

    [LoggerMessage(1604, LogLevel.Error, "Event {EventId} of Stripe's has no known form and is passed over")]
    private static partial void Unreadable(ILogger log, string eventId);

    [LoggerMessage(1605, LogLevel.Error, "Event {EventId} of Stripe's could not be taken and is asked for again: {Exception}")]
    private static partial void NotTaken(ILogger log, string eventId, string exception);

    [LoggerMessage(1606, LogLevel.Error, "The secret {Secret} is no restricted key of Stripe's (rk_…), and no other is used: Stripe is not asked")]
    private static partial void NoRestrictedKey(ILogger log, string secret);
}
