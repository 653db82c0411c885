using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

internal static class ContainersApi
{
    public static CosmosReply All(CosmosRequest request, Catalog catalog, Database database, TimeProvider clock) => request.Method switch
    {
        "GET" => CosmosReply.Json(Feed(database, [.. database.Containers.Select(Show)])),
        "POST" when request.IsQuery => CosmosReply.Json(Feed(database, [.. ListQuery.Run(request.Body, database.Containers.Select(Show), clock)])),
        "POST" => Create(request, catalog, database),
        _ => throw CosmosRefusal.NotImplemented($"{request.Method} on containers"),
    };

    public static CosmosReply One(CosmosRequest request, Catalog catalog, Database database, Container container) => request.Method switch
    {
        "GET" when request.HasSeen(CosmosReply.Quote(container.Stamp.ETag)) => NotModified(database, container),
        "GET" => Shown(database, container),
        "PUT" => Replace(request, catalog, database, container),
        "DELETE" => Delete(catalog, database, container),
        _ => throw CosmosRefusal.NotImplemented($"{request.Method} on a container"),
    };

    public static JsonObject Show(Container container)
    {
        var json = container.Store.Settings.Json.DeepClone().AsObject();
        json["_rid"] = container.Name.Rid;
        json["_ts"] = container.Stamp.Timestamp;
        json["_self"] = container.Name.Self;
        json["_etag"] = CosmosReply.Quote(container.Stamp.ETag);
        foreach (var child in new[] { "docs", "sprocs", "triggers", "udfs", "conflicts" }) { json[$"_{child}"] = $"{child}/"; }
        return json;
    }

    private static CosmosReply Create(CosmosRequest request, Catalog catalog, Database database)
    {
        var settings = ContainerSettings.FromRequest(request.JsonObject());
        var container = catalog.CreateContainer(database, settings, OffersApi.Requested(request));
        return Shown(database, container, StatusCodes.Status201Created);
    }

    private static CosmosReply Replace(CosmosRequest request, Catalog catalog, Database database, Container container)
    {
        if (request.IfMatch is { } etag && etag != "*" && etag != CosmosReply.Quote(container.Stamp.ETag)) { throw CosmosRefusal.Stale(); }
        var settings = ContainerSettings.FromRequest(request.JsonObject());
        if (settings.Id != container.Store.Settings.Id) { throw CosmosRefusal.BadRequest("The id of a container cannot be changed."); }
        catalog.Replace(container, settings);
        return Shown(database, container);
    }

    private static CosmosReply Delete(Catalog catalog, Database database, Container container)
    {
        catalog.Delete(database, container);
        return CosmosReply.NoContent();
    }

    private static JsonObject Feed(Database database, JsonNode?[] containers) => new()
    {
        ["_rid"] = database.Rid,
        ["DocumentCollections"] = new JsonArray(containers),
        ["_count"] = containers.Length,
    };

    private static CosmosReply NotModified(Database database, Container container) => new()
    {
        Status = StatusCodes.Status304NotModified,
        ETag = CosmosReply.Quote(container.Stamp.ETag),
        Owner = (database, container),
    };

    private static CosmosReply Shown(Database database, Container container, int status = StatusCodes.Status200OK) => new()
    {
        Status = status,
        Body = System.Text.Encoding.UTF8.GetBytes(Show(container).ToJsonString()),
        ETag = CosmosReply.Quote(container.Stamp.ETag),
        Owner = (database, container),
    };
}
