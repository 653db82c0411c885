using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Rest;
using LocalAzure.Cosmos.Storage;
using LocalAzure.Faults;

namespace LocalAzure.Cosmos;

/// <summary>
/// Azure Cosmos DB for NoSQL as the SDKs' gateway mode speaks to it. Its law: never a wrong answer. What it does not implement it refuses by name;
/// <c>docs/local-azure-cosmos.md</c> lists both.
/// </summary>
internal sealed partial class CosmosEmulator : IAsyncDisposable
{
    private readonly EmulatorEnvironment env;
    private readonly Catalog catalog;

    private CosmosEmulator(EmulatorEnvironment env, Catalog catalog)
    {
        this.env = env;
        this.catalog = catalog;
        Browser = new CosmosBrowser(catalog, env.Clock);
    }

    public CosmosBrowser Browser { get; }

    public static CosmosEmulator Open(EmulatorEnvironment env) => new(env, Catalog.Open(env.StateDirectory, env.Clock));

    public async Task Handle(HttpContext context)
    {
        CosmosReply reply;
        try
        {
            Authorization.Check(context, env.Tokens);
            reply = Router.Answer(await CosmosRequest.Read(context), catalog, env.Clock);
        }
        catch (CosmosRefusal refusal)
        {
            Log.Refused(env.Log, context.Request.Method, context.Request.Path, (int)refusal.Status, refusal.SubStatus, refusal.Message);
            if ((int)refusal.Status == StatusCodes.Status501NotImplemented) { context.NoteUnimplemented(refusal.Message); }
            reply = CosmosReply.Refused(refusal);
        }
        // The container was deleted while the request was at work in it.
        catch (ObjectDisposedException) { reply = CosmosReply.Refused(CosmosRefusal.OwnerNotFound()); }
        catch (Exception e) when (e is not OperationCanceledException and not BadHttpRequestException)
        {
            Log.Failed(env.Log, e, context.Request.Method, context.Request.Path);
            reply = CosmosReply.Refused(CosmosRefusal.Failed());
        }
        await reply.Send(context);
    }

    /// <summary>Creates the database and the containers that the file describes when they are absent, and brings policies and TTL up to date.</summary>
    public void Provision(string containersJsonPath)
    {
        var file = JsonNode.Parse(File.ReadAllText(containersJsonPath))!.AsObject();
        var id = file["database"]!.GetValue<string>();
        var database = catalog.Find(id) ?? catalog.CreateDatabase(id);
        foreach (var node in file["containers"]!.AsArray().Select(n => n!.DeepClone().AsObject()))
        {
            node["partitionKey"] = new JsonObject { ["paths"] = new JsonArray(node["partitionKey"]!.GetValue<string>()) };
            var settings = ContainerSettings.FromRequest(node);
            if (database.Find(settings.Id) is not { } existing) { catalog.CreateContainer(database, settings, throughput: null); }
            else if (!JsonNode.DeepEquals(existing.Store.Settings.Json, settings.Json)) { catalog.Replace(existing, settings); }
        }
    }

    public ValueTask DisposeAsync()
    {
        catalog.Dispose();
        return ValueTask.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(2002, LogLevel.Error, "{Method} {Path} failed")]
        public static partial void Failed(ILogger log, Exception exception, string method, string path);

        [LoggerMessage(2001, LogLevel.Debug, "{Method} {Path} refused with {Status}/{SubStatus}: {Message}")]
        public static partial void Refused(ILogger log, string method, string path, int status, int subStatus, string message);
    }
}
