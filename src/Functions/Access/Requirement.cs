using CustomerFunctions.Customers;
using CustomerFunctions.Flags;

namespace CustomerFunctions.Access;

/// <summary>Who a route lets in; every route has exactly one, or the app does not start.</summary>
internal sealed record Requirement(Permission? Permission, bool HostOnly)
{
    /// <summary>Anyone, without a key.</summary>
    public static readonly Requirement Open = new(null, HostOnly: false);

    /// <summary>Nobody but the Functions host, over loopback.</summary>
    public static readonly Requirement Host = new(null, HostOnly: true);
}

/// <summary>
/// A route whose customer need not be active. Without it, a suspended customer is 403 to all but staff, and a closed one is gone to everybody.
/// </summary>
internal sealed record AdmitsStanding(CustomerStatus Worst);

/// <summary>A route whose {accountId} is the caller's own, unless staff calls: anybody else's is not found.</summary>
internal sealed record OwnAccountOnly;

/// <summary>A route that takes a feature of the customer in its path, from staff too. What reads and removes takes none.</summary>
internal sealed record TakesFeature(FeatureFlag Flag);

internal static class RequirementExtensions
{
    public static RouteHandlerBuilder Requires(this RouteHandlerBuilder route, Permission permission) =>
        route.WithMetadata(new Requirement(permission, HostOnly: false)).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);

    public static RouteHandlerBuilder IsOpen(this RouteHandlerBuilder route) => route.WithMetadata(Requirement.Open);

    public static RouteHandlerBuilder IsHostOnly(this RouteHandlerBuilder route) => route.WithMetadata(Requirement.Host).ExcludeFromDescription();

    public static RouteHandlerBuilder OfOwnAccount(this RouteHandlerBuilder route) => route.WithMetadata(new OwnAccountOnly());

    public static RouteHandlerBuilder Takes(this RouteHandlerBuilder route, FeatureFlag flag) => route.WithMetadata(new TakesFeature(flag));

    public static RouteHandlerBuilder EvenWhenSuspended(this RouteHandlerBuilder route) => route.WithMetadata(new AdmitsStanding(CustomerStatus.Suspended));

    public static RouteHandlerBuilder EvenWhenClosed(this RouteHandlerBuilder route) => route.WithMetadata(new AdmitsStanding(CustomerStatus.Closed));
}
