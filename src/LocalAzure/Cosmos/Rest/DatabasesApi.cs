using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Query;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

internal static class DatabasesApi
{
    public static CosmosReply All(CosmosRequest request, Catalog catalog, TimeProvider clock) => request.Method switch
    {
        "GET" => CosmosReply.Json(Feed([.. catalog.Databases.Select(Show)])),
        "POST" when request.IsQuery => CosmosReply.Json(Feed([.. ListQuery.Run(request.Body, catalog.Databases.Select(Show), clock)])),
        "POST" => Create(request, catalog),
        _ => throw CosmosRefusal.NotImplemented($"{request.Method} on databases"),
    };

    public static CosmosReply One(CosmosRequest request, Catalog catalog, Database database) => request.Method switch
    {
        "GET" when request.HasSeen(CosmosReply.Quote(database.Stamp.ETag)) =>
            new CosmosReply { Status = StatusCodes.Status304NotModified, ETag = CosmosReply.Quote(database.Stamp.ETag) },
        "GET" => CosmosReply.Json(Show(database), etag: database.Stamp.ETag),
        "DELETE" => Delete(catalog, database),
        _ => throw CosmosRefusal.NotImplemented($"{request.Method} on a database"),
    };

    private static CosmosReply Create(CosmosRequest request, Catalog catalog)
    {
        var id = ContainerSettings.Text(request.JsonObject()["id"])
            ?? throw CosmosRefusal.BadRequest("The input content is invalid because the required properties - 'id; ' - are missing");
        ContainerRules.CheckName(id);
        if (OffersApi.Requested(request) is not null) { throw CosmosRefusal.NotImplemented("throughput shared by a database; set it on containers"); }
        var database = catalog.CreateDatabase(id);
        return CosmosReply.Json(Show(database), StatusCodes.Status201Created, database.Stamp.ETag);
    }

    private static CosmosReply Delete(Catalog catalog, Database database)
    {
        catalog.Delete(database);
        return CosmosReply.NoContent();
    }

    private static JsonObject Feed(JsonNode?[] databases) =>
        new() { ["_rid"] = "", ["Databases"] = new JsonArray(databases), ["_count"] = databases.Length };

    private static JsonObject Show(Database database) => new()
    {
        ["id"] = database.Id,
        ["_rid"] = database.Rid,
        ["_self"] = $"dbs/{database.Rid}/",
        ["_etag"] = CosmosReply.Quote(database.Stamp.ETag),
        ["_colls"] = "colls/",
        ["_users"] = "users/",
        ["_ts"] = database.Stamp.Timestamp,
    };
}
