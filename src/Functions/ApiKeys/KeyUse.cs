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
        if (!IsDue(key, out var now)) { return; }
        _ = Write(key, token => principal.KeyVersionId is not null
            ? versions.Note(customerId, key, caller.Address, now, now - Interval, token)
            : keys.NoteUse(customerId, key, caller.Address, now, now - Interval, token));
    }

    /// <summary>
    /// Notes a refusal on the API key. For service accounts only the logs have it: their retirement waits while a
    /// credential is used, and a refused use must not count as one.
    /// </summary>
    public void NoteRefusal(Caller caller, string code)
    {
        if (caller.Principal is not { Kind: PrincipalKind.ApiKey, CustomerId: { } customerId, Id: var key } || !IsDue("refused:" + key, out var now)) { return; }
        _ = Write(key, token => keys.NoteRefusal(customerId, key, caller.Address, code, now, now - Interval, token));
    }

    private bool IsDue(string note, out DateTimeOffset now)
    {
        now = clock.GetUtcNow();
        if (noted.TryGetValue(note, out var last) && now - last < Interval) { return false; }
        // Forgetting costs a conditional write that changes nothing, once; a set that grows with every key would cost for ever.
        if (noted.Count >= MaxRemembered) { noted.Clear(); }
        noted[note] = now;
        return true;
    }

    private async Task Write(string keyId, Func<CancellationToken, Task> write)
    {
        using var longest = new CancellationTokenSource(Longest);
        try { await write(longest.Token); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { NotNoted(log, keyId, e.GetType().Name); }
    }

    [LoggerMessage(1531, LogLevel.Information, "The use of {KeyId} was not noted: {Exception}")]
    private static partial void NotNoted(ILogger log, string keyId, string exception);
}
