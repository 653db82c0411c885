using System.Text.Json;
using System.Text.Json.Nodes;

namespace LocalAzure.Cosmos.Storage;

/// <summary>
/// The account's databases and containers: one small JSON file, replaced whole with every change, and a folder of logs per container.
/// </summary>
internal sealed class Catalog : IDisposable
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly string folder;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly List<Database> databases = [];
    private uint lastDatabase;

    private Catalog(string folder, TimeProvider clock)
    {
        this.folder = folder;
        this.clock = clock;
    }

    private string FilePath => Path.Combine(folder, "catalog.json");

    public static Catalog Open(string folder, TimeProvider clock)
    {
        var catalog = new Catalog(folder, clock);
        if (File.Exists(catalog.FilePath)) { catalog.Load(JsonNode.Parse(File.ReadAllText(catalog.FilePath))!.AsObject()); }
        return catalog;
    }

    public IReadOnlyList<Database> Databases
    {
        get { lock (gate) { return [.. databases]; } }
    }

    /// <summary>Finds by name or by <c>_rid</c>: the SDKs use both in paths.</summary>
    public Database? Find(string idOrRid)
    {
        lock (gate) { return databases.Find(d => d.Id == idOrRid) ?? databases.Find(d => d.Rid == idOrRid); }
    }

    public Database CreateDatabase(string id)
    {
        DocumentBody.CheckId(id);
        lock (gate)
        {
            if (databases.Exists(d => d.Id == id)) { throw CosmosRefusal.Conflict(); }
            var database = new Database(id, ++lastDatabase, Stamp());
            databases.Add(database);
            Save();
            return database;
        }
    }

    public void Delete(Database database)
    {
        lock (gate)
        {
            if (!databases.Remove(database)) { throw CosmosRefusal.NotFound(); }
            Save();
            foreach (var container in database.Containers) { Discard(container); }
        }
    }

    public Container CreateContainer(Database database, ContainerSettings settings, int? throughput)
    {
        lock (gate)
        {
            if (database.Find(settings.Id) is not null) { throw CosmosRefusal.Conflict(); }
            var container = OpenContainer(database.Number, ++database.LastContainer, settings, Stamp(), throughput);
            if (settings.HashesAsVersion2) { container.Ranges = PartitionRanges.For(throughput); }
            database.Add(container);
            Save();
            return container;
        }
    }

    public void Replace(Container container, ContainerSettings settings)
    {
        lock (gate)
        {
            container.Store.Settings.CheckReplacedBy(settings);
            container.Store.Apply(settings);
            container.Stamp = Stamp();
            Save();
        }
    }

    public void SetThroughput(Container container, int? throughput)
    {
        lock (gate)
        {
            container.Throughput = throughput;
            Save();
        }
    }

    public void Split(Container container, string range)
    {
        if (!container.Store.Settings.HashesAsVersion2)
        {
            throw CosmosRefusal.NotImplemented("several partition key ranges with a partition key definition of version 1");
        }
        lock (gate)
        {
            var parent = container.Ranges.Find(range) ?? throw CosmosRefusal.NotFound();
            container.Ranges = container.Ranges.Split(parent);
            Save();
        }
    }

    public void Delete(Database database, Container container)
    {
        lock (gate)
        {
            if (!database.Remove(container)) { throw CosmosRefusal.NotFound(); }
            Save();
            Discard(container);
        }
    }

    public void Dispose()
    {
        foreach (var container in databases.SelectMany(d => d.Containers)) { container.Store.Dispose(); }
    }

    private Stamp Stamp() => new(Guid.NewGuid(), clock.GetUtcNow().ToUnixTimeSeconds());

    private string FolderOf(ContainerName name) => Path.Combine(folder, $"{name.Database}-{name.Container}");

    private Container OpenContainer(uint database, uint number, ContainerSettings settings, Stamp stamp, int? throughput)
    {
        var name = new ContainerName(database, number);
        return new Container(name, ContainerStore.Open(name, settings, FolderOf(name), clock), stamp, throughput, clock);
    }

    private void Discard(Container container)
    {
        container.Store.Dispose();
        Directory.Delete(FolderOf(container.Name), recursive: true);
    }

    private void Save()
    {
        var json = new JsonObject
        {
            ["lastDatabase"] = lastDatabase,
            ["databases"] = new JsonArray([.. databases.Select(database => new JsonObject
            {
                ["id"] = database.Id,
                ["number"] = database.Number,
                ["etag"] = database.Stamp.ETag,
                ["timestamp"] = database.Stamp.Timestamp,
                ["lastContainer"] = database.LastContainer,
                ["containers"] = new JsonArray([.. database.Containers.Select(container => new JsonObject
                {
                    ["number"] = container.Name.Container,
                    ["etag"] = container.Stamp.ETag,
                    ["timestamp"] = container.Stamp.Timestamp,
                    ["throughput"] = container.Throughput,
                    ["ranges"] = container.Ranges.ToJson(),
                    ["settings"] = container.Store.Settings.Json.DeepClone(),
                })]),
            })]),
        };
        var temporary = FilePath + ".tmp";
        File.WriteAllText(temporary, json.ToJsonString(Indented));
        File.Move(temporary, FilePath, overwrite: true);
    }

    private void Load(JsonObject json)
    {
        lastDatabase = json["lastDatabase"]!.GetValue<uint>();
        foreach (var node in json["databases"]!.AsArray().Select(n => n!.AsObject()))
        {
            var database = new Database(node["id"]!.GetValue<string>(), node["number"]!.GetValue<uint>(), StampOf(node))
            {
                LastContainer = node["lastContainer"]!.GetValue<uint>(),
            };
            foreach (var container in node["containers"]!.AsArray().Select(n => n!.AsObject()))
            {
                var settings = ContainerSettings.Parse(container["settings"]!.AsObject());
                var number = container["number"]!.GetValue<uint>();
                var opened = OpenContainer(database.Number, number, settings, StampOf(container), container["throughput"]?.GetValue<int>());
                opened.Ranges = PartitionRanges.FromJson(container["ranges"]?.AsArray());
                database.Add(opened);
            }
            databases.Add(database);
        }
    }

    private static Stamp StampOf(JsonObject node) => new(node["etag"]!.GetValue<Guid>(), node["timestamp"]!.GetValue<long>());
}
