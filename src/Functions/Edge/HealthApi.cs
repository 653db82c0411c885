using System.Diagnostics;
using Azure;
using CustomerFunctions.Access;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Edge;

/// <summary>One dependency's state: <c>ok</c> or <c>unavailable</c>, and how long it took to say so.</summary>
public sealed record DependencyHealth(string State, long Milliseconds);

/// <summary>Whether the app can do its work: <c>ready</c> when every dependency is ok.</summary>
public sealed record HealthReport(string Status, IReadOnlyDictionary<string, DependencyHealth>? Dependencies = null);

internal static class HealthApi
{
    private static readonly TimeSpan ProbeTime = TimeSpan.FromSeconds(3);

    public static void MapHealth(this IEndpointRouteBuilder app)
    {
        // The host asks for "/" until anything answers; the routes below are for people and load balancers.
        app.MapGet("/", () => TypedResults.NoContent()).IsOpen().ExcludeFromDescription();
        var health = app.MapGroup("/api/health").WithTags("Health");
        health.MapGet("live", Live).WithName("GetLiveness").IsOpen();
        health.MapGet("ready", Ready).WithName("GetReadiness").IsOpen().Produces<HealthReport>().Produces<HealthReport>(StatusCodes.Status503ServiceUnavailable);
        app.MapGet("/api/problems/{code}", Explain).WithName("GetProblem").WithTags("Problems").IsOpen().ProducesProblem(404);
    }

    private static Ok<HealthReport> Live() => TypedResults.Ok(new HealthReport("alive"));

    /// <summary>Asks every dependency for something small. Says that one fails, not why: whoever may know why reads the log.</summary>
    private static async Task<JsonHttpResult<HealthReport>> Ready(AzureClients azure, CancellationToken cancellation)
    {
        (string Name, Func<CancellationToken, Task> Ask)[] probes =
        [
            ("cosmos", token => azure.Database.GetContainer("control").ReadItemStreamAsync("health", new("health"), cancellationToken: token).ContinueWith(Succeeded, token, TaskContinuationOptions.None, TaskScheduler.Default)),
            ("keyVault", token => azure.Secrets.GetSecretAsync(BootstrapAdmin.SecretName, cancellationToken: token)),
            ("tables", token => azure.Reach(azure.Settings.TablesEndpoint, AzureClients.StorageAudience, token)),
            ("resourceManager", token => azure.Reach(azure.Settings.ResourceManagerEndpoint, azure.Settings.ResourceManagerAudience, token)),
        ];
        var states = await Task.WhenAll(probes.Select(async probe => (probe.Name, State: await Probe(probe.Ask, cancellation))));
        var ready = states.All(state => state.State.State == "ok");
        var report = new HealthReport(ready ? "ready" : "unavailable", states.ToDictionary(state => state.Name, state => state.State));
        return TypedResults.Json(report, ApiJson.Default.HealthReport, statusCode: ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }

    private static void Succeeded(Task<Microsoft.Azure.Cosmos.ResponseMessage> read)
    {
        using var response = read.GetAwaiter().GetResult();
        // There is no such document; a 404 says that the container answers.
        if (response.StatusCode != System.Net.HttpStatusCode.NotFound) { response.EnsureSuccessStatusCode(); }
    }

    private static async Task<DependencyHealth> Probe(Func<CancellationToken, Task> ask, CancellationToken cancellation)
    {
        var started = Stopwatch.GetTimestamp();
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(ProbeTime);
        var state = "ok";
        try { await ask(time.Token); }
        catch (Exception e) when (!cancellation.IsCancellationRequested && (ExceptionEdge.IsDependencyFailure(e) || e is RequestFailedException)) { state = "unavailable"; }
        return new DependencyHealth(state, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
    }

    /// <summary>What a problem's <c>type</c> URL leads to.</summary>
    private static Results<Ok<ProblemKind>, Problem> Explain(string code) =>
        Failures.All.TryGetValue(code, out var kind) ? TypedResults.Ok(kind) : Failures.NotFound("problem");
}
