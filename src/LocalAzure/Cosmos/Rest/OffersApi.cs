using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>Throughput: manual request units per second on a container ("Offers").</summary>
internal static class OffersApi
{
    private const int LeastThroughput = 400;

    /// <summary>The throughput that a create request asks for; null when it asks for none.</summary>
    public static int? Requested(CosmosRequest request)
    {
        if (request.Header("x-ms-cosmos-offer-autopilot-settings") is not null) { throw CosmosRefusal.NotImplemented("autoscale throughput"); }
        return request.Number("x-ms-offer-throughput") is { } throughput ? Checked(throughput) : null;
    }

    public static CosmosReply All(CosmosRequest request, Catalog catalog, TimeProvider clock)
    {
        var offers = WithThroughput(catalog).Select(Show);
        return request.Method switch
        {
            "GET" => CosmosReply.Json(Feed([.. offers])),
            "POST" when request.IsQuery => CosmosReply.Json(Feed([.. ListQuery.Run(request.Body, offers, clock)])),
            _ => throw CosmosRefusal.NotImplemented($"{request.Method} on offers"),
        };
    }

    public static CosmosReply One(CosmosRequest request, Catalog catalog, string rid)
    {
        var container = WithThroughput(catalog).FirstOrDefault(c => OfferRid(c) == rid) ?? throw CosmosRefusal.NotFound();
        if (request.Method == "PUT") { catalog.SetThroughput(container, Checked(Throughput(request.JsonObject()))); }
        else if (request.Method != "GET") { throw CosmosRefusal.NotImplemented($"{request.Method} on an offer"); }
        return CosmosReply.Json(Show(container), etag: container.Stamp.ETag);
    }

    private static int Throughput(JsonObject offer)
    {
        if (offer["content"]?["offerAutopilotSettings"] is not null) { throw CosmosRefusal.NotImplemented("autoscale throughput"); }
        return offer["content"]?["offerThroughput"] is JsonValue value && value.TryGetValue<int>(out var throughput)
            ? throughput
            : throw CosmosRefusal.BadRequest("An offer needs 'content': { 'offerThroughput': … }.");
    }

    private static int Checked(int throughput) => throughput >= LeastThroughput && throughput % 100 == 0
        ? throughput
        : throw CosmosRefusal.BadRequest($"The throughput must be at least {LeastThroughput}, in steps of 100.");

    private static IEnumerable<Container> WithThroughput(Catalog catalog) =>
        catalog.Databases.SelectMany(d => d.Containers).Where(c => c.Throughput is not null);

    private static string OfferRid(Container container) => ResourceId.Offer(container.Name.Database, container.Name.Container);

    private static JsonObject Feed(JsonNode?[] offers) => new() { ["_rid"] = "", ["Offers"] = new JsonArray(offers), ["_count"] = offers.Length };

    private static JsonObject Show(Container container) => new()
    {
        ["resource"] = container.Name.Self,
        ["offerType"] = "Invalid",
        ["offerResourceId"] = container.Name.Rid,
        ["offerVersion"] = "V2",
        ["content"] = new JsonObject { ["offerThroughput"] = container.Throughput },
        ["id"] = OfferRid(container),
        ["_rid"] = OfferRid(container),
        ["_self"] = $"offers/{OfferRid(container)}/",
        ["_etag"] = CosmosReply.Quote(container.Stamp.ETag),
        ["_ts"] = container.Stamp.Timestamp,
    };
}
