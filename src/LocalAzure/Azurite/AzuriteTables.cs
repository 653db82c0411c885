using System.Diagnostics;
using System.Globalization;
using LocalAzure.Tls;

namespace LocalAzure.Azurite;

/// <summary>Azurite's Table Storage in a Node process, on a port of its own behind our listener.</summary>
internal sealed class AzuriteTables : IAsyncDisposable
{
    /// <summary>The account that every Azurite has.</summary>
    public const string Account = "devstoreaccount1";
    private const string ListeningOn = "listening on port ";
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(3);

    private readonly Process process;
    private readonly ChildProcesses children;
    private readonly LineFile output;
    private readonly TaskCompletionSource<int> port;

    private AzuriteTables(Process process, ChildProcesses children, LineFile output, TaskCompletionSource<int> port) =>
        (this.process, this.children, this.output, this.port) = (process, children, output, port);

    /// <summary>Done when Azurite has ended, which it does not do by itself.</summary>
    public Task Ended => process.WaitForExitAsync();

    public Uri Address => new($"https://localhost:{port.Task.Result}");

    /// <summary>Starts Azurite on the data in <paramref name="folder"/> and waits until it listens.</summary>
    public static async Task<AzuriteTables> Start(string launcher, NodeRuntime runtime, string folder, LocalCertificates certificates, LineFile output, ChildProcesses children)
    {
        string[] arguments =
        [
            launcher, "--tableHost", "127.0.0.1", "--tablePort", "0", "--location", folder, "--oauth", "basic",
            "--cert", certificates.ServerCertificatePath, "--key", certificates.ServerKeyPath, "--disableTelemetry", "--skipApiVersionCheck", "--silent",
        ];
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var process = children.Start(new ProcessStartInfo(runtime.Node, arguments), "Azurite", line => Read(line, output, port), endsWithUs: true);
        var tables = new AzuriteTables(process, children, output, port);
        await Task.WhenAny(port.Task, tables.Ended, Task.Delay(StartLimit));
        if (port.Task.IsCompletedSuccessfully) { return tables; }
        await tables.DisposeAsync();
        throw new StartRefused($"Azurite did not start: {output.Last ?? "it printed nothing"} (see {output.Path})");
    }

    /// <summary>Closes it in peace, so that it saves what it holds; ends it when that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await Task.WhenAny(Ended, Task.Delay(EndLimit));
        ChildProcesses.Kill(process);
        await Ended;
        children.Forget(process);
        output.Dispose();
    }

    private static void Read(string line, LineFile output, TaskCompletionSource<int> port)
    {
        output.Add(line);
        if (line.StartsWith(ListeningOn, StringComparison.Ordinal)) { port.TrySetResult(int.Parse(line.AsSpan(ListeningOn.Length), CultureInfo.InvariantCulture)); }
    }
}
