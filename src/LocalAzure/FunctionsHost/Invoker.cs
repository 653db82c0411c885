using System.Net.Http.Headers;
using System.Text.Json;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// Runs a function that is not HTTP: <c>POST /Name</c> with the host's envelope; an answer that is not 2xx, empty or not JSON fails the run
/// (azure-functions-host, DefaultHttpWorkerService.ProcessDefaultInvocationRequest).
/// </summary>
internal sealed class Invoker(HttpMessageInvoker http, TimeProvider clock, TimeSpan? timeout, ILogger log)
{
    private static readonly JsonSerializerOptions AsWritten = new() { PropertyNamingPolicy = null };

    public async Task<Invocation> Run(FunctionDefinition function, HandlerInstance instance, ScheduleStatus? status, bool isPastDue, CancellationToken cancellation)
    {
        var id = Guid.NewGuid().ToString();
        var started = clock.GetUtcNow();
        var envelope = Envelope(function, status, isPastDue, started);
        var outcome = await Send(function, id, instance, envelope, cancellation);
        var invocation = new Invocation(id, function.Name, instance.Index, started, clock.GetUtcNow(), outcome.StatusCode, outcome.Failure, outcome.Outputs, outcome.ReturnValue, outcome.Logs);
        foreach (var line in invocation.Logs) { Log.Line(log, function.Name, id, line); }
        if (invocation.Failure is { } failure) { Log.Failed(log, function.Name, id, failure); }
        else { Log.Succeeded(log, function.Name, id); }
        return invocation;
    }

    private sealed record Outcome(int? StatusCode, string? Failure, JsonElement? Outputs = null, JsonElement? ReturnValue = null)
    {
        public IReadOnlyList<string> Logs { get; init; } = [];
    }

    private static byte[] Envelope(FunctionDefinition function, ScheduleStatus? status, bool isPastDue, DateTimeOffset now) => JsonSerializer.SerializeToUtf8Bytes(
        new
        {
            Data = new Dictionary<string, object>
            {
                [function.Timer!.Binding] = new { Schedule = new { AdjustForDST = true }, ScheduleStatus = status, IsPastDue = isPastDue },
            },
            Metadata = new { sys = new { MethodName = function.Name, UtcNow = now.UtcDateTime, RandGuid = Guid.NewGuid() } },
        },
        AsWritten);

    private async Task<Outcome> Send(FunctionDefinition function, string id, HandlerInstance instance, byte[] envelope, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (timeout is { } most) { limit.CancelAfter(most); }
        try
        {
            using var request = Request(function, id, instance, envelope);
            using var answer = await http.SendAsync(request, limit.Token);
            return Read((int)answer.StatusCode, answer.IsSuccessStatusCode, await answer.Content.ReadAsByteArrayAsync(limit.Token));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            Log.TimedOut(log, function.Name, timeout!.Value);
            // As the host does: the instance may still be at it, and nothing else would stop it.
            await instance.Kill();
            return new Outcome(null, $"Timeout value of {timeout} exceeded by function: {function.Name}");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new Outcome(null, $"The app ended the connection: {e.InnerException?.Message ?? e.Message}");
        }
    }

    private static HttpRequestMessage Request(FunctionDefinition function, string id, HandlerInstance instance, byte[] envelope)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{instance.Port}/{function.Name}") { Content = new ByteArrayContent(envelope) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json", "utf-8");
        request.Headers.Add("X-Azure-Functions-InvocationId", id);
        request.Headers.Add("X-Azure-Functions-HostVersion", HttpForwarder.HostVersion);
        request.Headers.TryAddWithoutValidation("User-Agent", $"Azure-Functions-Host/{HttpForwarder.HostVersion}");
        return request;
    }

    private static Outcome Read(int status, bool isSuccess, byte[] body)
    {
        if (!isSuccess) { return new Outcome(status, $"The app answered {status}.") { Logs = Parsed(body) is { } told ? Lines(told) : [] }; }
        return Parsed(body) is { } answer
            ? new Outcome(status, null, Find(answer, "Outputs"), Find(answer, "ReturnValue")) { Logs = Lines(answer) }
            : new Outcome(status, body.Length == 0 ? "The app answered with an empty body." : "The app's answer is not a JSON object.");
    }

    private static JsonElement? Parsed(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Object ? json.RootElement.Clone() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string[] Lines(JsonElement answer) =>
        Find(answer, "Logs") is { ValueKind: JsonValueKind.Array } logs ? [.. logs.EnumerateArray().Select(line => line.ToString())] : [];

    // Newtonsoft reads the answer in the host, without regard to case.
    private static JsonElement? Find(JsonElement answer, string name)
    {
        foreach (var property in answer.EnumerateObject())
        {
            if (property.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) { return property.Value; }
        }
        return null;
    }
}
