using System.Text.Json;
using LocalAzure.Cosmos.Indexing;

namespace LocalAzure.Cosmos.Storage;

internal enum WriteKind { Create, Upsert, Replace }

/// <summary>What a write left behind.</summary>
internal readonly record struct Written(StoredDocument Document, byte[] Body, bool Created);

/// <summary>
/// The documents of one container. Writers take turns; a write is in the log before it is in the indexes, and in both before it is acknowledged.
/// Readers see whole versions. Expired documents are invisible at once and leave with the next writes.
/// </summary>
internal sealed class ContainerStore : IDisposable
{
    private const int PurgedPerWrite = 64;

    // The operations of a batch take the lock that the batch holds.
    private readonly ReaderWriterLockSlim gate = new(LockRecursionPolicy.SupportsRecursion);
    private readonly TimeProvider clock;
    private readonly ContainerName name;
    private readonly DocumentLog log;
    private DocumentIndexes indexes;
    private long lastLsn;
    private long lastNumber;
    /// <summary>What takes back the changes of the batch that runs; null when none does.</summary>
    private Stack<Action>? undo;

    private ContainerStore(ContainerName name, ContainerSettings settings, string folder, TimeProvider clock)
    {
        this.name = name;
        this.clock = clock;
        Settings = settings;
        var living = new Dictionary<long, StoredDocument>();
        log = DocumentLog.Open(folder, (opening, record) => Recover(opening, living, record));
        indexes = DocumentIndexes.Build(settings, living.Values);
        if (log.GarbageDominates) { Compact(); }
    }

    public ContainerSettings Settings { get; private set; }

    public long LastLsn => Volatile.Read(ref lastLsn);

    public static ContainerStore Open(ContainerName name, ContainerSettings settings, string folder, TimeProvider clock) =>
        new(name, settings, folder, clock);

    public long Now => clock.GetUtcNow().ToUnixTimeSeconds();

    public bool IsAlive(StoredDocument document) => document.ExpiresAt(Settings.DefaultTtl) > Now;

    public StoredDocument? Find(PartitionKey partition, string id)
    {
        var key = partition.KeyOf(id);
        return Read(view => view.Primary.Find(key) is { } found && IsAlive(found) ? found : null);
    }

    /// <summary>Runs a read against a state that no write changes meanwhile.</summary>
    public T Read<T>(Func<DocumentIndexes, T> read)
    {
        gate.EnterReadLock();
        try { return read(indexes); }
        finally { gate.ExitReadLock(); }
    }

    /// <summary>Living documents whose last change came after <paramref name="after"/> and not after <paramref name="until"/>, in the order of changes.</summary>
    public IReadOnlyList<StoredDocument> Changes(long after, long until, Func<StoredDocument, bool> wanted, int count)
    {
        gate.EnterWriteLock();
        try { indexes.EnsureChanges(); }
        finally { gate.ExitWriteLock(); }
        return Read(view => view.ChangesAfter(after)
            .TakeWhile(document => document.Lsn <= until)
            .Where(document => IsAlive(document) && wanted(document))
            .Take(count).ToList());
    }

    /// <summary>Makes sure that there is an index on a path that the policy covers.</summary>
    public void EnsureIndex(string[] path)
    {
        gate.EnterWriteLock();
        try { indexes.Ensure(path); }
        finally { gate.ExitWriteLock(); }
    }

    public Written Write(WriteKind kind, DocumentBody body, string? ifMatch)
    {
        gate.EnterWriteLock();
        try
        {
            PurgeExpired();
            var old = Living(body.Key);
            if (old is null && kind == WriteKind.Replace) { throw CosmosRefusal.NotFound(); }
            if (old is not null && kind == WriteKind.Create) { throw CosmosRefusal.Conflict(); }
            if (old is not null) { CheckETag(old, ifMatch); }
            return Put(body, old);
        }
        finally { gate.ExitWriteLock(); }
    }

    /// <summary>Replaces a document by what <paramref name="change"/> makes of its current bytes, with no write in between.</summary>
    public Written Change(PartitionKey partition, string id, string? ifMatch, Func<byte[], DocumentBody> change)
    {
        gate.EnterWriteLock();
        try
        {
            PurgeExpired();
            var old = Living(partition.KeyOf(id)) ?? throw CosmosRefusal.NotFound();
            CheckETag(old, ifMatch);
            var body = change(old.Load());
            if (!body.Key.AsSpan().SequenceEqual(old.Key)) { throw CosmosRefusal.BadRequest("A patch may not change the id or the partition key."); }
            return Put(body, old);
        }
        finally { gate.ExitWriteLock(); }
    }

