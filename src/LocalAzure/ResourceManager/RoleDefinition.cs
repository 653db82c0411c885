using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LocalAzure.ResourceManager;

/// <summary>What an assignment may refer to: one of Azure's own roles, or one that somebody made here.</summary>
internal sealed record RoleDefinition(string Name, string RoleName, string Description, bool IsBuiltIn, JsonArray Permissions, IReadOnlyList<string> AssignableScopes, DateTimeOffset Created, DateTimeOffset Updated);

/// <summary>That a principal has a role at a scope. Its name is one assignment's in the whole tenant.</summary>
internal sealed record RoleAssignment(
    string Name, string Scope, string RoleDefinitionId, string PrincipalId, string PrincipalType, string? Description, string? Condition, string? ConditionVersion, DateTimeOffset Created, DateTimeOffset Updated,
    string? DelegatedManagedIdentityResourceId = null)
{
    public string Id => $"{Scope}/providers/Microsoft.Authorization/roleAssignments/{Name}";

    /// <summary>The definition's name, in whatever form the id was given.</summary>
    public string Role => RoleDefinitionId[(RoleDefinitionId.LastIndexOf('/') + 1)..];
}

/// <summary>What the journal holds: the new state of a definition or an assignment, or that one is gone.</summary>
[JsonDerivedType(typeof(Defined), "definition")]
[JsonDerivedType(typeof(Assigned), "assignment")]
[JsonDerivedType(typeof(Removed), "removed")]
internal abstract record RoleChange
{
    internal sealed record Defined(RoleDefinition Definition) : RoleChange;

    internal sealed record Assigned(RoleAssignment Assignment) : RoleChange;

    internal sealed record Removed(string Name) : RoleChange;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(RoleChange))]
internal sealed partial class RoleJson : JsonSerializerContext;

/// <summary>Those of Azure's own roles that are of use here, by the names and ids that they have everywhere (learn.microsoft.com: "Azure built-in roles").</summary>
internal static class BuiltInRoles
{
    private static readonly DateTimeOffset Since = new(2015, 2, 2, 21, 55, 9, TimeSpan.Zero);

    public static IReadOnlyList<RoleDefinition> All { get; } =
    [
        Of("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", ["*"]),
        Of("b24988ac-6180-42a0-ab88-20f7382dd24c", "Contributor", ["*"], ["Microsoft.Authorization/*/Delete", "Microsoft.Authorization/*/Write", "Microsoft.Authorization/elevateAccess/Action"]),
        Of("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", ["*/read"]),
        Of("18d7d88d-d35e-4fb5-a5c3-7773c20a72d9", "User Access Administrator", ["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"]),
        Of("f58310d9-a9f6-439a-9e8d-f62e7b41a168", "Role Based Access Control Administrator", ["Microsoft.Authorization/roleAssignments/write", "Microsoft.Authorization/roleAssignments/delete", "*/read", "Microsoft.Support/*"]),
        Of("81a9662b-bebf-436f-a333-f67b29880f12", "Storage Account Key Operator Service Role", ["Microsoft.Storage/storageAccounts/listkeys/action", "Microsoft.Storage/storageAccounts/regeneratekey/action"]),
        Of("2a2b9908-6ea1-4ae2-8e65-a410df84e7d1", "Storage Blob Data Reader", ["Microsoft.Storage/storageAccounts/blobServices/containers/read"]),
        Of("ba92f5b4-2d11-453d-a403-e96b0029c9fe", "Storage Blob Data Contributor", ["Microsoft.Storage/storageAccounts/blobServices/containers/*"]),
        Of("4633458b-17de-408a-b874-0445c86b69e6", "Key Vault Secrets User", []),
        Of("43d0d8ad-25c7-4714-9337-8ba259a9fe05", "Monitoring Reader", ["*/read", "Microsoft.OperationalInsights/workspaces/search/action", "Microsoft.Support/*"]),
    ];

    private static RoleDefinition Of(string name, string roleName, string[] actions, string[]? notActions = null) => new(
        name, roleName, $"Built-in role {roleName}.", IsBuiltIn: true,
        [new JsonObject { ["actions"] = Texts(actions), ["notActions"] = Texts(notActions ?? []), ["dataActions"] = new JsonArray(), ["notDataActions"] = new JsonArray() }], ["/"], Since, Since);

    private static JsonArray Texts(IEnumerable<string> texts) => [.. texts.Select(text => JsonValue.Create(text))];
}
