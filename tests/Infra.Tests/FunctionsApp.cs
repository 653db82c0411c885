using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Infra.Tests;

/// <summary>The app's process, started the way the Functions host starts it: in its folder, by host.json's executable, with settings in its environment.</summary>
internal sealed class FunctionsApp : IAsyncDisposable
{
    /// <summary>Nothing listens there.</summary>
    private const string Nowhere = "https://127.0.0.1:1";

    private readonly Process process;

    private FunctionsApp(Process process, int port)
    {
        this.process = process;
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public HttpClient Http { get; }

    /// <summary>Settings with which the app starts, all of them pointing to <paramref name="dependencies"/>.</summary>
    public static Dictionary<string, string> Settings(string dependencies = Nowhere) => new()
    {
        ["Cosmos__Endpoint"] = dependencies,
        ["KeyVault__Uri"] = dependencies,
        ["Tables__Endpoint"] = dependencies,
        ["ResourceManager__Endpoint"] = dependencies,
        ["IDENTITY_ENDPOINT"] = dependencies,
        ["IDENTITY_HEADER"] = "header",
    };

    /// <summary>Starts the app and returns when it listens.</summary>
    public static async Task<FunctionsApp> Start(AppFolder folder, Dictionary<string, string> settings)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (true)
        {
            var port = FreePort();
            var process = Launch(folder, new(settings) { ["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}" });
            _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var app = new FunctionsApp(process, port);
            while (!process.HasExited)
            {
                if (await app.Answers(patience.Token)) { return app; }
                await Task.Delay(20, patience.Token);
            }
            await app.DisposeAsync();
            // Somebody else may have taken the port in between; anything else is a failure.
            if (!(await errors).Contains("address already in use", StringComparison.OrdinalIgnoreCase)) { throw new InvalidOperationException(await errors); }
        }
    }

    /// <summary>Starts the app with settings that it should refuse, and returns how it ended.</summary>
    public static async Task<(int ExitCode, string Errors)> Fail(AppFolder folder, Dictionary<string, string> settings)
    {
        using var process = Launch(folder, settings);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        try
        {
            var errors = await process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static Process Launch(AppFolder folder, Dictionary<string, string> settings)
    {
        var start = new ProcessStartInfo(folder.Executable) { WorkingDirectory = folder.Path, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) { start.Environment[name] = value; }
        return Process.Start(start)!;
    }

    private async Task<bool> Answers(CancellationToken cancellation)
    {
        try
        {
            using var response = await Http.GetAsync("/", cancellation);
            return true;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
