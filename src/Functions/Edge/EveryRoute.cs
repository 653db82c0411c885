namespace CustomerFunctions.Edge;

/// <summary>What holds for every route, whatever its handler does.</summary>
internal static class EveryRoute
{
    /// <summary>Where all routes are mapped.</summary>
    public static IEndpointRouteBuilder MapRoutes(this WebApplication app)
    {
        var routes = app.MapGroup("");
        routes.AddEndpointFilter(RequestDeadline.Filter);
        routes.AddEndpointFilter(RequiredMembers.Filter);
        routes.AddEndpointFilter(NotModified.Filter);
        routes.AddEndpointFilter(WhateverIsThere.Filter);
        return routes;
    }
}
