using System.Diagnostics;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Access;

/// <summary>Who calls, and what is known of the call itself: what an audit event says of its origin.</summary>
internal sealed class Caller(Principal principal, HttpContext? context)
{
    private const int UserAgentLength = 200;

    public Principal Principal => principal;

    public string Id => principal.Id;

    public bool IsStaff => principal.IsStaff;

    /// <summary>The client's address as the platform's front end saw it; null for the app's own timers.</summary>
    public string? Address => context?.Connection.RemoteIpAddress?.ToString();

    /// <summary>What the client says it is, cut to 200 characters.</summary>
    public string? UserAgent => context?.Request.Headers.UserAgent.ToString() is { Length: > 0 } text ? text[..Math.Min(text.Length, UserAgentLength)] : null;

    /// <summary>The trace id that answers and logs carry.</summary>
    public string TraceId => context is null ? Activity.Current?.TraceId.ToHexString() ?? "" : Problem.TraceId(context);

    /// <summary>The app itself, in a timer function.</summary>
    public static Caller Timer(string name) => new(new Principal(PrincipalKind.System, name, Role: null), context: null);

    /// <summary>Lets a handler take the caller as a parameter. The guard has put it there; a route without one never gets here.</summary>
    public static ValueTask<Caller?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<Caller>());
}