    /// <summary>Deletes a document and returns the size it had.</summary>
    public int Delete(PartitionKey partition, string id, string? ifMatch)
    {
        gate.EnterWriteLock();
        try
        {
            PurgeExpired();
            var old = Living(partition.KeyOf(id)) ?? throw CosmosRefusal.NotFound();
            CheckETag(old, ifMatch);
            Remove(old);
            return old.Length;
        }
        finally { gate.ExitWriteLock(); }
    }

    /// <summary>
    /// Runs several writes as one: no reader and no restart sees some of them. When <paramref name="work"/> returns false or throws, none has happened.
    /// </summary>
    public bool Atomically(Func<bool> work)
    {
        gate.EnterWriteLock();
        try
        {
            PurgeExpired();
            var (lsn, number) = (lastLsn, lastNumber);
            (undo, var isDone) = (new Stack<Action>(), false);
            log.Begin();
            try { isDone = work(); }
            finally
            {
                if (isDone) { log.Commit(); }
                else
                {
                    foreach (var change in undo) { change(); }
                    log.RollBack();
                    (lastLsn, lastNumber) = (lsn, number);
                }
                undo = null;
            }
            if (log.CanCompactWhileServing) { Compact(); }
            return isDone;
        }
        finally { gate.ExitWriteLock(); }
    }

    public void Apply(ContainerSettings settings)
    {
        gate.EnterWriteLock();
        try
        {
            Settings = settings;
            indexes = DocumentIndexes.Build(settings, indexes.Primary.Ascending([]).Select(entry => entry.Document));
        }
        finally { gate.ExitWriteLock(); }
    }

    public void Dispose()
    {
        gate.EnterWriteLock();
        log.Dispose();
        gate.ExitWriteLock();
    }

    private Written Put(DocumentBody body, StoredDocument? old)
    {
        var number = old?.Number ?? lastNumber + 1;
        var version = StoredDocument.Unplaced(old?.Key ?? body.Key, number, lastLsn + 1, Guid.NewGuid(), Now, body.Ttl);
        var complete = body.Complete(name.DocumentRid(number), name.DocumentSelf(number), version.ETag, version.Timestamp);
        if (complete.Length > DocumentBody.MaxBytes + 512) { throw CosmosRefusal.TooLarge(); }
        using var parsed = JsonDocument.Parse(complete, DocumentIndexes.Deep);
        indexes.CheckUnique(body.PartitionKey, parsed.RootElement, number);

        var placed = log.Put(version, complete);
        if (old is not null) { Forget(old); }
        indexes.Add(placed, complete, parsed.RootElement);
        undo?.Push(() => indexes.Remove(placed, complete));
        (lastLsn, lastNumber) = (version.Lsn, Math.Max(lastNumber, number));
        if (undo is null && log.CanCompactWhileServing) { Compact(); }
        return new Written(placed, complete, old is null);
    }

    private StoredDocument? Living(byte[] key)
    {
        var found = indexes.Primary.Find(key);
        if (found is null || IsAlive(found)) { return found; }
        Remove(found);
        return null;
    }

    private void Remove(StoredDocument document)
    {
        log.Delete(StoredDocument.Unplaced(document.Key, document.Number, ++lastLsn, Guid.Empty, Now, ttl: 0));
        Forget(document);
    }

    private void Forget(StoredDocument document)
    {
        var body = document.Load();
        indexes.Remove(document, body);
        log.Release(document);
        undo?.Push(() =>
        {
            using var parsed = JsonDocument.Parse(body, DocumentIndexes.Deep);
            indexes.Add(document, body, parsed.RootElement);
        });
    }

    private void PurgeExpired()
    {
        if (undo is not null) { return; }
        foreach (var expired in indexes.ExpiredBy(Now).Take(PurgedPerWrite).ToArray()) { Remove(expired); }
    }

    private static void CheckETag(StoredDocument document, string? ifMatch)
    {
        if (ifMatch is not null && ifMatch != "*" && ifMatch.Trim('"') != document.ETag.ToString()) { throw CosmosRefusal.Stale(); }
    }

    private void Compact()
    {
        var moved = log.Compact(indexes.Primary.Ascending([]).Select(entry => entry.Document), lastLsn, lastNumber);
        indexes = DocumentIndexes.Build(Settings, moved);
    }

    private void Recover(DocumentLog opening, Dictionary<long, StoredDocument> living, DocumentLog.Record record)
    {
        var document = record.Document;
        (lastLsn, lastNumber) = (Math.Max(lastLsn, document.Lsn), Math.Max(lastNumber, document.Number));
        if (record.Kind == DocumentLog.Kind.Counters) { return; }
        if (living.Remove(document.Number, out var older)) { opening.Release(older); }
        if (record.Kind == DocumentLog.Kind.Put) { living.Add(document.Number, document); }
    }
}
