using System.Collections.Concurrent;
using Azure;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// What this instance has been told to leave alone, and until when: the vault, or a subscription in Azure Resource Manager. Each instance learns it by itself; one call that is refused costs less
/// than asking the others.
/// </summary>
internal sealed class Throttles(TimeProvider clock)
{
    private const string Vault = "vault";
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> restUntil = new();

    /// <summary>Until when no account's secret is to be touched; null when it may be.</summary>
    public DateTimeOffset? VaultRestsUntil => Find(Vault);

    /// <summary>Until when the account's resource is to be left alone; null when it need not be.</summary>
    public DateTimeOffset? ResourceRestsUntil(ServiceAccount account) => SubscriptionOf(account) is { } subscription ? Find(subscription) : null;

    /// <summary>Takes note of a refusal for throttling, and says until when; null for any other failure.</summary>
    public DateTimeOffset? Note(ServiceAccount account, Exception exception)
    {
        if (exception is not RequestFailedException failed || Throttling.Of(failed) is not { } asked) { return null; }
        var wait = asked == TimeSpan.Zero ? Usual : asked < Longest ? asked : Longest;
        var until = clock.GetUtcNow() + wait;
        var what = RotationFailures.IsFromKeyVault(failed) ? Vault : SubscriptionOf(account) ?? account.Id;
        return restUntil.AddOrUpdate(what, until, (_, known) => known > until ? known : until);
    }

    private DateTimeOffset? Find(string what) => restUntil.TryGetValue(what, out var until) && until > clock.GetUtcNow() ? until : null;

    /// <summary>The subscription in <c>/subscriptions/{id}/…</c>.</summary>
    private static string? SubscriptionOf(ServiceAccount account) => account.Place?.ResourceId.Split('/') is ["", _, var id, ..] ? id.ToLowerInvariant() : null;
}
