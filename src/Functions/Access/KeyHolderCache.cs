using CustomerFunctions.ApiKeys;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Access;

/// <summary>
/// Who holds which key, as this instance last read it. The stores of keys forget here what they write, so that a change
/// counts at once on the instance that made it.
/// </summary>
internal sealed class KeyHolderCache(TimeProvider clock) : IDisposable
{
    /// <summary>Who holds a key never changes, so where a key leads may be kept for long.</summary>
    private static readonly TimeSpan PointerTime = TimeSpan.FromHours(1);

    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 40_000 });
    private readonly Lock keeping = new();

    /// <param name="Value">What was read; null when there was nothing.</param>
    /// <param name="ForgottenAt">When it was forgotten: what was asked for before that is not kept.</param>
    private sealed record Entry(object? Value, long? ForgottenAt = null);

    public bool TryFindHolder(string pointer, out KeyHolder? holder) => TryFind(HolderOf(pointer), out holder);

    public bool TryFindPointer(string pointer, out Claim? claim) => TryFind(pointer, out claim);

    /// <summary>Keeps what was read by a request that began at <paramref name="asked"/>.</summary>
    public void KeepHolder(string pointer, KeyHolder? holder, long asked) => Keep(HolderOf(pointer), holder, Authenticator.Freshness, asked);

    public void KeepPointer(string pointer, Claim? claim, long asked) => Keep(pointer, claim, claim is null ? Authenticator.Freshness : PointerTime, asked);

    /// <summary>Forgets a holder by its own ULID. Where that leads never changes, so it stays known.</summary>
    public void Forget(string ulid)
    {
        var pointer = DirectoryStore.KeyId(ulid);
        lock (keeping)
        {
            if (!(TryFindPointer(pointer, out var claim) && claim is not null)) { SetForgotten(pointer); }
            SetForgotten(HolderOf(pointer));
        }
    }

    /// <summary>Forgets an API key, by whichever of its values it is known. A value that was imported may be imported elsewhere later.</summary>
    public void Forget(ApiKey key)
    {
        Forget(Ids.Ulid(key.Id));
        lock (keeping)
        {
            foreach (var pointer in key.Superseded.Select(secret => secret.Hash).Append(key.Hash).Select(DirectoryStore.LegacyKeyId))
            {
                SetForgotten(pointer);
                SetForgotten(HolderOf(pointer));
            }
        }
    }

    public void Dispose() => cache.Dispose();

    private static string HolderOf(string pointer) => "holder:" + pointer;

    private void SetForgotten(string name) => Set(name, new Entry(null, clock.GetTimestamp()), Authenticator.Freshness);

    private bool TryFind<T>(string name, out T? value)
        where T : class
    {
        var isKnown = cache.TryGetValue(name, out Entry? entry) && entry!.ForgottenAt is null;
        value = isKnown ? (T?)entry!.Value : null;
        return isKnown;
    }

    private void Keep(string name, object? value, TimeSpan time, long asked)
    {
        lock (keeping)
        {
            if (!(cache.TryGetValue(name, out Entry? entry) && entry!.ForgottenAt >= asked)) { Set(name, new Entry(value), time); }
        }
    }

    private void Set(string name, Entry entry, TimeSpan time) => cache.Set(name, entry, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = time, Size = 1 });
}
