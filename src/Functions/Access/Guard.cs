using System.Net;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Access;

/// <summary>
/// The one door. It finds out who calls, whether the route lets them in and whether the customer in the path is theirs. A foreign customer is 404 to
/// whoever is not staff, so that nobody learns what exists.
/// </summary>
internal sealed class Guard(RequestDelegate next, Authenticator authenticator)
{
    private const string Bearer = "Bearer ";

    public async Task Invoke(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null) { await Failures.NoSuchRoute().ExecuteAsync(context); return; }
        if (endpoint is not RouteEndpoint) { await RefuseAsRoutingDid(context); return; }

        var requirement = endpoint.Metadata.GetMetadata<Requirement>()!;
        var refusal = requirement switch
        {
            { HostOnly: true } => IsFromHost(context) ? null : Failures.NoSuchRoute(),
            { Permission: null } => null,
            { Permission: { } permission } => await Admit(context, permission),
        };
        await (refusal is null ? next(context) : refusal.ExecuteAsync(context));
    }

    private async Task<Problem?> Admit(HttpContext context, Permission permission)
    {
        var (principal, refusal) = await authenticator.Authenticate(Credential(context.Request), context.RequestAborted);
        if (principal is null) { return refusal; }

        var customerId = context.Request.RouteValues["customerId"] as string;
        if (customerId is not null && (!Ids.IsValid(customerId, "cus_") || !(principal.IsStaff || principal.CustomerId == customerId))) { return Failures.NotFound("customer"); }
        if (!principal.May(permission)) { return Failures.Forbidden(Permissions.Name(permission)); }
        context.Features.Set(principal);
        return null;
    }

    private static string? Credential(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : request.Headers.TryGetValue("X-Api-Key", out var key) ? key.ToString()
            : null;
    }

    /// <summary>
    /// Public traffic and timer calls share the port and the host's headers are on both. What tells them apart: the host forwards public calls with
    /// X-Forwarded-For, and only below /api; its own calls come straight over loopback without one.
    /// </summary>
    private static bool IsFromHost(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("X-Original-For");

    /// <summary>Routing answers a wrong method (405) or content type (415) with an endpoint of its own; it gets the form all refusals have.</summary>
    private async Task RefuseAsRoutingDid(HttpContext context)
    {
        await next(context);
        if (context.Response.HasStarted) { return; }
        var problem = context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType
            ? Failures.UnsupportedMediaType("application/json")
            : Failures.MethodNotAllowed(context.Response.Headers.Allow);
        await problem.ExecuteAsync(context);
    }
}
