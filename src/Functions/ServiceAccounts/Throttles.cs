using System.Collections.Concurrent;
using System.Net;
using Azure;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// What this instance has been told to leave alone, and until when: the vault, or a subscription in Azure Resource Manager. Each instance learns it by itself; one call that is refused costs less
/// than asking the others. What is told by Cosmos DB, by Microsoft Graph or by a resource whose key is tried holds for the one account.
/// </summary>
internal sealed class Throttles(TimeProvider clock)
{
    private const string Vault = "vault";
    private const string NotedAs = "CustomerFunctions.RestsUntil";
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> restUntil = new();

    /// <summary>Until when no account's secret is to be touched; null when it may be.</summary>
    public DateTimeOffset? VaultRestsUntil => Find(Vault);

    /// <summary>Until when the account's resource is to be left alone; null when it need not be.</summary>
    public DateTimeOffset? ResourceRestsUntil(ServiceAccount account) => RestsUntil(account.Place?.ResourceId);

    /// <summary>Until when something that the account has outside is to be left alone, at either end of a migration; null when nothing is.</summary>
    public DateTimeOffset? AnythingRestsUntil(ServiceAccount account) =>
        new[] { account.ResourceId, account.Azure?.Scope, account.Azure?.Also?.Scope, account.Migration is { IsOpen: true, To: { } to } ? to.ResourceId : null }.Select(RestsUntil).Append(VaultRestsUntil).Max();

    /// <summary>Until when the subscription of a resource or scope is to be left alone.</summary>
    public DateTimeOffset? RestsUntil(string? resourceId) => SubscriptionOf(resourceId) is { } subscription ? Find(subscription) : null;

    /// <summary>Takes note of a refusal for throttling, and says until when; null for any other failure.</summary>
    /// <param name="account">Whose work was refused.</param>
    /// <param name="exception">The refusal.</param>
    public DateTimeOffset? Note(ServiceAccount account, Exception exception) => exception switch
    {
        _ when exception.Data[NotedAs] is DateTimeOffset until => until,
        CosmosException { StatusCode: HttpStatusCode.TooManyRequests } e => End(e.RetryAfter ?? TimeSpan.Zero),
        ResourceBusyException e => End(e.RetryAfter ?? TimeSpan.Zero),
        GraphFailedException e => Throttling.Of(e) is { } asked ? End(asked) : null,
        RequestFailedException e when RotationFailures.IsFromKeyVault(e) => Note(Vault, e),
        RequestFailedException e => Note(SubscriptionOf(account.Place?.ResourceId) ?? account.Id, e),
        _ => null,
    };

    /// <summary>Takes note of a refusal of Azure Resource Manager, about a subscription that its caller knows.</summary>
    public void NoteAt(string scope, RequestFailedException exception) => exception.Data[NotedAs] = Note(SubscriptionOf(scope) ?? scope, exception);

    private DateTimeOffset? Note(string what, RequestFailedException exception)
    {
        if (Throttling.Of(exception) is not { } asked) { return null; }
        var until = End(asked);
        return restUntil.AddOrUpdate(what, until, (_, known) => known > until ? known : until);
    }

    private DateTimeOffset End(TimeSpan asked) => clock.GetUtcNow() + (asked == TimeSpan.Zero ? Usual : asked < Longest ? asked : Longest);

    private DateTimeOffset? Find(string what) => restUntil.TryGetValue(what, out var until) && until > clock.GetUtcNow() ? until : null;

    /// <summary>The subscription in <c>/subscriptions/{id}/…</c>.</summary>
    private static string? SubscriptionOf(string? resourceId) => resourceId?.Split('/') is ["", _, var id, ..] ? id.ToLowerInvariant() : null;
}
