using System.Text.Json;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Edge;

/// <summary>Records of requests with an Idempotency-Key, in the <c>control</c> container. The document's ETag says who may execute: one request at a time.</summary>
internal sealed class IdempotencyStore(AzureClients azure, ProtectionRing ring, TimeProvider clock)
{
    /// <summary>Longer than a request lives: whoever had it before has been cut off.</summary>
    private static readonly TimeSpan Lease = ExceptionEdge.Deadline + TimeSpan.FromSeconds(1);

    private const string Purpose = "idempotency-answer";

    private readonly Documents documents = new(azure, "control");

    /// <summary>The right to execute, if it is to be had; else what there is.</summary>
    public async Task<(Stored<IdempotencyRecord> Record, bool MayExecute)> Begin(string id, string bodyHash, CancellationToken cancellation)
    {
        while (true)
        {
            var fresh = IdempotencyRecord.Begin(id, bodyHash, clock);
            if (await documents.TryCreate(id, Leased(fresh), StoreJson.Default.IdempotencyRecord, cancellation) is { } created) { return (created, true); }
            if (await documents.Read(id, id, StoreJson.Default.IdempotencyRecord, cancellation) is not { } found) { continue; }
            if (found.Value.BodyHash != bodyHash || found.Value.Answer is not null || found.Value.LeasedUntil > clock.GetUtcNow()) { return (found, false); }
            // The one before ended without an answer to keep.
            if (await Replace(found, Leased(found.Value), cancellation) is { } mine) { return (mine, true); }
        }
    }

    /// <summary>Keeps the answer; false when the lease was lost meanwhile, and with it the right to answer.</summary>
    public async Task<bool> TryFinish(Stored<IdempotencyRecord> record, KeptAnswer answer, CancellationToken cancellation)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(answer, StoreJson.Default.KeptAnswer);
        return await Replace(record, record.Value with { Answer = ring.Protect(Purpose, bytes) }, cancellation) is not null;
    }

    /// <summary>Lets the next one execute at once. Without it he would after the lease.</summary>
    public Task<Stored<IdempotencyRecord>?> Release(Stored<IdempotencyRecord> record, CancellationToken cancellation) => Replace(record, record.Value with { LeasedUntil = clock.GetUtcNow() }, cancellation);

    /// <summary>The answer that was kept; null when its protection can no longer be opened.</summary>
    public KeptAnswer? Open(IdempotencyRecord record) =>
        ring.Open(Purpose, record.Answer!) is { } bytes ? JsonSerializer.Deserialize(bytes, StoreJson.Default.KeptAnswer) : null;

    private IdempotencyRecord Leased(IdempotencyRecord record) => record with { LeasedUntil = clock.GetUtcNow() + Lease };

    private Task<Stored<IdempotencyRecord>?> Replace(Stored<IdempotencyRecord> before, IdempotencyRecord after, CancellationToken cancellation) =>
        documents.TryReplace(after.Id, before, after, StoreJson.Default.IdempotencyRecord, cancellation);
}
