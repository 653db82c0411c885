using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.ResourceManager;

namespace CustomerFunctions.Shared.Azure;

/// <summary>A role that somebody has at a scope, by the assignment that gives it.</summary>
/// <param name="AssignmentId">The assignment's whole id: its scope and its name.</param>
/// <param name="RoleDefinitionId">Which role.</param>
/// <param name="Scope">Where.</param>
/// <param name="Condition">Under which condition only (learn.microsoft.com: "What is Azure attribute-based access control?"); null for none.</param>
/// <param name="ConditionVersion">The version of its language.</param>
/// <param name="Description">What whoever has given it says of it.</param>
/// <param name="DelegatedManagedIdentityResourceId">The managed identity that it is for, where that is another tenant's.</param>
public sealed record RoleGrant(
    string AssignmentId, string RoleDefinitionId, string Scope, string? Condition = null, string? ConditionVersion = null, string? Description = null, string? DelegatedManagedIdentityResourceId = null);

/// <summary>A role as its definition says.</summary>
/// <param name="Id">The definition's whole id.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Actions">What it allows.</param>
/// <param name="NotActions">What it takes back of that.</param>
public sealed record AzureRole(string Id, string Name, IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions);

/// <summary>
/// Who has which role at a scope and below it: Microsoft.Authorization over the management client's own pipeline, since its package cannot be restored here. Every operation may be repeated.
/// </summary>
public sealed class RoleScope(ArmClient client, ResourceIdentifier scope) : ArmResource(client, scope)
{
    private const string ApiVersion = "2022-04-01";
    private const string Definitions = "/providers/Microsoft.Authorization/roleDefinitions";
    private const string Assignments = "/providers/Microsoft.Authorization/roleAssignments";

    /// <summary>Every role that can be given here.</summary>
    public Task<IReadOnlyList<AzureRole>> Roles(CancellationToken cancellation) => List(Id + Definitions, filter: null, item =>
    {
        var properties = item.GetProperty("properties");
        var permissions = properties.GetProperty("permissions").EnumerateArray().ToList();
        return new AzureRole(item.GetProperty("id").GetString()!, properties.GetProperty("roleName").GetString()!, Texts(permissions, "actions"), Texts(permissions, "notActions"));
    }, cancellation);

    /// <summary>What a principal has at, above and below this scope.</summary>
    public Task<IReadOnlyList<RoleGrant>> GrantsOf(string principalId, CancellationToken cancellation) => List(Id + Assignments, $"principalId eq '{principalId}'", item =>
    {
        var properties = item.GetProperty("properties");
        return new RoleGrant(
            item.GetProperty("id").GetString()!, properties.GetProperty("roleDefinitionId").GetString()!, properties.GetProperty("scope").GetString()!,
            Text(properties, "condition"), Text(properties, "conditionVersion"), Text(properties, "description"), Text(properties, "delegatedManagedIdentityResourceId"));
    }, cancellation);

    /// <summary>Gives a service principal a role by an assignment of that id. The role that it has already by another assignment is as good.</summary>
    public async Task Give(RoleGrant grant, string principalId, CancellationToken cancellation)
    {
        // With its type said, a principal that was made a moment ago need not be known everywhere yet.
        var body = BinaryData.FromBytes(JsonSerializer.SerializeToUtf8Bytes(new AssignmentBody(new(
            grant.RoleDefinitionId, principalId, "ServicePrincipal", grant.Condition, grant.ConditionVersion, grant.Description, grant.DelegatedManagedIdentityResourceId)), RoleScopeJson.Default.AssignmentBody));
        using var answer = await Send(RequestMethod.Put, grant.AssignmentId, filter: null, body, cancellation);
        if (answer.IsError && !(answer.Status == 409 && new RequestFailedException(answer).ErrorCode == "RoleAssignmentExists")) { throw new RequestFailedException(answer); }
    }

    /// <summary>Takes a role away; one that is not there counts as taken.</summary>
    public async Task Take(string assignmentId, CancellationToken cancellation)
    {
        using var answer = await Send(RequestMethod.Delete, assignmentId, filter: null, body: null, cancellation);
        if (answer.IsError && answer.Status != 404) { throw new RequestFailedException(answer); }
    }

    private async Task<IReadOnlyList<T>> List<T>(string path, string? filter, Func<JsonElement, T> read, CancellationToken cancellation)
    {
        var items = new List<T>();
        string? next = path;
        while (next is not null)
        {
            using var answer = await Send(RequestMethod.Get, next, filter, body: null, cancellation);
            if (answer.IsError) { throw new RequestFailedException(answer); }
            using var page = JsonDocument.Parse(answer.Content);
            items.AddRange(page.RootElement.GetProperty("value").EnumerateArray().Select(read));
            next = page.RootElement.TryGetProperty("nextLink", out var link) ? link.GetString() : null;
        }
        return items;
    }

    /// <param name="method">The method.</param>
    /// <param name="path">A path of Resource Manager, or the whole URL of a next page.</param>
    /// <param name="filter">The $filter of a first page.</param>
    /// <param name="body">The body.</param>
    /// <param name="cancellation">Ends it.</param>
    private async Task<Response> Send(RequestMethod method, string path, string? filter, BinaryData? body, CancellationToken cancellation)
    {
        using var request = Pipeline.CreateRequest();
        request.Method = method;
        if (path.StartsWith("https:", StringComparison.OrdinalIgnoreCase)) { request.Uri.Reset(new Uri(path)); }
        else
        {
            request.Uri.Reset(Endpoint);
            request.Uri.AppendPath(path, escape: false);
            request.Uri.AppendQuery("api-version", ApiVersion);
            if (filter is not null) { request.Uri.AppendQuery("$filter", filter); }
        }
        request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            request.Headers.Add("Content-Type", "application/json");
            request.Content = RequestContent.Create(body);
        }
        return await Pipeline.SendRequestAsync(request, cancellation);
    }

    private static string? Text(JsonElement owner, string member) => owner.TryGetProperty(member, out var text) ? text.GetString() : null;

    private static IReadOnlyList<string> Texts(IEnumerable<JsonElement> permissions, string member) =>
        [.. permissions.Where(permission => permission.TryGetProperty(member, out _)).SelectMany(permission => permission.GetProperty(member).EnumerateArray()).Select(text => text.GetString()!)];
}

internal sealed record AssignmentProperties(
    string RoleDefinitionId, string PrincipalId, string PrincipalType, string? Condition, string? ConditionVersion, string? Description, string? DelegatedManagedIdentityResourceId);

internal sealed record AssignmentBody(AssignmentProperties Properties);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)]
[System.Text.Json.Serialization.JsonSerializable(typeof(AssignmentBody))]
internal sealed partial class RoleScopeJson : System.Text.Json.Serialization.JsonSerializerContext;
