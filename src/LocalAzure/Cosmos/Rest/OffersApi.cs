namespace LocalAzure.Cosmos.Rest;

/// <summary>Throughput: manual request units per second on a container.</summary>
internal static class OffersApi
{
    /// <summary>The throughput that a create request asks for; null when it asks for none.</summary>
    public static int? Requested(CosmosRequest request)
    {
        if (request.Header("x-ms-cosmos-offer-autopilot-settings") is not null) { throw CosmosRefusal.NotImplemented("autoscale throughput"); }
        return request.Number("x-ms-offer-throughput");
    }
}
