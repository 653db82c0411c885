using CustomerFunctions.ApiKeys;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Access;

/// <summary>
/// Says who a key belongs to. What the stores say of a key is remembered for <see cref="Freshness"/>: a revoked key is refused at once on the instance that did it, and within
/// that time on every other. Its customer's standing is the guard's to ask.
/// </summary>
internal sealed class Authenticator(
    BootstrapAdmin bootstrap, DirectoryStore directory, ApiKeyStore apiKeys, ServiceAccountStore serviceAccounts, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    public async ValueTask<(Principal? Principal, Problem? Refusal)> Authenticate(string? credential, CancellationToken cancellation)
    {
        if (ApiKeyText.Parse(credential) is not { } key) { return (null, Failures.Unauthenticated()); }
        if (key.Holder == BootstrapAdmin.Holder)
        {
            return await bootstrap.Accepts(key, cancellation) ? (BootstrapAdmin.Principal, null) : (null, Failures.Unauthenticated());
        }
        var (holder, version) = await Find(key, cancellation);
        if (holder is null || version is null) { return (null, Failures.Unauthenticated()); }
        return version.RefusalAt(clock.GetUtcNow()) is { } refusal ? (null, refusal) : (holder.Principal, null);
    }

    /// <summary>Whether a key is accepted right now, asked of the store and not of memory: how a rotation tries the credential it has just made.</summary>
    public async Task<bool> AcceptsNow(ApiKeyText key, CancellationToken cancellation)
    {
        Forget(key.Holder);
        var (_, version) = await Find(key, cancellation);
        return version is not null && version.RefusalAt(clock.GetUtcNow()) is null;
    }

    /// <summary>Forgets what is remembered of a key holder, after this instance has changed it.</summary>
    public void Forget(string holder) => cache.Remove(holder);

    /// <summary>Memory answers for keys that it knows. One that it does not know may have been made by a rotation on another instance a moment ago.</summary>
    private async ValueTask<(KeyHolder? Holder, HeldKey? Version)> Find(ApiKeyText key, CancellationToken cancellation)
    {
        if (cache.TryGetValue(key.Holder, out KeyHolder? known) && known?.Match(key) is { } remembered) { return (known, remembered); }
        var holder = Remember(key.Holder, await ReadHolder(key.Holder, cancellation), Freshness);
        return (holder, holder?.Match(key));
    }

    private async Task<KeyHolder?> ReadHolder(string ulid, CancellationToken cancellation)
    {
        // Who holds a key never changes, so the pointer may be remembered for long; the record behind it is what can be revoked.
        var pointerId = DirectoryStore.KeyId(ulid);
        if (!cache.TryGetValue(pointerId, out Claim? pointer))
        {
            pointer = (await directory.Find(pointerId, cancellation))?.Value;
            Remember(pointerId, pointer, pointer is null ? Freshness : TimeSpan.FromHours(1));
        }
        return pointer switch
        {
            null => null,
            { HolderId: var id } when id.StartsWith("sva_", StringComparison.Ordinal) => (await serviceAccounts.Read(pointer.CustomerId, id, cancellation))?.Value.AsKeyHolder(),
            { HolderId: var id } => (await apiKeys.Read(pointer.CustomerId, id, cancellation))?.Value.AsKeyHolder(),
        };
    }

    private T Remember<T>(string key, T value, TimeSpan time) =>
        cache.Set(key, value, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = time, Size = 1 });

    public void Dispose() => cache.Dispose();
}

/// <summary>What the guard needs to know of whoever holds a key: who that is, and the hashes it may show.</summary>
internal sealed record KeyHolder(Principal Principal, IReadOnlyList<HeldKey> Keys)
{
    public HeldKey? Match(ApiKeyText key) => Keys.FirstOrDefault(held => key.Matches(held.Hash));
}

/// <summary>One hash and what is wrong with the key behind it, if anything is.</summary>
internal sealed record HeldKey(string Hash, Func<Problem>? Refusal, DateTimeOffset? ExpiresAt)
{
    public Problem? RefusalAt(DateTimeOffset now) => Refusal is not null ? Refusal() : ExpiresAt <= now ? Failures.KeyExpired() : null;
}
