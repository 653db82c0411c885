using System.Net;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.RateLimits;

/// <summary>The attempts on one budget by one identifier or address, which stands only as a SHA-256 in the id.</summary>
internal sealed record AttemptDocument : Document
{
    public const string DocumentType = "attempts";

    /// <summary>In the order in which they arrived; see <see cref="Attempt.ToString"/>.</summary>
    public required IReadOnlyList<string> Attempts { get; init; }

    public List<Attempt> Read() => [.. Attempts.Select(Attempt.Parse).OfType<Attempt>()];
}

/// <summary>
/// Decides attempts for all instances alike. To attempt is to append to one document, and the order in it decides (see <see cref="SlidingWindow"/>), so no two instances can both take the last permit.
/// Whoever has been refused is remembered here until his time comes, and costs nothing more. While the store does not answer, this instance decides on what it has seen last.
/// </summary>
internal sealed partial class AttemptLog(AzureClients azure, TimeProvider clock, ILogger<AttemptLog> log) : IDisposable
{
    /// <summary>A log this long is pruned before anything is added.</summary>
    public const int Longest = 64;

    /// <summary>Longer, and the attempt is decided without the store. As long as one call may take: a store that is merely slow still decides for all.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(4);

    private static readonly string HasRoom = $"FROM c WHERE ARRAY_LENGTH(c.attempts) < {Longest}";

    private readonly Documents documents = new(azure, "control");
    private readonly MemoryCache keys = new(new MemoryCacheOptions { SizeLimit = 50_000 });

    /// <param name="key">The identifier or address whose budget it is; never stored in clear.</param>
    /// <param name="budget">The budget.</param>
    /// <param name="attempt">The attempt, new.</param>
    /// <param name="forgiven">
    /// Instants of attempts that turned out well and count no more. Asked only when a refusal looms, so a success need not be written here.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<Judgement> Take(string key, Budget budget, Attempt attempt, Func<CancellationToken, Task<IReadOnlyList<DateTimeOffset>>>? forgiven, CancellationToken cancellation)
    {
        var id = $"attempts:{budget.Name}:{Attempt.Digest(key)}";
        var seen = keys.GetOrCreate(id, entry => { entry.Size = 1; entry.SlidingExpiration = 2 * budget.Window; return new SeenKey(); })!;
        if (seen.RefusalOf(attempt) is { } refused) { return refused; }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        Judgement judgement;
        try
        {
            judgement = await Append(id, budget, attempt, seen, patience.Token);
            if (!judgement.IsAllowed && forgiven is not null && await forgiven(cancellation) is { Count: > 0 } instants)
            {
                judgement = await Rewrite(id, budget, attempt, seen, instants, patience.Token);
            }
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e) && !cancellation.IsCancellationRequested)
        {
            StoreDown(log, budget.Name, e.GetType().Name);
            judgement = seen.JudgeAlone(attempt, budget, clock.GetUtcNow());
        }
        if (!judgement.IsAllowed)
        {
            seen.Remember(attempt, judgement);
            // Once per refusal that begins: those that follow are answered above, from memory.
            UsedUp(log, budget.Name, id[^8..], DateTimeOffset.FromUnixTimeMilliseconds(judgement.Until));
        }
        return judgement;
    }

    /// <summary>One request in the common case: this instance knows whether it has to create the document or to patch it.</summary>
    private async Task<Judgement> Append(string id, Budget budget, Attempt attempt, SeenKey seen, CancellationToken cancellation)
    {
        for (var exists = seen.Exists; ; exists = !exists)
        {
            if (!exists && await TryCreate(id, budget, attempt, cancellation)) { return seen.Judge([attempt], attempt, budget); }
            var (status, patched) = await documents.Patch(
                id, id, [PatchOperation.Add("/attempts/-", Json(attempt))], HasRoom, StoreJson.Default.AttemptDocument, cancellation);
            if (patched is not null) { return seen.Judge(patched.Value.Read(), attempt, budget); }
            if (status == HttpStatusCode.PreconditionFailed) { return await Rewrite(id, budget, attempt, seen, [], cancellation); }
            // Gone since: its time was over.
            seen.Exists = false;
            exists = true;
        }
    }

    private async Task<bool> TryCreate(string id, Budget budget, Attempt attempt, CancellationToken cancellation) =>
        await documents.TryCreate(id, Document(id, budget, [attempt]), StoreJson.Default.AttemptDocument, cancellation) is not null;

    /// <summary>Writes the log anew: without what no longer matters and what is forgiven, and with the attempt as its last.</summary>
    private async Task<Judgement> Rewrite(
        string id, Budget budget, Attempt attempt, SeenKey seen, IReadOnlyList<DateTimeOffset> forgiven, CancellationToken cancellation)
    {
        var instants = forgiven.Select(instant => instant.ToUnixTimeMilliseconds()).ToHashSet();
        while (true)
        {
            if (await documents.Read(id, id, StoreJson.Default.AttemptDocument, cancellation) is not { } stored) { return await Append(id, budget, attempt, seen, cancellation); }
            var kept = SlidingWindow.Prune(stored.Value.Read(), budget, clock.GetUtcNow());
            // An instant forgives one attempt, not all that were made in its millisecond.
            kept.RemoveAll(other => other.IsKnown == attempt.IsKnown && other.Source == attempt.Source && instants.Remove(other.At));
            if (kept.Count >= Longest) { return new Judgement(false, (clock.GetUtcNow() + budget.Window).ToUnixTimeMilliseconds(), IsTotal: true); }
            if (!kept.Exists(other => other.Id == attempt.Id)) { kept.Add(attempt); }
            if (await documents.TryReplace(id, stored, Document(id, budget, kept), StoreJson.Default.AttemptDocument, cancellation) is not null) { return seen.Judge(kept, attempt, budget); }
            instants = [.. forgiven.Select(instant => instant.ToUnixTimeMilliseconds())];
        }
    }

    private static AttemptDocument Document(string id, Budget budget, List<Attempt> attempts) => new()
    {
        Id = id,
        Type = AttemptDocument.DocumentType,
        Attempts = [.. attempts.Select(attempt => attempt.ToString())],
        Ttl = (int)(2 * budget.Window).TotalSeconds + 60,
    };

    /// <summary>A JSON string as a stream, which the SDK passes on as it is.</summary>
    private static MemoryStream Json(Attempt attempt) => new(System.Text.Encoding.UTF8.GetBytes($"\"{attempt}\""));

    public void Dispose() => keys.Dispose();

    [LoggerMessage(1804, LogLevel.Warning, "The budget {Budget} of …{Key} is used up until {Until:O}")]
    private static partial void UsedUp(ILogger log, string budget, string key, DateTimeOffset until);

    [LoggerMessage(1801, LogLevel.Warning, "The budget {Budget} is held per instance: Cosmos DB did not answer ({Exception})")]
    private static partial void StoreDown(ILogger log, string budget, string exception);
}
