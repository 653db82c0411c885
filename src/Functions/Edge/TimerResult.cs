using System.Globalization;
using System.Text.Json.Serialization;

namespace CustomerFunctions.Edge;

/// <summary>What a custom handler answers the host (Azure Functions custom handlers, response payload). Property names as the host has them.</summary>
public sealed record InvocationAnswer(
    [property: JsonPropertyName("Outputs")] IReadOnlyDictionary<string, string> Outputs,
    [property: JsonPropertyName("Logs")] IReadOnlyList<string> Logs,
    [property: JsonPropertyName("ReturnValue")] IReadOnlyDictionary<string, int> ReturnValue);

/// <summary>A timer run's outcome, counted by word. With any failure the answer is 500, and the host marks the run failed; the rest of the run stands.</summary>
internal sealed class TimerResult(IReadOnlyDictionary<string, int> outcomes) : IResult
{
    /// <summary>Both outcomes as one.</summary>
    public TimerResult And(TimerResult other) => new(outcomes.Concat(other.Outcomes).GroupBy(outcome => outcome.Key).OrderBy(group => group.Key, StringComparer.Ordinal)
        .ToDictionary(group => group.Key, group => group.Sum(outcome => outcome.Value)));

    private IReadOnlyDictionary<string, int> Outcomes => outcomes;

    public Task ExecuteAsync(HttpContext context)
    {
        context.Response.StatusCode = outcomes.ContainsKey(TimerPass.Failed) ? StatusCodes.Status500InternalServerError : StatusCodes.Status200OK;
        var line = outcomes.Count == 0 ? "nothing was due" : string.Join(", ", outcomes.Select(outcome => string.Create(CultureInfo.InvariantCulture, $"{outcome.Value} {outcome.Key}")));
        return context.Response.WriteAsJsonAsync(new InvocationAnswer(new Dictionary<string, string>(), [line], outcomes), HostJson.Default.InvocationAnswer);
    }
}
