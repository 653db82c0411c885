using System.Net;
using CustomerFunctions.Customers;

namespace CustomerFunctions.Access;

/// <summary>What kind of thing calls; the name on the wire and in the audit log is in <see cref="Principal.KindName"/>.</summary>
internal enum PrincipalKind
{
    /// <summary>The bootstrap administrator, or the app itself in a timer.</summary>
    System,
    ApiKey,
    ServiceAccount,
    Person,
}

/// <summary>The member of staff who acts as somebody else, and why.</summary>
internal sealed record Impersonator(string AccountId, string Reason);

/// <summary>Who is calling: one type for person, API key, service account and impersonation.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Id">What stands behind "who" in records: the id of the account, key or service account.</param>
/// <param name="Role">A machine's role, or the platform role of a member of staff; null for everybody else's account.</param>
/// <param name="CustomerId">The one customer that a machine belongs to; null for people and the system.</param>
internal sealed record Principal(PrincipalKind Kind, string Id, Role? Role, string? CustomerId = null)
{
    /// <summary>The only permissions it may use, of those its role has; null for all of them.</summary>
    public IReadOnlySet<Permission>? Scopes { get; init; }

    /// <summary>The networks it may call from; empty for everywhere.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>The session of a person.</summary>
    public string? SessionId { get; init; }

    /// <summary>Which version of its credential a service account has shown.</summary>
    public string? KeyVersionId { get; init; }

    /// <summary>When the presented key or token ends; null for never. No key that the caller makes lasts longer.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>Whether the presented value was replaced and is in its grace; see <see cref="CurrentValueOnly"/>.</summary>
    public bool IsInGrace { get; init; }

    /// <summary>Staff without the second factor that staff must have: it may set one up, and nothing else.</summary>
    public bool OwesSecondFactor { get; init; }

    public Impersonator? Impersonator { get; init; }

    /// <summary>Staff who see every customer.</summary>
    public bool IsStaff => Role is Access.Role.Admin or Access.Role.Operator;

    public string KindName => Kind switch { PrincipalKind.System => "system", PrincipalKind.ApiKey => "apiKey", PrincipalKind.ServiceAccount => "serviceAccount", _ => "account" };

    /// <summary>What it is to a customer, or to the platform when <paramref name="customer"/> is null; empty when it may not know that the customer exists.</summary>
    public IEnumerable<Role> RolesIn(Customer? customer)
    {
        if (customer is not null && CustomerId is not null && CustomerId != customer.Id) { yield break; }
        if (Role is { } role && (role != Access.Role.SalesRep || customer is null || customer.SalesReps.Contains(Id))) { yield return role; }
        if (Kind != PrincipalKind.Person) { yield break; }
        if (customer is null) { yield return Access.Role.Person; }
        else if (customer.Members.FirstOrDefault(member => member.AccountId == Id) is { } member) { yield return Permissions.RoleOf(member.Role); }
    }

    /// <summary>Whether nothing but its scopes keeps it from a permission.</summary>
    public bool IsConfinedFrom(Permission permission) => Scopes?.Contains(permission) == false && Role is { } role && Permissions.RolesFor(permission).Contains(role);

    /// <summary>Whether the table lets it; see <see cref="Permissions"/>.</summary>
    public bool May(Permission permission, Customer? customer) =>
        Scopes?.Contains(permission) != false
        && (!OwesSecondFactor || permission == Permission.AccountSelf)
        && (Impersonator is null || !Permissions.IsClosedToImpersonators(permission))
        && RolesIn(customer).Any(role => Permissions.RolesFor(permission).Contains(role));
}
