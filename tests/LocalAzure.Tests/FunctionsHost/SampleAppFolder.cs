using System.Text.Json;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests.FunctionsHost;

/// <summary>A folder that makes <see cref="SampleApp"/> a Functions app: host.json and function.json files as a publish would write them.</summary>
internal sealed class SampleAppFolder : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public SampleAppFolder(bool proxies = true, string? timeout = null)
    {
        Write("host.json", new
        {
            version = "2.0",
            functionTimeout = timeout ?? "00:05:00",
            customHandler = new
            {
                description = new { defaultExecutablePath = "%SampleDotnet%", arguments = new[] { "exec", typeof(SampleApp).Assembly.Location } },
                enableForwardingHttpRequest = !proxies,
                enableProxyingHttpRequest = proxies,
            },
        });
        AddHttp("Echo", "echo/{id}/{**rest}", "get", "post", "put");
        AddHttp("EchoHead", "echo", "get", "post");
        AddHttp("Numbered", "numbered/{id:int}", "get");
        AddHttp("Setting", "setting", "get");
        AddHttp("Exit", "exit", "get");
        AddHttp("Redirect", "redirect", "get");
        AddHttp("Stream", "stream", "get");
        AddTimer("Tick", "%TickSchedule%");
        AddTimer("Fail", "0 0 3 1 1 *");
        AddTimer("Empty", "0 0 3 1 1 *");
        AddTimer("Hang", "0 0 3 1 1 *");
    }

    public string Path => folder.Path;

    public void AddHttp(string name, string route, params string[] methods) => Write($"{name}/function.json", new
    {
        bindings = new object[]
        {
            new { type = "httpTrigger", authLevel = "anonymous", direction = "in", name = "req", methods, route },
            new { type = "http", direction = "out", name = "res" },
        },
    });

    public void AddTimer(string name, string schedule) => Write($"{name}/function.json", new
    {
        bindings = new[] { new { type = "timerTrigger", name = "timer", direction = "in", schedule, useMonitor = true, runOnStartup = false } },
    });

    public void Write(string file, object json)
    {
        var path = System.IO.Path.Combine(Path, file);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, JsonSerializer.Serialize(json));
    }

    public void Dispose() => folder.Dispose();
}
