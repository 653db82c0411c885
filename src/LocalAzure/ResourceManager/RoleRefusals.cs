namespace LocalAzure.ResourceManager;

/// <summary>What Microsoft.Authorization refuses, with its codes and texts (learn.microsoft.com: "Troubleshoot Azure RBAC", "Troubleshoot Azure RBAC limits").</summary>
internal static class RoleRefusals
{
    public static ResourceManagerRefusal BadAssignmentName(string name) =>
        new(400, "InvalidRoleAssignmentId", $"The role assignment ID '{name}' is not valid. The role assignment ID must be a GUID.");

    public static ResourceManagerRefusal BadPrincipal() => new(400, "InvalidPrincipalId", "A valid principal ID must be provided for role assignment.");

    public static ResourceManagerRefusal NoPrincipal(string id, string tenant) => new(400, "PrincipalNotFound",
        $"Principal {Short(id)} does not exist in the directory {tenant}. Check that you have the correct principal ID. If you are creating this principal and then immediately assigning a role, "
        + "this error might be related to a replication delay. In this case, set the role assignment principalType property to a value, such as ServicePrincipal, User, or Group.  See https://aka.ms/docs-principaltype");

    public static ResourceManagerRefusal Exists(string name) =>
        new(409, "RoleAssignmentExists", $"The role assignment already exists. The ID of the existing role assignment is {Short(name)}.");

    public static ResourceManagerRefusal NotUpdatable() =>
        new(400, "RoleAssignmentUpdateNotPermitted", "Tenant ID, application ID, principal ID, and scope are not allowed to be updated.");

    public static ResourceManagerRefusal NoAssignment(string name) => new(404, "RoleAssignmentNotFound", $"The role assignment '{name}' is not found.");

    public static ResourceManagerRefusal NoDefinition(string name, bool isReferred) =>
        new(isReferred ? 400 : 404, "RoleDefinitionDoesNotExist", $"The specified role definition with ID '{Short(name)}' does not exist.");

    public static ResourceManagerRefusal BadDefinition(string why) => new(400, "InvalidRoleDefinition", $"The role definition is not valid: {why}.");

    public static ResourceManagerRefusal NameInUse(string roleName) =>
        new(409, "RoleDefinitionWithSameNameExists", $"A custom role with the same name already exists in this directory. Use a different name: {roleName}.");

    public static ResourceManagerRefusal NotYours(string roleName) => new(403, "OperationNotAllowed", $"The built-in role '{roleName}' cannot be changed.");

    public static ResourceManagerRefusal InUse() => new(400, "RoleDefinitionHasAssignments", "There are existing role assignments referencing role (code: RoleDefinitionHasAssignments).");

    public static ResourceManagerRefusal NotAssignable(string scope) =>
        new(400, "InvalidRoleAssignmentScope", $"The role definition's assignable scopes do not include '{scope}'.");

    public static ResourceManagerRefusal BadFilter(string filter) => ResourceManagerRefusal.NotImplemented($"the $filter '{filter}'");

    private static string Short(string id) => id.Replace("-", "", StringComparison.Ordinal);
}
