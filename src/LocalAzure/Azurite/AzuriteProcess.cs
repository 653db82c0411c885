using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using LocalAzure.Tls;

namespace LocalAzure.Azurite;

/// <summary>Azurite in a Node process: it serves the tables of one LocalAzure, or of several, since loading it takes longer than anything that it does.</summary>
internal sealed class AzuriteProcess : IAsyncDisposable
{
    private const string Answer = "answer ";
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(3);

    private readonly Process process;
    private readonly Task ended;
    private readonly ChildProcesses children;
    private readonly LineFile output;
    private readonly Lock writing = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> asked = new();

    private AzuriteProcess(string launcher, NodeRuntime runtime, string log, ChildProcesses children)
    {
        this.children = children;
        output = new LineFile(log);
        try { process = children.Start(new ProcessStartInfo(runtime.Node, [launcher]), "Azurite", Read, endsWithUs: true); }
        catch
        {
            output.Dispose();
            throw;
        }
        ended = process.WaitForExitAsync();
    }

    /// <summary>Starts it, after installing what is missing; its output goes to the file <paramref name="log"/>.</summary>
    public static async Task<AzuriteProcess> Start(NodeRuntime runtime, string fallbackFolder, string log, ChildProcesses children, Action<string> print, CancellationToken cancellation) =>
        new(await AzuriteInstallation.Ensure(runtime, fallbackFolder, print, cancellation), runtime, log, children);

    /// <summary>Serves the tables in a folder and returns the address.</summary>
    public async Task<Uri> Open(string folder, LocalCertificates certificates) => new(await Ask("open", folder, certificates.ServerCertificatePath, certificates.ServerKeyPath));

    /// <summary>Saves the tables in a folder and serves them no more.</summary>
    public Task Close(string folder) => ended.IsCompleted ? Task.CompletedTask : Ask("close", folder);

    /// <summary>Fails when it ends, which it does not do by itself.</summary>
    public async Task Watch(CancellationToken stopping)
    {
        await ended.WaitAsync(stopping);
        throw new StartRefused($"Azurite has ended; without Table Storage there is nothing to go on with (see {output.Path}).");
    }

    /// <summary>Closes it in peace, so that it saves what it holds; ends it when that takes too long.</summary>
    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await Task.WhenAny(ended, Task.Delay(EndLimit));
        ChildProcesses.Kill(process);
        await ended;
        children.Forget(process);
        output.Dispose();
    }

    private async Task<string> Ask(string verb, string folder, params string[] further)
    {
        var answer = asked[folder] = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            lock (writing) { process.StandardInput.WriteLine(JsonSerializer.Serialize<string[]>([verb, folder, .. further])); }
        }
        catch (IOException)
        {
            // It has ended, which is told below.
        }
        await Task.WhenAny(answer.Task, ended, Task.Delay(AnswerLimit));
        asked.TryRemove(folder, out _);
        return answer.Task.IsCompleted ? await answer.Task : throw NotAnswered(verb, folder, output.Last ?? "it printed nothing");
    }

    private void Read(string line)
    {
        output.Add(line);
        if (!line.StartsWith(Answer, StringComparison.Ordinal) || JsonSerializer.Deserialize<string[]>(line.AsSpan(Answer.Length)) is not [var outcome, var folder, var detail] || !asked.TryGetValue(folder, out var answer)) { return; }
        if (outcome == "failed") { answer.TrySetException(NotAnswered("serve", folder, detail)); }
        else { answer.TrySetResult(detail); }
    }

    private StartRefused NotAnswered(string verb, string folder, string why) => new($"Azurite could not {verb} the tables in {folder}: {why} (see {output.Path})");
}
