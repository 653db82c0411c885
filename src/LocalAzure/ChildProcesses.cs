using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using LocalAzure.State;

namespace LocalAzure;

/// <summary>
/// The processes that LocalAzure started and that must not outlive it. Each is written down before it matters, with the time it started
/// at, so that a start after a kill -9 ends those that were left behind and no stranger that got the same process id since.
/// </summary>
internal sealed class ChildProcesses : IDisposable
{
    private static readonly TimeSpan StartTimeTolerance = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan TimeToSave = TimeSpan.FromSeconds(3);
    private readonly string path;
    private readonly Lock writing = new();
    private readonly Dictionary<int, (Process Process, Recorded Record)> running = [];
    private readonly List<Process> started = [];
    private bool ended;

    private ChildProcesses(string path) => this.path = path;

    // EndsWithUs: it ends by itself when its parent is gone, and saves what it holds before it does.
    private sealed record Recorded(int Pid, DateTime StartedUtc, bool EndsWithUs);

    /// <summary>Opens the record in <paramref name="path"/> and ends what an earlier LocalAzure left behind.</summary>
    public static ChildProcesses Open(string path)
    {
        if (File.Exists(path))
        {
            foreach (var left in Read(path)) { EndLeftBehind(left); }
            File.Delete(path);
        }
        return new ChildProcesses(path);
    }

    /// <summary>Starts a process whose output goes line by line to <paramref name="output"/>.</summary>
    public Process Start(ProcessStartInfo info, string name, Action<string> output, bool endsWithUs = false)
    {
        info.UseShellExecute = false;
        info.CreateNoWindow = true;
        info.RedirectStandardInput = true;
        info.RedirectStandardOutput = true;
        info.RedirectStandardError = true;
        Process process;
        lock (writing)
        {
            ObjectDisposedException.ThrowIf(ended, this);
            try { process = Process.Start(info)!; }
            catch (Win32Exception e) { throw new StartRefused($"{name} can't be started from {info.FileName}: {e.Message}", e); }
            started.Add(process);
            running[process.Id] = (process, new Recorded(process.Id, StartTime(process) ?? default, endsWithUs));
            Write();
        }
        process.OutputDataReceived += (_, line) => { if (line.Data is not null) { output(line.Data); } };
        process.ErrorDataReceived += (_, line) => { if (line.Data is not null) { output(line.Data); } };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Takes a process that has exited off the record.</summary>
    public void Forget(Process process)
    {
        lock (writing)
        {
            if (!ended && running.Remove(process.Id)) { Write(); }
        }
    }

    /// <summary>Ends a process at once, as kill -9 does.</summary>
    public static void Kill(Process process)
    {
        try { process.Kill(entireProcessTree: true); }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or AggregateException)
        {
            // It has ended by itself in the meantime.
        }
    }

    /// <summary>Ends all of them. None can be started any more.</summary>
    public void Dispose()
    {
        lock (writing)
        {
            ended = true;
            foreach (var (process, _) in running.Values) { Kill(process); }
            foreach (var process in started) { process.Dispose(); }
            File.Delete(path);
        }
    }

    private static Recorded[] Read(string path)
    {
        try { return JsonSerializer.Deserialize<Recorded[]>(File.ReadAllBytes(path)) ?? []; }
        catch (JsonException) { return []; }
    }

    private static void EndLeftBehind(Recorded left)
    {
        try
        {
            using var process = Process.GetProcessById(left.Pid);
            if (StartTime(process) is not { } started || (started - left.StartedUtc).Duration() > StartTimeTolerance) { return; }
            if (left.EndsWithUs && process.WaitForExit(TimeToSave)) { return; }
            Kill(process);
            process.WaitForExit();
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            // Gone: nothing was left behind.
        }
    }

    private static DateTime? StartTime(Process process)
    {
        try { return process.StartTime.ToUniversalTime(); }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception) { return null; }
    }

    private void Write() => OwnerOnlyFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(running.Values.Select(child => child.Record)));
}
