using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text.RegularExpressions;
using LocalAzure.Faults;
using LocalAzure.Identity;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Azure Resource Manager for two subscriptions, so that something can move from one to the other: resource groups, and resources of the declared types with their keys (learn.microsoft.com:
/// "Azure Resource Manager REST API", Resources and Resource Groups). Long-running operations are done when they are answered, unless a test says how long they take.
/// </summary>
internal sealed partial class ResourceManagerEmulator : IDisposable
{
    public const string SubscriptionId = "44444444-4444-4444-4444-444444444444";
    public const string OtherSubscriptionId = "55555555-5555-5555-5555-555555555555";
    private static readonly string[] Audiences = ["https://management.azure.com", "https://management.core.windows.net"];
    // Of the Resources and Subscriptions operations themselves; each resource type has its own.
    private static readonly string[] ApiVersions =
    [
        "2016-09-01", "2019-10-01", "2020-01-01", "2020-06-01", "2020-10-01", "2021-01-01", "2021-04-01",
        "2022-09-01", "2022-12-01", "2023-07-01", "2024-03-01", "2024-11-01", "2025-04-01",
    ];

    private readonly ResourceStore store;
    private readonly RoleStore roleStore;
    private readonly RoleApi roles;
    private readonly ResourceType[] types;
    private readonly TokenAuthority tokens;
    private readonly RequestAllowance allowance;
    private readonly TimeProvider clock;
    private long keyPropagationTicks;

    private ResourceManagerEmulator(EmulatorEnvironment env, ResourceType[] types)
    {
        store = new ResourceStore(Path.Combine(env.StateDirectory, "resources.journal"), env.Clock);
        roleStore = new RoleStore(Path.Combine(env.StateDirectory, "roles.journal"), env.Clock);
        roles = new RoleApi(roleStore, store, Permissions, id => KnowsPrincipal(id));
        allowance = new RequestAllowance(env.Clock);
        Operations = new AsyncOperations(env.Clock);
        tokens = env.Tokens;
        clock = env.Clock;
        this.types = types;
    }

    /// <param name="env">The emulator's folder, clock and tokens.</param>
    /// <param name="blobBaseUrl">Where <see cref="Storage.BlobEmulator"/> listens, without a trailing slash.</param>
    /// <param name="dataPlanesUrl">Where <see cref="DataPlanes.DataPlaneEmulator"/> listens, likewise.</param>
    public static ResourceManagerEmulator Open(EmulatorEnvironment env, string blobBaseUrl, string dataPlanesUrl) =>
        new(env, [StorageAccounts.Type(blobBaseUrl), CosmosAccounts.Type(dataPlanesUrl), .. MessagingNamespaces.Types(dataPlanesUrl)]);

    /// <summary>Whether there is a subscription of this id.</summary>
    public static bool Knows(string subscription) => subscription is SubscriptionId or OtherSubscriptionId;

    /// <summary>For a status page: all resources with the ages of their keys; no keys.</summary>
    public IReadOnlyList<ResourceSummary> Summary() =>
    [
        .. Settled.All().Select(resource => new ResourceSummary(
            resource.Id, resource.Type, resource.Name, resource.Group, resource.Location,
            [.. resource.Keys.Select(key => new KeySummary(key.Slot, key.Created))])),
    ];

    /// <summary>For the data plane of storage: the account as it is now, with the keys that open it; null when there is none.</summary>
    public Resource? StorageAccount(string name) => ByName(StorageAccounts.FullName, name);

    /// <summary>The resource of a type whose names are unique in all Azure.</summary>
    public Resource? ByName(string type, string name) => AsSpread(Settled.FindByName(type, name));

    /// <summary>For the data planes: the resource with the keys that open it; null when there is none.</summary>
    public Resource? Find(string id) => AsSpread(Settled.Find(id));

    /// <summary>How long a key that was made anew opens nothing yet, by the test clock. The one that it replaces stops at once, and the keys that a resource is born with are known from the start.</summary>
    public TimeSpan KeyPropagation
    {
        get => new(Interlocked.Read(ref keyPropagationTicks));
        set => Interlocked.Exchange(ref keyPropagationTicks, value.Ticks);
    }

    /// <summary>Whether the directory knows a principal by now; nobody, until a directory is there to ask.</summary>
    public Func<string, bool> KnowsPrincipal { get; set; } = _ => false;

    /// <summary>What was accepted and takes its time.</summary>
    public AsyncOperations Operations { get; }

    /// <summary>What the identity may do with resources.</summary>
    public IdentityPermissions Permissions { get; } = new();

    /// <summary>The resources as the operations have left them that are over by now.</summary>
    private ResourceStore Settled
    {
        get
        {
            Operations.Settle();
            return store;
        }
    }

    public async Task Handle(HttpContext context)
    {
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers["x-ms-correlation-request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            Authorize(context);
            allowance.Count(context);
            Operations.Settle();
            await Route(context);
        }
        catch (ResourceManagerRefusal refusal)
        {
            if (refusal.Status == StatusCodes.Status501NotImplemented) { context.NoteUnimplemented(refusal.Message); }
            var error = new JsonObject { ["code"] = refusal.Code, ["message"] = refusal.Message };
            await Answer(context, refusal.Status, new JsonObject { ["error"] = error });
        }
    }

    public void Dispose()
    {
        store.Dispose();
        roleStore.Dispose();
    }

    private void Authorize(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : null;
        if (tokens.Refusal(token, Audiences) is not { } why) { return; }
        context.Response.Headers.WWWAuthenticate =
            $"Bearer authorization_uri=\"https://login.microsoftonline.com/{TokenAuthority.TenantId}\", error=\"invalid_token\"";
        throw token is null ? ResourceManagerRefusal.NoToken() : ResourceManagerRefusal.BadToken(why);
    }

    private async Task Route(HttpContext context)
    {
        var apiVersion = context.Request.Query["api-version"].ToString();
        if (apiVersion.Length == 0) { throw ResourceManagerRefusal.NoApiVersion(); }
        if (await roles.TryHandle(context, apiVersion)) { return; }
        var path = ResourcePath.Parse(context.Request.Path.Value!)
            ?? throw ResourceManagerRefusal.NotImplemented($"'{context.Request.Path}' of Azure Resource Manager");
        if (path.Subscription is { } subscription && !Knows(subscription)) { throw ResourceManagerRefusal.NoSubscription(path.Subscription); }
        if (AsyncOperations.IsFor(path)) { await AnswerOperation(context, path); return; }
        if (path is { Namespace: { } space } && path.TypeFor(context.Request.Method) is { } type)
        {
            await RouteResource(context, path, Known(space, type, apiVersion), apiVersion);
            return;
        }
        if (!ApiVersions.Contains(apiVersion)) { throw ResourceManagerRefusal.BadApiVersion(apiVersion, ApiVersions); }
        await RouteManagement(context, path);
    }

    private async Task RouteManagement(HttpContext context, ResourcePath path)
    {
        switch (context.Request.Method, path)
        {
            case ("GET", { Subscription: null }): await AnswerList(context, new[] { SubscriptionId, OtherSubscriptionId }.Select(ResourceAnswers.Subscription)); break;
            case ("GET", { Group: null, Namespace: null, Last: null }): await Answer(context, 200, ResourceAnswers.Subscription(path.Subscription)); break;
            case ("GET", { Group: null, Last: "resourceGroups" }): await AnswerList(context, store.Groups(path.Subscription!).Select(ResourceAnswers.Of)); break;
            case ("GET", { Group: not null, Namespace: null, Last: null }): await Answer(context, 200, ResourceAnswers.Of(FindGroup(path))); break;
            case ("PUT", { Group: { } name, Namespace: null, Last: null }): await PutGroup(context, path.Subscription!, name); break;
            case ("GET", { Group: null, Last: "providers" }): await AnswerList(context, Namespaces().Select(space => Provider(path.Subscription!, space))); break;
            case ("GET", { Group: null, Namespace: { } space }): await Answer(context, 200, Provider(path.Subscription!, Known(space))); break;
            default: throw ResourceManagerRefusal.NoMethod(context.Request.Method);
        }
    }

    private async Task RouteResource(HttpContext context, ResourcePath path, ResourceType type, string apiVersion)
    {
        var location = path.Group is null ? "" : FindGroup(path).Location;
        if (!type.ApiVersions.Contains(apiVersion)) { throw ResourceManagerRefusal.NoProviderFor(location, apiVersion, type); }
        Permissions.Ensure(ActionOf(context.Request.Method, path, type), ScopeOf(path));
        switch (context.Request.Method, path)
        {
            case ("GET", { Last: not null }): await List(context, type, path); break;
            case ("GET", { Group: not null, Last: null }): await Answer(context, 200, ResourceAnswers.Of(FindResource(path), type)); break;
            case ("PUT", { Group: not null, Last: null }): await Put(context, path, type); break;
            case ("DELETE", { Group: not null, Last: null }): context.Response.StatusCode = store.Remove(path.Id) ? 200 : 204; break;
            case ("POST", { Group: not null, Name: not null, Last: { } action }): await Act(context, path, type, action); break;
            default: throw ResourceManagerRefusal.NoMethod(context.Request.Method);
        }
    }

    /// <summary>What role definitions call it.</summary>
    private static string ActionOf(string method, ResourcePath path, ResourceType type) => $"{type.FullName}/" + (method, path.Last) switch
    {
        ("GET", _) => "read",
        ("PUT", _) => "write",
        ("DELETE", _) => "delete",
        (_, { } action) => $"{type.Keys?.ActionNamed(action) ?? action}/action",
        _ => "action",
    };

    private static string ScopeOf(ResourcePath path) => path switch
    {
        { Name: not null } => path.Id,
        { Group: { } group } => $"/subscriptions/{path.Subscription}/resourceGroups/{group}",
        _ => $"/subscriptions/{path.Subscription}",
    };

    private async Task PutGroup(HttpContext context, string subscription, string name)
    {
        if (!GroupNamePattern().IsMatch(name)) { throw ResourceManagerRefusal.BadGroupName(name); }
        var body = await Read(context);
        var (group, isNew) = store.PutGroup(subscription, name, Location(body), Member(body, "tags") as JsonObject);
        await Answer(context, isNew ? 201 : 200, ResourceAnswers.Of(group));
    }

    private Task List(HttpContext context, ResourceType type, ResourcePath path) =>
        AnswerList(context, store.List(type, path.Subscription!, path.Group).Select(resource => ResourceAnswers.Of(resource, type)));

    private async Task Put(HttpContext context, ResourcePath path, ResourceType type)
    {
        var name = path.Name!.Split('/')[^1];
        if (!type.NamePattern.IsMatch(name)) { throw type.BadName(name); }
        var body = await Read(context);
        if (type.IsChild) { EnsureParent(path); }
        var location = type.IsChild ? "" : Location(body);
        var missing = type.Required.FirstOrDefault(required => required.Split('.').Aggregate((JsonNode?)body, Member) is null);
        if (missing is not null) { throw ResourceManagerRefusal.BadValue(missing); }
        body.Remove("location");
        // The id is spelled as the type and the group are, whatever the case in the request.
        var spelled = path with { Namespace = type.Namespace, Type = type.Type, Group = FindGroup(path).Name };
        await Answer(context, 200, ResourceAnswers.Of(store.Put(type, spelled, location, body), type));
    }

    private async Task Act(HttpContext context, ResourcePath path, ResourceType type, string action)
    {
        var slots = type.Keys ?? throw ResourceManagerRefusal.NoAction(action, type);
        if (Same(action, slots.ListAction))
        {
            if (context.Request.Query.ContainsKey("$expand")) { throw ResourceManagerRefusal.NotImplemented($"$expand of {action}"); }
            await Answer(context, 200, slots.Answer(FindResource(path)));
            return;
        }
        if (!Same(action, slots.RegenerateAction)) { throw ResourceManagerRefusal.NoAction(action, type); }
        var asked = Text(await Read(context), slots.SlotProperty);
        var slot = slots.Names.FirstOrDefault(known => known == asked) ?? throw ResourceManagerRefusal.BadValue(slots.SlotProperty);
        if (!slots.RegenerateIsAccepted) { await Answer(context, 200, slots.Answer(store.Regenerate(path.Id, slots, slot) ?? throw ResourceManagerRefusal.NoResource(path))); return; }
        var resource = FindResource(path);
        if (Operations.IsBusy(resource.Id)) { throw ResourceManagerRefusal.Busy(resource); }
        Operations.Accept(context, resource, () => store.Regenerate(resource.Id, slots, slot));
        await Answer(context, 202, new JsonObject { ["status"] = "Dequeued" });
    }

    private Task AnswerOperation(HttpContext context, ResourcePath path)
    {
        var (status, body) = Operations.Answer(context, path);
        if (body is not null) { return Answer(context, status, body); }
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private void EnsureParent(ResourcePath path)
    {
        var (type, name) = (path.Type![..path.Type!.LastIndexOf('/')], path.Name![..path.Name!.LastIndexOf('/')]);
        if (store.Find((path with { Type = type, Name = name }).Id) is null) { throw ResourceManagerRefusal.NoParent(name); }
    }

    private ResourceGroup FindGroup(ResourcePath path) => store.Group(path.Subscription!, path.Group!) ?? throw ResourceManagerRefusal.NoGroup(path.Group!);

    private Resource FindResource(ResourcePath path) => store.Find(path.Id) ?? throw ResourceManagerRefusal.NoResource(path);

    private JsonObject Provider(string subscription, string space) => ResourceAnswers.Provider(subscription, space, types.Where(type => type.Namespace == space));

    private IEnumerable<string> Namespaces() => types.Select(type => type.Namespace).Distinct();

    private string Known(string space) =>
        Namespaces().FirstOrDefault(known => Same(known, space)) ?? throw ResourceManagerRefusal.NoNamespace(space);

    private ResourceType Known(string space, string type, string apiVersion) =>
        types.FirstOrDefault(known => known.Namespace == Known(space) && Same(known.Type, type))
        ?? throw ResourceManagerRefusal.NoType(space, type, apiVersion);

    private static async Task<JsonObject> Read(HttpContext context)
    {
        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject
                ?? throw ResourceManagerRefusal.BadContent("the body is not a JSON object");
        }
        catch (JsonException)
        {
            throw ResourceManagerRefusal.BadContent("the body is not JSON");
        }
    }

    /// <summary>In ARM's one spelling: "West Europe" and "westeurope" are the same place.</summary>
    private static string Location(JsonObject body) =>
        Text(body, "location") is { Length: > 0 } location
            ? location.Replace(" ", "", StringComparison.Ordinal).ToLowerInvariant()
            : throw ResourceManagerRefusal.NoLocation();

    private static JsonNode? Member(JsonNode? owner, string name) => owner is JsonObject members ? members[name] : null;

    private static string? Text(JsonObject owner, string name) =>
        owner[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    private static Task AnswerList(HttpContext context, IEnumerable<JsonObject> items) =>
        Answer(context, 200, new JsonObject { ["value"] = new JsonArray([.. items]) });

    private static Task Answer(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private Resource? AsSpread(Resource? resource) => resource is null ? null : resource with
    {
        Keys = [.. resource.Keys.Where(key => key.Created == resource.Created || key.Created + KeyPropagation <= clock.GetUtcNow())],
    };

    [GeneratedRegex(@"^[-\w._()]{1,90}(?<!\.)\z")]
    private static partial Regex GroupNamePattern();
}
