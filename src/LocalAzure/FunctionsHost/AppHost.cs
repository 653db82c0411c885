using System.Security.Cryptography;
using System.Text;
using LocalAzure.Clock;
using LocalAzure.Listeners;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// The Azure Functions host's part for one app: its instances, its routes, its timers and the host's own endpoints below <c>/admin</c>.
/// </summary>
internal sealed class AppHost : IAsyncDisposable
{
    private readonly AppSettings settings;
    private readonly HttpMessageInvoker http;
    private readonly HttpForwarder forwarder;
    private readonly RouteTable routes;
    private readonly byte[] masterKey;
    private readonly CancellationTokenSource stopping = new();

    public AppHost(FunctionApp app, AppSettings settings, string masterKey, string timersFolder, TestClock clock, ChildProcesses children, ILogger log)
    {
        this.settings = settings;
        this.masterKey = Encoding.UTF8.GetBytes(masterKey);
        http = new HttpMessageInvoker(Relay.Unchanged(new SocketsHttpHandler()));
        Handlers = new HandlerPool(app, settings.Values, children, http, log);
        forwarder = new HttpForwarder(http, app.Proxies, log);
        routes = new RouteTable(app);
        var invoker = new Invoker(http, clock, app.Timeout, log);
        Timers = [.. app.Functions.Where(function => function.Timer is not null).Select(function => new TimerFunction(function, settings.Values, Handlers, invoker, clock, timersFolder, log))];
    }

    public HandlerPool Handlers { get; }

    public IReadOnlyList<TimerFunction> Timers { get; }

    /// <summary>Starts the first instance; done when it has answered.</summary>
    public Task Start(int instances, string logs) => Handlers.Start(instances, logs, stopping.Token);

    /// <summary>Starts the others, likewise.</summary>
    public Task StartOthers() => Handlers.StartOthers(stopping.Token);

    /// <summary>From now on the timers run when they are due.</summary>
    public void KeepSchedules()
    {
        foreach (var timer in Timers) { _ = timer.KeepSchedule(stopping.Token); }
    }

    /// <summary>Ends an instance, or all of them, as kill -9 does.</summary>
    public Task Kill(int? instance) => Task.WhenAll(Handlers.Instances.Where(each => instance is null || each.Index == instance).Select(each => each.KillByOrder()));

    public async Task Handle(HttpContext context)
    {
        if (Cors.Answer(context, settings, routes)) { return; }
        if (context.Request.Path.StartsWithSegments("/admin", out var rest)) { await HandleAdmin(context, rest); return; }
        if (routes.Find(context) is not { } function)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }
        if (!function.Http!.IsAnonymous && !HasMasterKey(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        while (await Handlers.Next(context.RequestAborted) is { } instance)
        {
            var port = instance.Port;
            switch (await forwarder.Forward(context, port, function.Name))
            {
                case HttpForwarder.Outcome.Answered:
                    return;
                case HttpForwarder.Outcome.Broken:
                    await instance.EnsureAnswers(port);
                    return;
                default:
                    await instance.Unreachable(port);
                    break;
            }
        }
        context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        await context.Response.WriteAsync("Function host is not running.");
    }

    /// <summary>Ends the instances, and with them what they still ask of the services.</summary>
    public async ValueTask DisposeAsync()
    {
        await stopping.CancelAsync();
        await Kill(null);
        Handlers.Dispose();
        http.Dispose();
        stopping.Dispose();
    }

    /// <summary>Of the host's endpoints, the one that runs a function now (learn.microsoft.com: "Manually run a non HTTP-triggered function") and its status.</summary>
    private async Task HandleAdmin(HttpContext context, PathString rest)
    {
        var response = context.Response;
        if (!HasMasterKey(context.Request)) { response.StatusCode = StatusCodes.Status401Unauthorized; return; }
        if (rest == "/host/status" && context.Request.Method == HttpMethods.Get)
        {
            await response.WriteAsJsonAsync(new { state = "Running", version = HttpForwarder.HostVersion });
            return;
        }
        var timer = rest.StartsWithSegments("/functions", out var name) ? Timers.FirstOrDefault(timer => name.Equals($"/{timer.Function.Name}", StringComparison.OrdinalIgnoreCase)) : null;
        if (timer is null || context.Request.Method != HttpMethods.Post) { response.StatusCode = StatusCodes.Status404NotFound; return; }
        // Accepted is all that the caller is told, as in Azure; how it went is in the log and on LocalAzure's own API.
        _ = timer.Run(null, isPastDue: false, stopping.Token);
        response.StatusCode = StatusCodes.Status202Accepted;
    }

    private bool HasMasterKey(HttpRequest request)
    {
        var given = request.Headers.TryGetValue("x-functions-key", out var header) ? header.ToString() : request.Query["code"].ToString();
        return CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), masterKey);
    }
}
