using System.Text.Json;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// What became of one run of a timer function. <see cref="Failure"/> is null when it succeeded, <see cref="StatusCode"/> when the app gave no
/// answer; the instants are the test clock's.
/// </summary>
internal sealed record Invocation(
    string Id,
    string Function,
    int Instance,
    DateTimeOffset Started,
    DateTimeOffset Finished,
    int? StatusCode,
    string? Failure,
    JsonElement? Outputs,
    JsonElement? ReturnValue,
    IReadOnlyList<string> Logs)
{
    public bool Succeeded => Failure is null;
}
