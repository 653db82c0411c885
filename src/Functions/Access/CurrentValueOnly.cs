using CustomerFunctions.Edge;

namespace CustomerFunctions.Access;

/// <summary>Marks a route that makes, rolls or revokes a credential. A replaced value cannot call it.</summary>
internal sealed record MakesOrRevokes;

/// <summary>
/// Refuses a replaced value on routes that make, roll or revoke a credential. During its grace the value reads and
/// writes as before, so that its users can change over. If it leaked, it cannot lock the owner out.
/// Runs after <see cref="Idempotency"/>: a client that rolled its own key and lost the answer repeats the request with
/// the old value, and gets the stored answer.
/// </summary>
internal sealed class CurrentValueOnly(RequestDelegate next)
{
    public Task Invoke(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<MakesOrRevokes>() is not null && context.Features.Get<Caller>() is { } caller
            && Refuse(caller.Principal) is { } refusal
            ? refusal.ExecuteAsync(context)
            : next(context);

    public static Problem? Refuse(Principal caller) => caller.IsInGrace ? Failures.KeyInGrace() : null;
}

internal static class CurrentValueOnlyExtensions
{
    /// <summary>The route makes, rolls or revokes a credential.</summary>
    public static RouteHandlerBuilder MakesOrRevokes(this RouteHandlerBuilder route) => route.WithMetadata(new MakesOrRevokes());
}
