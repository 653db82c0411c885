using System.Text.Json;

namespace LocalAzure.FunctionsHost;

/// <summary>One function, as its <c>function.json</c> declares it.</summary>
/// <param name="Name">The folder's name.</param>
/// <param name="Http">Set for a function with an HTTP trigger.</param>
/// <param name="Timer">Set for a function with a timer trigger.</param>
internal sealed record FunctionDefinition(string Name, FunctionDefinition.HttpTrigger? Http, FunctionDefinition.TimerTrigger? Timer)
{
    /// <param name="Route">Below the route prefix, in ASP.NET Core's syntax.</param>
    /// <param name="Methods">Upper case; empty for all.</param>
    /// <param name="IsAnonymous">False when the host asks for a key (<c>authLevel</c> function or admin).</param>
    internal sealed record HttpTrigger(string Route, IReadOnlyList<string> Methods, bool IsAnonymous);

    /// <param name="Binding">The binding's name, which is the key below <c>Data</c> in the envelope.</param>
    /// <param name="Schedule">An NCRONTAB expression, or <c>%Name%</c> of the app setting that has it.</param>
    /// <param name="UseMonitor">Whether a due time that passed while nothing ran is made up for.</param>
    /// <param name="RunOnStartup">Whether each start of the host runs it.</param>
    internal sealed record TimerTrigger(string Binding, string Schedule, bool UseMonitor, bool RunOnStartup);

    public static FunctionDefinition Read(string name, string path)
    {
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            var bindings = json.RootElement.GetProperty("bindings").EnumerateArray().ToArray();
            var trigger = bindings.Single(binding => Text(binding, "type")!.EndsWith("Trigger", StringComparison.Ordinal));
            return Text(trigger, "type") switch
            {
                "httpTrigger" => new(name, ReadHttp(name, trigger, bindings), null),
                "timerTrigger" => new(name, null, ReadTimer(trigger)),
                var other => throw new StartRefused($"Function {name}: trigger type '{other}' is not one that LocalAzure plays the host for (httpTrigger, timerTrigger)."),
            };
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or NullReferenceException)
        {
            throw new StartRefused($"{path} is not a function.json with exactly one trigger: {e.Message}", e);
        }
    }

    private static HttpTrigger ReadHttp(string name, JsonElement trigger, JsonElement[] bindings)
    {
        // Only "HTTP in and out" is forwarded by the host (DefaultHttpWorkerService); anything else arrives in an envelope, which no function of ours wants.
        if (bindings is not [_, _] || !bindings.Any(binding => Text(binding, "type") == "http"))
        {
            throw new StartRefused($"Function {name}: an HTTP function has exactly two bindings, httpTrigger and http.");
        }
        var methods = trigger.TryGetProperty("methods", out var list) ? list.EnumerateArray().Select(method => method.GetString()!.ToUpperInvariant()).ToArray() : [];
        return new HttpTrigger(Text(trigger, "route") ?? name, methods, string.Equals(Text(trigger, "authLevel"), "anonymous", StringComparison.OrdinalIgnoreCase));
    }

    private static TimerTrigger ReadTimer(JsonElement trigger) =>
        new(Text(trigger, "name")!, Text(trigger, "schedule")!, Flag(trigger, "useMonitor", otherwise: true), Flag(trigger, "runOnStartup", otherwise: false));

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static bool Flag(JsonElement element, string name, bool otherwise) => element.TryGetProperty(name, out var value) ? value.GetBoolean() : otherwise;
}
