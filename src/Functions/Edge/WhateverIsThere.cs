using CustomerFunctions.Access;
using CustomerFunctions.Customers;

namespace CustomerFunctions.Edge;

/// <summary>
/// Repeats a change with <c>If-Match: *</c> that lost against another write: the caller accepts any state, so the race is no reason to refuse.
/// The guard's rules are applied again to the customer as it is by then. The request's deadline ends the attempts.
/// </summary>
internal static class WhateverIsThere
{
    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        if (!Preconditions.TakesWhateverIsThere(request.Headers.IfMatch)) { return await next(context); }
        request.EnableBuffering((int)RequestBody.MaxBytes);
        while (true)
        {
            var answer = await next(context);
            if (!IsStale(answer)) { return answer; }
            request.Body.Position = 0;
            if (await Refresh(context) is { } refusal) { return refusal; }
        }
    }

    private static bool IsStale(object? answer) => (answer is INestedHttpResult nested ? nested.Result : answer) is Problem { IsStale: true };

    /// <summary>Replaces the guard's reading of the customer, if the handler takes it.</summary>
    private static async Task<Problem?> Refresh(EndpointFilterInvocationContext context)
    {
        var http = context.HttpContext;
        http.RequestAborted.ThrowIfCancellationRequested();
        for (var i = 0; i < context.Arguments.Count; i++)
        {
            if (context.Arguments[i] is not CustomerInPath { Id: var id }) { continue; }
            var found = await http.RequestServices.GetRequiredService<CustomerStore>().Read(id, http.RequestAborted);
            if (Guard.Refuses(http, found?.Value) is { } refusal) { return refusal; }
            context.Arguments[i] = new CustomerInPath(found!, TimeSpan.Zero);
        }
        return null;
    }
}
