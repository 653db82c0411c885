using System.Globalization;
using Microsoft.AspNetCore.Http.Features;

namespace LocalAzure.Faults;

/// <summary>
/// What stands in front of an emulated service: counts each request, applies the faults that are asked for, and lets the rest through.
/// Requests that come before the service has opened wait for it.
/// </summary>
internal sealed class ServiceGate(string service, RequestCounts counts, FaultSet faults, TimeProvider clock, Func<int?, Task> killApp)
{
    /// <summary>How long a request that is never answered is held; every client has given up before.</summary>
    private static readonly TimeSpan NeverAnswered = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource<RequestDelegate> opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RequestCounts.Counter counter = counts.For(service);

    public void Open(RequestDelegate emulator) => opened.TrySetResult(emulator);

    public async Task Handle(HttpContext context)
    {
        Count(context.Request);
        // Refusals too say what the time is; without this it would be the machine's.
        context.Response.OnStarting(() =>
        {
            context.Response.Headers.Date = clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
            return Task.CompletedTask;
        });
        foreach (var fault in await faults.Hitting(service, context.Request))
        {
            if (await IsAnswered(fault, context)) { return; }
        }
        await Emulate(context);
    }

    private async Task Emulate(HttpContext context)
    {
        var emulator = opened.Task.IsCompletedSuccessfully ? opened.Task.Result : await opened.Task.WaitAsync(context.RequestAborted);
        await emulator(context);
        if (Unimplemented.FeatureOf(context) is { } feature) { counter.AddUnimplemented(feature); }
    }

    /// <summary>False when the request may go on, only later.</summary>
    private async Task<bool> IsAnswered(Fault fault, HttpContext context)
    {
        if (fault.IsAfter) { await EmulateUnheard(context); }
        switch (fault.Kind)
        {
            case FaultKind.Latency:
                await Task.Delay(fault.Delay, context.RequestAborted);
                return false;
            case FaultKind.Throttle:
                await Refusals.Throttle(service, context, fault.RetryAfter);
                return true;
            case FaultKind.Unavailable:
                await Refusals.Unavailable(service, context, fault.RetryAfter);
                return true;
            case FaultKind.Forbidden:
                await Refusals.Forbidden(service, context);
                return true;
            case FaultKind.Timeout:
                await TimeOut(fault, context);
                return true;
            case FaultKind.Kill:
                // Dead first, then disconnected: the app must not get to react to the broken connection.
                await killApp(fault.Request.Instance);
                context.Abort();
                return true;
            default:
                context.Abort();
                return true;
        }
    }

    private async Task TimeOut(Fault fault, HttpContext context)
    {
        var answers = service == "cosmos";
        var hold = fault.Request.Milliseconds is null && !answers ? NeverAnswered : fault.Delay;
        await Task.Delay(hold, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (answers) { await Refusals.CosmosTimeout(context); }
        else { context.Abort(); }
    }

    /// <summary>Lets the service carry the operation out and keeps its answer from the client.</summary>
    private async Task EmulateUnheard(HttpContext context)
    {
        var body = context.Features.Get<IHttpResponseBodyFeature>()!;
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(Stream.Null));
        try { await Emulate(context); }
        finally { context.Features.Set(body); }
        context.Response.Clear();
    }

    private void Count(HttpRequest request)
    {
        Span<char> operation = stackalloc char[Operation.MostCharacters];
        counter.Add(operation[..Operation.Write(request, operation)]);
    }
}
