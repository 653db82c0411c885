namespace LocalAzure.FunctionsHost;

/// <summary>What the host does, over LocalAzure's own API: timers with their outcomes, which Azure tells nobody, and the instances.</summary>
internal static class HostApi
{
    public static void MapHost(this IEndpointRouteBuilder routes, AppHost host)
    {
        routes.MapGet("/timers", () => host.Timers.Select(Describe));
        routes.MapPost("/timers/{name}/run", (string name, int? instance, CancellationToken cancellation) => Run(host, name, instance, cancellation));
        routes.MapGet("/instances", () => host.Handlers.Instances.Select(Describe));
        routes.MapPost("/instances/{index:int}/kill", (int index) => OnInstance(host, index, Kill));
        routes.MapPost("/instances/{index:int}/stop", (int index) => OnInstance(host, index, instance => Pause(instance, stop: true)));
        routes.MapPost("/instances/{index:int}/continue", (int index) => OnInstance(host, index, instance => Pause(instance, stop: false)));
    }

    private static object Describe(TimerFunction timer) => new
    {
        name = timer.Function.Name,
        schedule = timer.Schedule,
        isDisabled = timer.IsDisabled,
        next = timer.Next,
        lastRun = timer.LastRun,
    };

    private static object Describe(HandlerInstance instance) => new
    {
        index = instance.Index,
        pid = instance.Pid,
        port = instance.Port,
        state = instance.State.ToString().ToLowerInvariant(),
        restarts = instance.Restarts,
    };

    /// <summary>Runs a timer function and answers when it has finished: 200 when it succeeded, 502 when it failed.</summary>
    private static async Task<IResult> Run(AppHost host, string name, int? instance, CancellationToken cancellation)
    {
        var timer = host.Timers.FirstOrDefault(timer => timer.Function.Name.Equals(name, StringComparison.OrdinalIgnoreCase));
        if (timer is null) { return Results.Problem($"There is no timer function '{name}'.", statusCode: StatusCodes.Status404NotFound); }
        if (instance is { } index && !Has(host, index)) { return NoInstance(index); }
        var invocation = await timer.Run(instance, isPastDue: false, cancellation);
        return invocation is null
            ? Results.Problem("No instance of the app is up.", statusCode: StatusCodes.Status503ServiceUnavailable)
            : Results.Json(invocation, statusCode: invocation.Succeeded ? StatusCodes.Status200OK : StatusCodes.Status502BadGateway);
    }

    private static async Task<IResult> OnInstance(AppHost host, int index, Func<HandlerInstance, Task<IResult>> act) =>
        Has(host, index) ? await act(host.Handlers.Instances[index]) : NoInstance(index);

    private static async Task<IResult> Kill(HandlerInstance instance)
    {
        await instance.KillByOrder();
        return Results.Json(Describe(instance));
    }

    private static Task<IResult> Pause(HandlerInstance instance, bool stop) => Task.FromResult(
        !ProcessSignal.IsSupported ? Results.Problem("This system can't stop a process where it stands.", statusCode: StatusCodes.Status501NotImplemented)
        : instance.Pause(stop) ? Results.Json(Describe(instance))
        : Results.Problem("The instance is not up.", statusCode: StatusCodes.Status409Conflict));

    private static bool Has(AppHost host, int index) => index >= 0 && index < host.Handlers.Instances.Count;

    private static IResult NoInstance(int index) => Results.Problem($"There is no instance {index}.", statusCode: StatusCodes.Status404NotFound);
}
