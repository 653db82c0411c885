using System.Globalization;
using LocalAzure.Clock;
using LocalAzure.Faults;
using LocalAzure.FunctionsHost;

namespace LocalAzure.Status;

/// <summary>The status page and what its buttons do. A page of another origin may not press them.</summary>
internal static class StatusApi
{
    public static void MapStatus(this IEndpointRouteBuilder routes, StatusPage page, CosmosBrowser cosmos, AppHost host, TestClock clock, FaultSet faults)
    {
        routes.MapGet("/", page.Show);
        routes.MapGet("/status/cosmos/{container}", async (string container, CancellationToken cancellation) => Layout.Page(container, Html.Join(
            (await cosmos.Documents(container, cancellation)).Select(document => Html.Of($"<pre>{document}</pre>")))));

        var buttons = routes.MapGroup("/status").AddEndpointFilter(OwnOriginOnly);
        buttons.MapPost("/timers/{name}/run", async (string name, CancellationToken cancellation) =>
        {
            if (host.Timers.FirstOrDefault(timer => timer.Function.Name == name) is { } timer) { await timer.Run(null, isPastDue: false, cancellation); }
            return Back();
        });
        buttons.MapPost("/clock", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            if (TimeSpan.TryParseExact(form["advance"], "c", CultureInfo.InvariantCulture, out var by) && by >= TimeSpan.Zero) { clock.Advance(by); }
            return Back();
        });
        buttons.MapPost("/faults", async (HttpRequest request) =>
        {
            var form = await request.ReadFormAsync();
            _ = double.TryParse(form["share"], NumberStyles.Float, CultureInfo.InvariantCulture, out var share);
            var (fault, refusal) = new FaultRequest(form["service"], form["kind"], share).ToFault();
            if (fault is null) { return Results.Problem(refusal, statusCode: StatusCodes.Status400BadRequest); }
            faults.Put(fault);
            return Back();
        });
        buttons.MapPost("/faults/clear", () =>
        {
            faults.Clear();
            return Back();
        });
    }

    private static IResult Back() => Results.Redirect("/");

    private static ValueTask<object?> OwnOriginOnly(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var request = context.HttpContext.Request;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin == $"{request.Scheme}://{request.Host}"
            ? next(context)
            : ValueTask.FromResult<object?>(Results.Problem("Only LocalAzure's own page may do this.", statusCode: StatusCodes.Status403Forbidden));
    }
}
