using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Roles;

/// <summary>Two instances and an Azure with resource groups and service principals, for all tests about roles: each has its own.</summary>
public sealed class AzureWorld : IAsyncLifetime
{
    public const string Subscription = "/subscriptions/44444444-4444-4444-4444-444444444444";
    /// <summary>Where nobody is given anything: in Azure, the group that the app itself is in.</summary>
    public const string Platform = Subscription + "/resourceGroups/rg-platform";
    public const string OtherSubscription = "/subscriptions/55555555-5555-5555-5555-555555555555";
    private const string RoleAssignments = "providers/Microsoft.Authorization/roleAssignments";
    private readonly string[] arguments;
    private string graphToken = "";

    public AzureWorld()
        : this([])
    {
    }

    internal AzureWorld(string[] arguments) => this.arguments = arguments;

    internal App App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        App = await App.StartWithoutSchedules(["--instances", "2", "--setting", $"Roles__ForbiddenScopes={Platform}", .. arguments]);
        await App.Arm(HttpMethod.Put, Platform + "?api-version=2021-04-01", new { location = "westeurope" });
        graphToken = (string)(await App.Cloud.Local.GetFromJsonAsync<JsonObject>("/token?audience=https%3A%2F%2Fgraph.microsoft.com"))!["token"]!;
    }

    public async Task DisposeAsync() => await App.DisposeAsync();

    public async Task<string> NewGroup(string subscription = Subscription)
    {
        var group = $"{subscription}/resourceGroups/rg-{Guid.NewGuid():N}";
        await App.Arm(HttpMethod.Put, group + "?api-version=2021-04-01", new { location = "westeurope" });
        return group;
    }

    /// <summary>The object id of a new service principal.</summary>
    public async Task<string> NewPrincipal()
    {
        var application = await Graph(HttpMethod.Post, "/applications", new { displayName = "tests" });
        return (string)(await Graph(HttpMethod.Post, "/servicePrincipals", new { appId = (string)application["appId"]! }))["id"]!;
    }

    public async Task<bool> IsEnabled(string principalId) => (bool)(await Graph(HttpMethod.Get, "/servicePrincipals/" + principalId))["accountEnabled"]!;

    /// <summary>What a principal has, as "role name at scope by assignment", in an order of its own.</summary>
    public async Task<IReadOnlyList<(string Role, string Scope, string Name)>> RolesOf(string principalId, string subscription = Subscription)
    {
        var definitions = (await App.Arm(HttpMethod.Get, $"{subscription}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01"))["value"]!.AsArray().ToDictionary(role => (string)role!["id"]!, role => (string)role!["properties"]!["roleName"]!);
        var list = await App.Arm(HttpMethod.Get, $"{subscription}/{RoleAssignments}?api-version=2022-04-01&$filter=principalId%20eq%20'{principalId}'");
        return [.. list["value"]!.AsArray().Select(item => (definitions[(string)item!["properties"]!["roleDefinitionId"]!], (string)item["properties"]!["scope"]!, (string)item["name"]!)).OrderBy(role => role.Item3, StringComparer.Ordinal)];
    }

    /// <summary>Gives a principal a role behind the app's back.</summary>
    public async Task Give(string principalId, string role, string scope)
    {
        var definition = (await App.Arm(HttpMethod.Get, $"{Subscription}/providers/Microsoft.Authorization/roleDefinitions?api-version=2022-04-01&$filter=roleName%20eq%20'{Uri.EscapeDataString(role)}'"))["value"]![0]!;
        await App.Arm(HttpMethod.Put, $"{scope}/{RoleAssignments}/{Guid.NewGuid()}?api-version=2022-04-01", new { properties = new { roleDefinitionId = (string)definition["id"]!, principalId, principalType = "ServicePrincipal" } });
    }

    public Task Take(string scope, string name) => App.Arm(HttpMethod.Delete, $"{scope}/{RoleAssignments}/{name}?api-version=2022-04-01");

    /// <summary>A service account that is a principal with these roles at a group of its own; with null those of its plan.</summary>
    internal Task<RoleAccount> NewAccount(params string[]? roles) => NewAccountOf(ServiceAccounts.RotatedAccount.ApiCredential, roles);

    /// <summary>The same of an account of another kind.</summary>
    internal async Task<RoleAccount> NewAccountOf(string kind, params string[]? roles)
    {
        var account = await ServiceAccounts.RotatedAccount.Create(App, kind);
        var (principal, group) = (await NewPrincipal(), await NewGroup());
        (await App.Admin.Put(account.Path + "/permissions", new { azure = new { principalId = principal, scope = group, roles = roles?.Select(role => new { role }) } }, "*")).ShouldBe(200);
        return new RoleAccount(account, principal, group);
    }

    private async Task<JsonObject> Graph(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, App.Cloud.Endpoint("graph") + "/v1.0" + path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", graphToken);
        using var response = await App.Azure.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return (await response.Content.ReadFromJsonAsync<JsonObject>())!;
    }
}

/// <summary>A service account, its service principal, and the resource group in which it may do something.</summary>
internal sealed record RoleAccount(ServiceAccounts.RotatedAccount Account, string Principal, string Group)
{
    public string Permissions => Account.Path + "/permissions";
}

[CollectionDefinition(nameof(AzureWorld))]
public sealed class AzureWorldTests : ICollectionFixture<AzureWorld>;
