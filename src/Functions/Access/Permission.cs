namespace CustomerFunctions.Access;

/// <summary>What a route may ask for; the name on the wire is in <see cref="Permissions.Name"/>.</summary>
internal enum Permission
{
    CustomersCreate,
    CustomersRead,
    CustomersList,
    CustomersWrite,
    CustomersDelete,
    CustomersActivate,
    ApiKeysRead,
    ApiKeysWrite,
    ServiceAccountsRead,
    ServiceAccountsWrite,
    ServiceAccountsRotate,
}

/// <summary>Who a key speaks for.</summary>
internal enum Role
{
    /// <summary>Platform staff: every customer.</summary>
    Admin,

    /// <summary>A customer's API key: that customer, whole.</summary>
    CustomerKey,

    /// <summary>A customer's service account: that customer, to read.</summary>
    ServiceAccount,
}

/// <summary>The one table of who may do what. A role that is not listed for a permission does not have it.</summary>
internal static class Permissions
{
    private static readonly Role[] Staff = [Role.Admin];
    private static readonly Role[] StaffAndKeys = [Role.Admin, Role.CustomerKey];
    private static readonly Role[] Everyone = [Role.Admin, Role.CustomerKey, Role.ServiceAccount];

    public static IReadOnlyList<Role> RolesFor(Permission permission) => permission switch
    {
        Permission.CustomersCreate => Staff,
        Permission.CustomersRead => Everyone,
        Permission.CustomersList => Staff,
        Permission.CustomersWrite => StaffAndKeys,
        Permission.CustomersDelete => Staff,
        Permission.CustomersActivate => Staff,
        Permission.ApiKeysRead => StaffAndKeys,
        Permission.ApiKeysWrite => StaffAndKeys,
        Permission.ServiceAccountsRead => Everyone,
        Permission.ServiceAccountsWrite => StaffAndKeys,
        Permission.ServiceAccountsRotate => StaffAndKeys,
        _ => [],
    };

    /// <summary><c>CustomersRead</c> as <c>customers.read</c>.</summary>
    public static string Name(Permission permission) => permission switch
    {
        Permission.CustomersCreate => "customers.create",
        Permission.CustomersRead => "customers.read",
        Permission.CustomersList => "customers.list",
        Permission.CustomersWrite => "customers.write",
        Permission.CustomersDelete => "customers.delete",
        Permission.CustomersActivate => "customers.activate",
        Permission.ApiKeysRead => "apiKeys.read",
        Permission.ApiKeysWrite => "apiKeys.write",
        Permission.ServiceAccountsRead => "serviceAccounts.read",
        Permission.ServiceAccountsWrite => "serviceAccounts.write",
        Permission.ServiceAccountsRotate => "serviceAccounts.rotate",
        _ => throw new ArgumentOutOfRangeException(nameof(permission)),
    };
}

/// <summary>Who a route lets in; every route has exactly one, or the app does not start.</summary>
internal sealed record Requirement(Permission? Permission, bool HostOnly)
{
    /// <summary>Anyone, without a key.</summary>
    public static readonly Requirement Open = new(null, HostOnly: false);

    /// <summary>Nobody but the Functions host, over loopback.</summary>
    public static readonly Requirement Host = new(null, HostOnly: true);
}

internal static class RequirementExtensions
{
    public static RouteHandlerBuilder Requires(this RouteHandlerBuilder route, Permission permission) =>
        route.WithMetadata(new Requirement(permission, HostOnly: false)).ProducesProblem(401).ProducesProblem(403).ProducesProblem(503);

    public static RouteHandlerBuilder IsOpen(this RouteHandlerBuilder route) => route.WithMetadata(Requirement.Open);

    public static RouteHandlerBuilder IsHostOnly(this RouteHandlerBuilder route) => route.WithMetadata(Requirement.Host).ExcludeFromDescription();
}
