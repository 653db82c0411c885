using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>A server's process, started as the Functions host starts it.</summary>
internal sealed class Server : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process process;

    private Server(Process process, int port)
    {
        this.process = process;
        Port = port;
    }

    public int Port { get; }

    /// <summary>Processor time that it has used so far.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>Memory that it holds.</summary>
    public long WorkingSet
    {
        get
        {
            process.Refresh();
            return process.WorkingSet64;
        }
    }

    public static Server Start(string executable, IEnumerable<KeyValuePair<string, string>> environment)
    {
        var port = FreePort();
        var start = new ProcessStartInfo(executable) { WorkingDirectory = Path.GetDirectoryName(executable)!, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) { start.Environment[name] = value; }
        start.Environment["FUNCTIONS_CUSTOMHANDLER_PORT"] = $"{port}";
        // For a server that does not know the host's name for it.
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        return new Server(process, port);
    }

    /// <summary>Asks until the answer is 200.</summary>
    public async Task WaitForAnswer(string path, string? apiKey = null)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience)
        {
            if (await Answers(path, apiKey)) { return; }
            await Task.Delay(1);
        }
        throw new TimeoutException($"{process.ProcessName} does not answer {path}.");
    }

    private async Task<bool> Answers(string path, string? apiKey)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
        }
        catch (SocketException)
        {
            return false;
        }
        // A port of one's own that nobody listens on can be connected to itself.
        if (socket.LocalEndPoint!.Equals(socket.RemoteEndPoint)) { return false; }
        using var connection = new Connection(socket, path, apiKey);
        return await connection.Ask() == 200;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public void Dispose()
    {
        process.Kill();
        process.WaitForExit();
        process.Dispose();
    }
}
