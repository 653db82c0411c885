using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

/// <summary>
/// A customer's places for endpoints: there are few, since each notice is written down for each of them. An endpoint takes its place here before it is made, so that the ETag of this one document keeps the number, however
/// many are made at once.
/// </summary>
internal sealed record WebhookPlaces : Document
{
    public const string DocumentType = "webhookPlaces";
    public const int Most = 10;

    /// <summary>No request goes on for so long: a place without an endpoint is free behind it.</summary>
    private static readonly TimeSpan LongestRequest = TimeSpan.FromMinutes(15);

    public required string CustomerId { get; init; }

    /// <summary>Who has a place, and since when.</summary>
    public required IReadOnlyDictionary<string, DateTimeOffset> Taken { get; init; }

    public static string IdOf(string customerId) => "webhooks:" + customerId;

    /// <summary>A customer's first places: those of the endpoints that it has.</summary>
    public static WebhookPlaces Of(string customerId, IEnumerable<WebhookEndpoint> endpoints) => new()
    {
        Id = IdOf(customerId),
        Type = DocumentType,
        CustomerId = customerId,
        Taken = endpoints.ToDictionary(endpoint => endpoint.Id, endpoint => endpoint.CreatedAt),
    };

    /// <summary>With a place for one more; null when all are taken. Who has one keeps it.</summary>
    /// <param name="endpointId">Who wants it.</param>
    /// <param name="endpoints">Those that there are.</param>
    /// <param name="now">Now.</param>
    public WebhookPlaces? With(string endpointId, IReadOnlySet<string> endpoints, DateTimeOffset now)
    {
        if (Taken.ContainsKey(endpointId)) { return this; }
        var inUse = Taken.Where(place => endpoints.Contains(place.Key) || place.Value > now - LongestRequest).ToDictionary();
        return inUse.Count >= Most ? null : this with { Taken = inUse.Append(KeyValuePair.Create(endpointId, now)).ToDictionary() };
    }

    /// <summary>With the place of an endpoint that was removed free again.</summary>
    public WebhookPlaces Without(string endpointId) => Taken.ContainsKey(endpointId) ? this with { Taken = Taken.Where(place => place.Key != endpointId).ToDictionary() } : this;
}
