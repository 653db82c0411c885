using System.Collections.Concurrent;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.ApiKeys;

/// <summary>
/// Notes when and from where API keys were last used: at most once a minute for a key, behind the answer, so that no request waits for it. It is a help for people and not a record; a
/// note that is lost when an instance ends is made again by the next use.
/// </summary>
internal sealed partial class KeyUse(ApiKeyStore keys, TimeProvider clock, ILogger<KeyUse> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, DateTimeOffset> noted = new();

    public void Note(Caller caller)
    {
        if (caller.Principal is not { Kind: PrincipalKind.ApiKey, CustomerId: { } customerId } key) { return; }
        var now = clock.GetUtcNow();
        if (noted.TryGetValue(key.Id, out var last) && now - last < Interval) { return; }
        // Forgetting costs a conditional write that changes nothing, once; a set that grows with every key would cost for ever.
        if (noted.Count >= MaxRemembered) { noted.Clear(); }
        noted[key.Id] = now;
        _ = Write(customerId, key.Id, caller.Address, now);
    }

    private async Task Write(string customerId, string keyId, string? address, DateTimeOffset now)
    {
        using var longest = new CancellationTokenSource(Longest);
        try { await keys.NoteUse(customerId, keyId, address, now, now - Interval, longest.Token); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { NotNoted(log, keyId, e.GetType().Name); }
    }

    [LoggerMessage(1201, LogLevel.Information, "The use of {KeyId} was not noted: {Exception}")]
    private static partial void NotNoted(ILogger log, string keyId, string exception);
}
