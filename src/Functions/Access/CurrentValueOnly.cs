using CustomerFunctions.Edge;

namespace CustomerFunctions.Access;

/// <summary>A route that makes, rolls or revokes a credential. A key's value that was replaced cannot call it.</summary>
internal sealed record MakesOrRevokes;

/// <summary>
/// Refuses a replaced value on routes that make, roll or revoke a credential. In its grace the value reads and writes as
/// before, so that its users have time to change over; but one that leaked must not lock its owner out.
/// Runs after <see cref="Idempotency"/>: a client that lost the answer of rolling its own key repeats the request with
/// the old value, and gets that answer.
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
