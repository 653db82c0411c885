using CustomerFunctions.Members;
using static CustomerFunctions.Access.Role;

namespace CustomerFunctions.Access;

/// <summary>What a route may ask for. The wire name is the same words: <c>CustomersRead</c> is <c>customers.read</c>.</summary>
internal enum Permission
{
    CustomersCreate,
    CustomersRead,
    CustomersList,
    CustomersWrite,
    CustomersDelete,
    CustomersReopen,
    CustomersExport,
    CustomersBulk,
    CustomersActivate,
    CustomersSuspend,
    FeatureFlagsWrite,
    MembersRead,
    MembersWrite,
    MembersLeave,
    MembersSelf,
    SalesRepsRead,
    SalesRepsWrite,
    ApiKeysRead,
    ApiKeysWrite,
    ApiKeysImport,
    TokensExchange,
    IpRulesRead,
    IpRulesWrite,
    LeakResponseRead,
    LeakResponseWrite,
    ServiceAccountsRead,
    ServiceAccountsWrite,
    ServiceAccountsRotate,
    ServiceAccountsReveal,
    ServiceAccountsSuspend,
    ServiceAccountsDelete,
    ServiceAccountsPermit,
    ServiceAccountsMigrate,
    RotationsList,
    AccountsRead,
    AccountsWrite,
    AccountSelf,
    AccountCustomers,
    AccountsImpersonate,
    AuditRead,
    NotificationsRead,
    NotificationsWrite,
    PlansRead,
    AccessLogRead,
    WebhooksRead,
    WebhooksWrite,
    SubscriptionsRead,
    SubscriptionsWrite,
    TrialsExtend,
    UsageRead,
    UsageWrite,
}

