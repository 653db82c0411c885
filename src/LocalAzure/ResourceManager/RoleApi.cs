using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LocalAzure.Identity;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Microsoft.Authorization at any scope of a subscription: role definitions, role assignments, and what the caller may do (learn.microsoft.com: "Azure RBAC REST API", Role Definitions, Role Assignments and
/// Permissions). Who has which role changes nothing here; it is kept and told. What the caller may do is what <see cref="IdentityPermissions"/> says.
/// </summary>
internal sealed partial class RoleApi(RoleStore roles, ResourceStore resources, IdentityPermissions permissions, Func<string, bool> knowsPrincipal)
{
    private const string Definitions = "roleDefinitions";
    private const string Assignments = "roleAssignments";
    private const string CallersPermissions = "permissions";
    private static readonly string[] ApiVersions = ["2015-07-01", "2018-01-01-preview", "2020-04-01-preview", "2022-04-01"];

    /// <summary>Answers a request that is about roles; false when it is not.</summary>
    public async Task<bool> TryHandle(HttpContext context, string apiVersion)
    {
        if (PathForm().Match(context.Request.Path.Value!.TrimEnd('/')) is not { Success: true } path) { return false; }
        if (!ApiVersions.Contains(apiVersion)) { throw ResourceManagerRefusal.BadApiVersion(apiVersion, ApiVersions); }
        var (scope, name) = (Existing(path.Groups["scope"].Value), path.Groups["name"].Value);
        if (Same(path.Groups["type"].Value, CallersPermissions))
        {
            if (context.Request.Method != HttpMethods.Get || name.Length > 0) { throw ResourceManagerRefusal.NoMethod(context.Request.Method); }
            permissions.Ensure("Microsoft.Authorization/permissions/read", scope);
            await Answer(context, 200, permissions.Describe(scope));
            return true;
        }
        var isDefinition = Same(path.Groups["type"].Value, Definitions);
        permissions.Ensure($"Microsoft.Authorization/{(isDefinition ? Definitions : Assignments)}/{ActionOf(context.Request.Method)}", scope);
        switch (context.Request.Method, name)
        {
            case ("GET", ""): await Answer(context, 200, new JsonObject { ["value"] = new JsonArray([.. isDefinition ? ListDefinitions(context, scope) : ListAssignments(context, scope)]) }); break;
            case (_, ""): throw ResourceManagerRefusal.NoMethod(context.Request.Method);
            case ("GET", _): await Answer(context, 200, isDefinition ? Of(Find(name, isReferred: false), scope) : Of(FindAssignment(name, scope))); break;
            case ("PUT", _) when isDefinition: await Define(context, scope, name); break;
            case ("PUT", _): await Assign(context, scope, name); break;
            case ("DELETE", _) when isDefinition: await AnswerRemoved(context, roles.Undefine(name) is { } definition ? Of(definition, scope) : null); break;
            case ("DELETE", _): await AnswerRemoved(context, roles.Unassign(name, scope) is { } assignment ? Of(assignment) : null); break;
            default: throw ResourceManagerRefusal.NoMethod(context.Request.Method);
        }
        return true;
    }

    /// <summary>What role definitions call it.</summary>
    private static string ActionOf(string method) => method switch
    {
        "GET" => "read",
        "PUT" => "write",
        "DELETE" => "delete",
        _ => throw ResourceManagerRefusal.NoMethod(method),
    };

    /// <summary>The scope as it is spelled where it was made. Only what exists is one.</summary>
    private string Existing(string scope)
    {
        var path = ResourcePath.Parse(scope) ?? throw ResourceManagerRefusal.NotImplemented($"roles at the scope '{scope}'");
        if (path.Subscription is not { } subscription || !ResourceManagerEmulator.Knows(subscription)) { throw ResourceManagerRefusal.NoSubscription(path.Subscription!); }
        if (path.Last is not null) { throw ResourceManagerRefusal.NotImplemented($"roles at the scope '{scope}'"); }
        if (path.Group is not { } name) { return $"/subscriptions/{subscription}"; }
        var group = resources.Group(path.Subscription!, name) ?? throw ResourceManagerRefusal.NoGroup(name);
        return path.Namespace is null ? group.Id : resources.Find(path.Id)?.Id ?? throw ResourceManagerRefusal.NoResource(path);
    }

    private IEnumerable<JsonObject> ListDefinitions(HttpContext context, string scope)
    {
        var filter = context.Request.Query["$filter"].ToString();
        var found = roles.Definitions().Where(role => role.IsBuiltIn || role.AssignableScopes.Any(assignable => IsWithin(scope, assignable)));
        if (NameFilter().Match(filter) is { Success: true } byName) { found = found.Where(role => Same(role.RoleName, byName.Groups[1].Value.Replace("''", "'", StringComparison.Ordinal))); }
        else if (TypeFilter().Match(filter) is { Success: true } byType) { found = found.Where(role => role.IsBuiltIn == Same(byType.Groups[1].Value, "BuiltInRole")); }
        else if (filter.Length > 0) { throw RoleRefusals.BadFilter(filter); }
        return found.OrderBy(role => role.RoleName, StringComparer.Ordinal).Select(role => Of(role, scope));
    }

    /// <summary>Without a filter, and for a principal, everything at, above or below the scope; with <c>atScope()</c> nothing below it.</summary>
    private IEnumerable<JsonObject> ListAssignments(HttpContext context, string scope)
    {
        var filter = context.Request.Query["$filter"].ToString();
        var found = roles.Assignments().Where(assignment => IsWithin(scope, assignment.Scope) || IsWithin(assignment.Scope, scope));
        if (Same(filter, "atScope()")) { found = found.Where(assignment => IsWithin(scope, assignment.Scope)); }
        else if (PrincipalFilter().Match(filter) is { Success: true } byPrincipal) { found = found.Where(assignment => Same(assignment.PrincipalId, byPrincipal.Groups[1].Value)); }
        else if (filter.Length > 0) { throw RoleRefusals.BadFilter(filter); }
        return found.Select(Of);
    }

    private async Task Define(HttpContext context, string scope, string name)
    {
        if (!Guid.TryParse(name, out _)) { throw RoleRefusals.BadDefinition("its ID must be a GUID"); }
        var properties = await Properties(context);
        var roleName = Text(properties, "roleName") ?? throw RoleRefusals.BadDefinition("it has no roleName");
        var scopes = (properties["assignableScopes"] as JsonArray)?.Select(item => Existing(item!.GetValue<string>())).ToList() ?? [];
        if (scopes.Count == 0 || !scopes.Exists(assignable => IsWithin(scope, assignable))) { throw RoleRefusals.BadDefinition("its assignableScopes do not include the scope it is made at"); }
        var permissions = properties["permissions"] as JsonArray ?? [];
        var (definition, isNew) = roles.Define(new RoleDefinition(name, roleName, Text(properties, "description") ?? "", IsBuiltIn: false, (JsonArray)permissions.DeepClone(), scopes, default, default));
        await Answer(context, isNew ? 201 : 200, Of(definition, scope));
    }

    private async Task Assign(HttpContext context, string scope, string name)
    {
        if (!Guid.TryParse(name, out _)) { throw RoleRefusals.BadAssignmentName(name); }
        var properties = await Properties(context);
        var role = Find((Text(properties, "roleDefinitionId") ?? throw ResourceManagerRefusal.BadContent("roleDefinitionId is missing")).Split('/')[^1], isReferred: true);
        if (!Guid.TryParse(Text(properties, "principalId"), out var principal)) { throw RoleRefusals.BadPrincipal(); }
        if (!role.IsBuiltIn && !role.AssignableScopes.Any(assignable => IsWithin(scope, assignable))) { throw RoleRefusals.NotAssignable(scope); }
        var principalType = Text(properties, "principalType");
        // Who says what kind of principal it is does not wait for the directory to know it everywhere.
        if (principalType is null && !knowsPrincipal(principal.ToString())) { throw RoleRefusals.NoPrincipal(principal.ToString(), TokenAuthority.TenantId); }
        var (assignment, isNew) = roles.Assign(new RoleAssignment(
            name.ToLowerInvariant(), scope, DefinitionId(role, scope), principal.ToString(), principalType ?? "ServicePrincipal", Text(properties, "description"), Text(properties, "condition"), Text(properties, "conditionVersion"), default, default,
            Text(properties, "delegatedManagedIdentityResourceId")));
        await Answer(context, isNew ? 201 : 200, Of(assignment));
    }

    private RoleDefinition Find(string name, bool isReferred) => roles.Definition(name) ?? throw RoleRefusals.NoDefinition(name, isReferred);

    private RoleAssignment FindAssignment(string name, string scope) =>
        roles.Assignment(name) is { } assignment && Same(assignment.Scope, scope) ? assignment : throw RoleRefusals.NoAssignment(name);

    private static JsonObject Of(RoleDefinition role, string scope) => new()
    {
        ["id"] = DefinitionId(role, scope),
        ["name"] = role.Name,
        ["type"] = "Microsoft.Authorization/roleDefinitions",
        ["properties"] = new JsonObject
        {
            ["roleName"] = role.RoleName,
            ["type"] = role.IsBuiltIn ? "BuiltInRole" : "CustomRole",
            ["description"] = role.Description,
            ["assignableScopes"] = new JsonArray([.. role.AssignableScopes.Select(scope => JsonValue.Create(scope))]),
            ["permissions"] = role.Permissions.DeepClone(),
            ["createdOn"] = Text(role.Created),
            ["updatedOn"] = Text(role.Updated),
        },
    };

    private static JsonObject Of(RoleAssignment assignment) => new()
    {
        ["id"] = assignment.Id,
        ["name"] = assignment.Name,
        ["type"] = "Microsoft.Authorization/roleAssignments",
        ["properties"] = new JsonObject
        {
            ["roleDefinitionId"] = assignment.RoleDefinitionId,
            ["principalId"] = assignment.PrincipalId,
            ["principalType"] = assignment.PrincipalType,
            ["scope"] = assignment.Scope,
            ["condition"] = assignment.Condition,
            ["conditionVersion"] = assignment.ConditionVersion,
            ["description"] = assignment.Description,
            ["delegatedManagedIdentityResourceId"] = assignment.DelegatedManagedIdentityResourceId,
            ["createdOn"] = Text(assignment.Created),
            ["updatedOn"] = Text(assignment.Updated),
        },
    };

    /// <summary>The id of a role as the subscription of a scope has it.</summary>
    private static string DefinitionId(RoleDefinition role, string scope) => $"{string.Join('/', scope.Split('/').Take(3))}/providers/Microsoft.Authorization/roleDefinitions/{role.Name}";

    private static async Task<JsonObject> Properties(HttpContext context)
    {
        try
        {
            return (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject)?["properties"] as JsonObject
                ?? throw ResourceManagerRefusal.BadContent("the body has no properties");
        }
        catch (JsonException)
        {
            throw ResourceManagerRefusal.BadContent("the body is not JSON");
        }
    }

    private static Task AnswerRemoved(HttpContext context, JsonObject? removed)
    {
        if (removed is not null) { return Answer(context, 200, removed); }
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task Answer(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static string? Text(JsonObject owner, string name) => owner[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("O", CultureInfo.InvariantCulture);

    /// <summary>Whether a scope is another, or lies below it.</summary>
    private static bool IsWithin(string scope, string outer) => outer == "/" || Same(scope, outer) || scope.StartsWith(outer + "/", StringComparison.OrdinalIgnoreCase);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex("^(?<scope>/subscriptions/.+)/providers/Microsoft\\.Authorization/(?<type>roleDefinitions|roleAssignments|permissions)(/(?<name>[^/]+))?\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PathForm();

    [GeneratedRegex("^roleName eq '((?:[^']|'')*)'\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex NameFilter();

    [GeneratedRegex("^type eq '(BuiltInRole|CustomRole)'\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex TypeFilter();

    [GeneratedRegex("^(?:principalId eq|assignedTo\\() ?'?([0-9a-f-]{36})'?\\)?\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex PrincipalFilter();
}
