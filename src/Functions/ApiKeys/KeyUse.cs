using System.Collections.Concurrent;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.ApiKeys;

/// <summary>
/// Notes when and from where API keys and service accounts' credentials were last used: at most once a minute for each, behind the answer, so that no request waits for it. It is a help for people and not a record; a
/// note that is lost when an instance ends is made again by the next use.
/// </summary>
internal sealed partial class KeyUse(ApiKeyStore keys, KeyVersionUseStore versions, TimeProvider clock, ILogger<KeyUse> log)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);
    private const int MaxRemembered = 20_000;

    private readonly ConcurrentDictionary<string, DateTimeOffset> noted = new();

    public void Note(Caller caller)
    {
        if (caller.Principal is not { Kind: PrincipalKind.ApiKey or PrincipalKind.ServiceAccount, CustomerId: { } customerId } principal) { return; }
        var key = principal.KeyVersionId ?? principal.Id;
        var now = clock.GetUtcNow();
        if (noted.TryGetValue(key, out var last) && now - last < Interval) { return; }
        // Forgetting costs a conditional write that changes nothing, once; a set that grows with every key would cost for ever.
        if (noted.Count >= MaxRemembered) { noted.Clear(); }
        noted[key] = now;
        _ = Write(customerId, key, isVersion: principal.KeyVersionId is not null, caller.Address, now);
    }

    private async Task Write(string customerId, string keyId, bool isVersion, string? address, DateTimeOffset now)
    {
        using var longest = new CancellationTokenSource(Longest);
        try
        {
            if (isVersion) { await versions.Note(customerId, keyId, address, now, now - Interval, longest.Token); }
            else { await keys.NoteUse(customerId, keyId, address, now, now - Interval, longest.Token); }
        }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { NotNoted(log, keyId, e.GetType().Name); }
    }

    [LoggerMessage(1531, LogLevel.Information, "The use of {KeyId} was not noted: {Exception}")]
    private static partial void NotNoted(ILogger log, string keyId, string exception);
}
