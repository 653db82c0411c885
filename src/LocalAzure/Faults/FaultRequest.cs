using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace LocalAzure.Faults;

/// <summary>What <c>PUT /faults</c> asks for.</summary>
/// <param name="Service">The service that fails: cosmos, keyVault, tables, resourceManager, blob, graph, dataPlanes, identity or stripe.</param>
/// <param name="Kind">latency, throttle, unavailable, forbidden, timeout, reset or kill.</param>
/// <param name="Share">The share of requests that it hits, above 0 and up to 1.</param>
/// <param name="Seconds">How long it lasts, by the machine's clock.</param>
/// <param name="Milliseconds">latency: how much longer (1500); timeout: how long to hold the request.</param>
/// <param name="RetryAfterMilliseconds">throttle and unavailable: what the service asks to wait.</param>
/// <param name="Operation">Only requests whose <c>METHOD /path?query</c> matches this regular expression.</param>
/// <param name="Body">Only requests whose body matches this regular expression.</param>
/// <param name="Skip">Lets this many matching requests pass first.</param>
/// <param name="Count">Is over after this many hits.</param>
/// <param name="When"><c>before</c> the operation is carried out, or <c>after</c>: it is, and the client never learns.</param>
/// <param name="Instance">kill: the instance to end; all when null.</param>
/// <param name="Seed">Makes the choice by share the same each time.</param>
[JsonUnmappedMemberHandling(JsonUnmappedMemberHandling.Disallow)]
internal sealed record FaultRequest(
    string? Service,
    string? Kind,
    double Share = 1,
    double Seconds = 60,
    int? Milliseconds = null,
    int RetryAfterMilliseconds = 1000,
    string? Operation = null,
    string? Body = null,
    int Skip = 0,
    int? Count = null,
    string When = "before",
    int? Instance = null,
    int? Seed = null)
{
    public static readonly IReadOnlyList<string> Services = ["cosmos", "keyVault", "tables", "resourceManager", "blob", "graph", "dataPlanes", "identity", "stripe"];
    private const int DefaultLatency = 1500;
    private const int MostMilliseconds = 120_000;

    /// <summary>Against a pattern that explodes. It is measured on the wall, and on a busy machine a good pattern waits long for the processor.</summary>
    private static readonly TimeSpan MatchLimit = TimeSpan.FromSeconds(10);

    /// <summary>The fault, or what is wrong with the request, said so that its author can mend it.</summary>
    public (Fault? Fault, string? Refusal) ToFault()
    {
        if (!Services.Contains(Service)) { return (null, $"service is one of {string.Join(", ", Services)}."); }
        if (!Enum.TryParse<FaultKind>(Kind, ignoreCase: true, out var kind) || int.TryParse(Kind, out _)) { return (null, $"kind is one of {string.Join(", ", Enum.GetNames<FaultKind>()).ToLowerInvariant()}."); }
        if (!(Share > 0 && Share <= 1)) { return (null, "share is above 0 and up to 1."); }
        if (!(Seconds > 0)) { return (null, "seconds is above 0."); }
        if (Milliseconds is < 0 or > MostMilliseconds || RetryAfterMilliseconds is < 0 or > MostMilliseconds) { return (null, $"milliseconds and retryAfterMilliseconds are from 0 to {MostMilliseconds}."); }
        if (Skip < 0 || Count is < 1) { return (null, "skip is 0 or more, count 1 or more."); }
        if (When is not ("before" or "after")) { return (null, "when is before or after."); }
        if (When == "after" && kind is not (FaultKind.Unavailable or FaultKind.Reset or FaultKind.Kill)) { return (null, "when: after goes with unavailable, reset and kill."); }
        if (Instance is not null && kind != FaultKind.Kill) { return (null, "instance goes with kill."); }
        var complete = kind == FaultKind.Latency ? this with { Milliseconds = Milliseconds ?? DefaultLatency } : this;
        try { return (new Fault(kind, complete, Pattern(Operation), Pattern(Body)), null); }
        catch (ArgumentException e) { return (null, $"operation or body is not a regular expression: {e.Message}"); }
    }

    private static Regex? Pattern(string? expression) => expression is null ? null : new Regex(expression, RegexOptions.CultureInvariant, MatchLimit);
}
