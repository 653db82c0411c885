using LocalAzure.Clock;
using LocalAzure.Cosmos;
using LocalAzure.DataPlanes;
using LocalAzure.Faults;
using LocalAzure.Graph;
using LocalAzure.Identity;
using LocalAzure.KeyVault;
using LocalAzure.Listeners;
using LocalAzure.ResourceManager;
using LocalAzure.State;
using LocalAzure.Storage;
using LocalAzure.Stripe;

namespace LocalAzure;

/// <summary>The emulated services of one LocalAzure, each behind its gate.</summary>
internal sealed class Emulators(StateFolder state, BoundPorts ports, TestClock clock, TokenAuthority tokens, Func<string, ServiceGate> gate) : IAsyncDisposable
{
    private const string Containers = "cosmos-containers.json";

    public ServiceGate CosmosGate { get; } = gate("cosmos");

    public ServiceGate KeyVaultGate { get; } = gate("keyVault");

    public ServiceGate ResourceManagerGate { get; } = gate("resourceManager");

    public ServiceGate BlobGate { get; } = gate("blob");

    public ServiceGate GraphGate { get; } = gate("graph");

    public ServiceGate DataPlanesGate { get; } = gate("dataPlanes");

    public ServiceGate TablesGate { get; } = gate("tables");

    public ServiceGate IdentityGate { get; } = gate("identity");

    public ServiceGate StripeGate { get; } = gate("stripe");

    public StripeEmulator Stripe { get; } = new(clock);

    public CosmosEmulator? Cosmos { get; private set; }

    public KeyVaultEmulator? KeyVault { get; private set; }

    public ResourceManagerEmulator? ResourceManager { get; private set; }

    public GraphEmulator? Graph { get; private set; }

    public ManagedIdentityEndpoint? Identity { get; private set; }

    public IReadOnlyDictionary<Service, RequestDelegate> Handlers => new Dictionary<Service, RequestDelegate>
    {
        [Service.Cosmos] = CosmosGate.Handle,
        [Service.KeyVault] = KeyVaultGate.Handle,
        [Service.ResourceManager] = ResourceManagerGate.Handle,
        [Service.Blob] = BlobGate.Handle,
        [Service.Tables] = TablesGate.Handle,
        [Service.Graph] = GraphGate.Handle,
        [Service.DataPlanes] = DataPlanesGate.Handle,
    };

    /// <summary>The identity is there when this returns; the others open at the same time as each other.</summary>
    public Task Open(ILoggerFactory logs)
    {
        Identity = ManagedIdentityEndpoint.Open(Environment(state.Identity, logs, "Identity"), [ports.Url(Service.Cosmos), "https://localhost"]);
        IdentityGate.Open(Identity.Handle);
        StripeGate.Open(Stripe.Handle);
        return Task.WhenAll(
            Task.Run(() => OpenCosmos(Environment(state.Cosmos, logs, "Cosmos"))),
            Task.Run(() => OpenKeyVault(Environment(state.KeyVault, logs, "KeyVault"))),
            Task.Run(() => OpenResourceManager(Environment(state.ResourceManager, logs, "ResourceManager"))),
            Task.Run(() => OpenGraph(Environment(state.Graph, logs, "Graph"))));
    }

    public async ValueTask DisposeAsync()
    {
        if (Cosmos is not null) { await Cosmos.DisposeAsync(); }
        KeyVault?.Dispose();
        ResourceManager?.Dispose();
        Graph?.Dispose();
    }

    private EmulatorEnvironment Environment(string folder, ILoggerFactory logs, string name) => new(folder, clock, tokens, logs.CreateLogger($"LocalAzure.{name}"));

    private void OpenCosmos(EmulatorEnvironment environment)
    {
        Cosmos = CosmosEmulator.Open(environment);
        Cosmos.Provision(Path.Combine(AppContext.BaseDirectory, Containers));
        CosmosGate.Open(Cosmos.Handle);
    }

    private void OpenKeyVault(EmulatorEnvironment environment)
    {
        KeyVault = KeyVaultEmulator.Open(environment);
        KeyVaultGate.Open(KeyVault.Handle);
    }

    private void OpenGraph(EmulatorEnvironment environment)
    {
        Graph = GraphEmulator.Open(environment);
        GraphGate.Open(Graph.Handle);
    }

    private void OpenResourceManager(EmulatorEnvironment environment)
    {
        ResourceManager = ResourceManagerEmulator.Open(environment, ports.Url(Service.Blob), ports.Url(Service.DataPlanes));
        ResourceManager.KnowsPrincipal = id => Graph?.KnowsPrincipal(id) == true;
        ResourceManagerGate.Open(ResourceManager.Handle);
        // Keys are Resource Manager's; the data planes ask for the current ones.
        BlobGate.Open(BlobEmulator.Open(environment, ResourceManager).Handle);
        DataPlanesGate.Open(new DataPlaneEmulator(ResourceManager, clock).Handle);
    }
}