/// <summary>The one table of who may do what. A role that does not stand in a permission's line does not have it.</summary>
internal static class Permissions
{
    private static readonly (Permission Permission, string Name, Role[] Roles)[] Table =
    [
        (Permission.CustomersCreate, "customers.create", [Admin, Operator, SalesRep]),
        (Permission.CustomersRead, "customers.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer, CustomerKey, ServiceAccount]),
        (Permission.CustomersList, "customers.list", [Admin, Operator, SalesRep]),
        (Permission.CustomersWrite, "customers.write", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerKey]),
        (Permission.CustomersDelete, "customers.delete", [Admin]),
        (Permission.CustomersReopen, "customers.reopen", [Admin]),
        (Permission.CustomersExport, "customers.export", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.CustomersBulk, "customers.bulk", [Admin, Operator]),
        (Permission.CustomersActivate, "customers.activate", [Admin, Operator]),
        (Permission.CustomersSuspend, "customers.suspend", [Admin, Operator, CustomerOwner]),
        (Permission.FeatureFlagsWrite, "featureFlags.write", [Admin, Operator]),
        (Permission.MembersRead, "members.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer]),
        (Permission.MembersWrite, "members.write", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.MembersLeave, "members.leave", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer]),
        (Permission.MembersSelf, "members.self", [CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer]),
        (Permission.SalesRepsRead, "salesReps.read", [Admin, Operator, SalesRep]),
        (Permission.SalesRepsWrite, "salesReps.write", [Admin, Operator]),
        (Permission.ApiKeysRead, "apiKeys.read", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerMember, CustomerKey]),
        (Permission.ApiKeysWrite, "apiKeys.write", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerKey]),
        (Permission.ApiKeysImport, "apiKeys.import", [Admin, Operator]),
        (Permission.TokensExchange, "tokens.exchange", [CustomerKey, ServiceAccount]),
        (Permission.IpRulesRead, "ipRules.read", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.IpRulesWrite, "ipRules.write", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.LeakResponseRead, "leakResponse.read", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.LeakResponseWrite, "leakResponse.write", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.ServiceAccountsRead, "serviceAccounts.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer, CustomerKey, ServiceAccount]),
        (Permission.ServiceAccountsWrite, "serviceAccounts.write", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerKey]),
        (Permission.ServiceAccountsRotate, "serviceAccounts.rotate", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerKey]),
        (Permission.ServiceAccountsReveal, "serviceAccounts.reveal", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.ServiceAccountsSuspend, "serviceAccounts.suspend", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.ServiceAccountsDelete, "serviceAccounts.delete", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.RotationsList, "rotations.list", [Admin, Operator]),
        (Permission.ServiceAccountsPermit, "serviceAccounts.permit", [Admin, Operator]),
        (Permission.ServiceAccountsMigrate, "serviceAccounts.migrate", [Admin, Operator]),
        (Permission.AccountsRead, "accounts.read", [Admin, Operator]),
        (Permission.AccountsWrite, "accounts.write", [Admin]),
        (Permission.AccountSelf, "account.self", [Person]),
        (Permission.AccountCustomers, "account.customers", [Admin, Operator, Person]),
        (Permission.AccountsImpersonate, "accounts.impersonate", [Admin, Operator]),
        (Permission.AuditRead, "audit.read", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.NotificationsRead, "notifications.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer]),
        (Permission.NotificationsWrite, "notifications.write", [Admin, Operator, CustomerOwner, CustomerAdmin, CustomerMember]),
        (Permission.PlansRead, "plans.read", [Admin, Operator, SalesRep, Person, CustomerKey, ServiceAccount]),
        (Permission.AccessLogRead, "accessLog.read", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.WebhooksRead, "webhooks.read", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.WebhooksWrite, "webhooks.write", [Admin, Operator, CustomerOwner, CustomerAdmin]),
        (Permission.SubscriptionsRead, "subscriptions.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer]),
        (Permission.SubscriptionsWrite, "subscriptions.write", [Admin, Operator, CustomerOwner]),
        (Permission.TrialsExtend, "trials.extend", [Admin, Operator]),
        (Permission.UsageRead, "usage.read", [Admin, Operator, SalesRep, CustomerOwner, CustomerAdmin, CustomerMember, CustomerViewer, CustomerKey, ServiceAccount]),
        (Permission.UsageWrite, "usage.write", [Admin, Operator, CustomerKey, ServiceAccount]),
    ];

    /// <summary>What nobody may do in another person's name, whatever that person may.</summary>
    private static readonly HashSet<Permission> ClosedToImpersonators =
        [
            Permission.CustomersDelete, Permission.CustomersSuspend, Permission.MembersWrite, Permission.MembersLeave, Permission.MembersSelf, Permission.ApiKeysWrite, Permission.IpRulesWrite, Permission.LeakResponseWrite, Permission.ServiceAccountsDelete,
            Permission.ServiceAccountsReveal, Permission.WebhooksWrite, Permission.SubscriptionsWrite, Permission.AccountSelf, Permission.AccountsWrite, Permission.AccountsImpersonate,
        ];

    private static readonly Dictionary<Permission, (string Name, Role[] Roles)> Lines = Table.ToDictionary(line => line.Permission, line => (line.Name, line.Roles));

    public static IReadOnlyList<Permission> All => [.. Table.Select(line => line.Permission)];

    public static IReadOnlyList<Role> RolesFor(Permission permission) => Lines.TryGetValue(permission, out var line) ? line.Roles : [];

    /// <summary><c>CustomersRead</c> as <c>customers.read</c>.</summary>
    public static string Name(Permission permission) => Lines[permission].Name;

    /// <summary>The permission of that wire name; null when there is none.</summary>
    public static Permission? Find(string name) => Table.Where(line => line.Name == name).Select(line => (Permission?)line.Permission).FirstOrDefault();

    public static bool IsClosedToImpersonators(Permission permission) => ClosedToImpersonators.Contains(permission);

    /// <summary>What a membership makes of an account.</summary>
    public static Role RoleOf(MemberRole role) => role switch
    {
        MemberRole.Owner => CustomerOwner,
        MemberRole.Admin => CustomerAdmin,
        MemberRole.Member => CustomerMember,
        _ => CustomerViewer,
    };
}
