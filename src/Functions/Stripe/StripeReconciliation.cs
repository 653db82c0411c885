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

    /// <summary>An event, and what it must not be taken at the same time with.</summary>
    private sealed record Received(StripeEvent Event, string About);

    /// <summary>What came of a run, and whether it is time for it to end.</summary>
    private sealed class Progress(TimeProvider clock)
    {
        private readonly long started = clock.GetTimestamp();
        private readonly ConcurrentDictionary<string, int> outcomes = new();

        public bool IsOutOfTime => clock.GetElapsedTime(started) >= TimerPass.Budget;

        public TimerResult Result => new(outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).ToDictionary());

        public void Count(string outcome) => outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
    }

    public async Task<TimerResult> Run(CancellationToken cancellation)
    {
        var run = new Progress(clock);
        var key = (await secrets.ReadNow(WebhookSecrets.StripeKey, cancellation))?.Trim();
        if (key is null)
        {
            run.Count("noKey");
            return run.Result;
        }
        if (!RestrictedKey().IsMatch(key))
        {
            NoRestrictedKey(log, WebhookSecrets.StripeKey);
            run.Count(TimerPass.Failed);
            return run.Result;
        }
        try { await Ask(key, run, cancellation); }
        catch (StripeRefusedException e) when (e.IsOfKey)
        {
            KeyRefused(log, WebhookSecrets.StripeKey, e.Status, e.Code);
            run.Count(TimerPass.Failed);
        }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (e is StripeRefusedException || StripeClient.IsNoAnswer(e)))
        {
            NotListed(log, e.GetType().Name, (e as StripeRefusedException)?.Status ?? 0);
            run.Count(TimerPass.Failed);
        }
        return run.Result;
    }

    private async Task Ask(string key, Progress run, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var stored = await control.Read(StripePosition.TheId, StripePosition.TheId, StoreJson.Default.StripePosition, cancellation);
        var position = stored?.Value ?? StripePosition.New;
        if (position.IsOutOfReach(now))
        {
            OutOfReach(log, position.TakenUntil!.Value, now - StripePosition.Listed);
            run.Count("outOfReach");
        }
        // A pass that an earlier run began does not have what was said since: another one follows it.
        var isResumed = position.Pass is not null;
        for (var asked = 0; asked < MostEvents && !run.IsOutOfTime;)
        {
            var pass = position.Pass ?? position.NewPass(now);
            StripeEventList page;
            try { page = await stripe.ListEvents(key, pass.From, pass.After, cancellation); }
            catch (StripeRefusedException e) when (e.IsOfCursor && isResumed && asked == 0)
            {
                (position, isResumed) = (position with { Pass = null }, false);
                continue;
            }
            asked += page.Data.Count;
            var received = page.Data.Select(json => Read(json, run)).OfType<Received>().ToList();
            if (await TakeAll(received, run, cancellation) is not { } failed) { break; }
            // Where nothing can be taken, nothing will be a page later: all is asked for anew by the next run.
            var isHopeless = failed > 0 && failed == received.Count;
            pass = pass with { After = page.LastId, HasFailures = pass.HasFailures || failed > 0 };
            stored = await Save(stored, position.With(pass, isOver: !page.HasMore || isHopeless), cancellation);
            if (stored is null) { run.Count(TimerPass.Skipped); return; }
            if (isHopeless || (!page.HasMore && !isResumed)) { return; }
            (position, isResumed) = (stored.Value, isResumed && page.HasMore);
        }
        run.Count("unfinished");
    }

    /// <summary>Null when another instance is at it.</summary>
    private Task<Stored<StripePosition>?> Save(Stored<StripePosition>? before, StripePosition after, CancellationToken cancellation) => before is null
        ? control.TryCreate(StripePosition.TheId, after, StoreJson.Default.StripePosition, cancellation)
        : control.TryReplace(StripePosition.TheId, before, after, StoreJson.Default.StripePosition, cancellation);

    /// <summary>Null of what is no event: whoever made it so makes it no better when it is asked for again.</summary>
    private Received? Read(JsonElement json, Progress run)
    {
        try
        {
            if (json.Deserialize(StripeJson.Default.StripeEvent) is { } received && StripeEvent.RefusalOf(received) is null) { return new Received(received, StripeFact.Of(received)?.StripeId ?? received.Id!); }
        }
        catch (Exception e) when (e is JsonException or ArgumentOutOfRangeException) { }
        Unreadable(log, StripeEventList.IdOf(json) ?? "without an id");
        run.Count("unreadable");
        return null;
    }

    /// <summary>
    /// Takes the events of a page, those of one customer of Stripe's one after the other, the newest first: so hardly anybody is seen in a state that has long been over. Says how many could not be taken; null when there was no
    /// time for all.
    /// </summary>
    private async Task<int?> TakeAll(IEnumerable<Received> page, Progress run, CancellationToken cancellation)
    {
        var (failed, isCutOff) = (0, false);
        await Parallel.ForEachAsync(page.GroupBy(received => received.About), new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (customer, token) =>
        {
            foreach (var received in customer)
            {
                if (run.IsOutOfTime)
                {
                    isCutOff = true;
                    return;
                }
                var outcome = await Take(received.Event, token);
                run.Count(outcome);
                if (outcome == TimerPass.Failed) { Interlocked.Increment(ref failed); }
            }
        });
        return isCutOff ? null : failed;
    }

    /// <summary>What came of it; what fails is tried once more.</summary>
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
