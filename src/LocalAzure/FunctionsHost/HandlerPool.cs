using System.Diagnostics;

namespace LocalAzure.FunctionsHost;

/// <summary>The instances of the app. Requests and timer invocations take turns among those that are up.</summary>
internal sealed class HandlerPool(FunctionApp app, IReadOnlyDictionary<string, string> settings, ChildProcesses children, HttpMessageInvoker http, ILogger log) : IDisposable
{
    /// <summary>How long a request waits for an instance that is being restarted before it is refused.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly List<LineFile> outputs = [];
    private HandlerInstance[] instances = [];
    private uint turn;
    private TaskCompletionSource change = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<HandlerInstance> Instances => instances;

    /// <summary>Starts the first of the instances; the task is done when it has answered, and fails when it did not.</summary>
    public Task Start(int count, string logs, CancellationToken cancellation)
    {
        instances = [.. Enumerable.Range(0, count).Select(index => Create(index, logs))];
        return Start([instances[0]], cancellation);
    }

    /// <summary>Starts the other instances, likewise. Later than the first, so that what an app makes at its very first start is made once.</summary>
    public Task StartOthers(CancellationToken cancellation) => Start(instances[1..], cancellation);

    /// <summary>The next instance that is up, waiting for a restart if there is none; null when none comes up in time.</summary>
    public async ValueTask<HandlerInstance?> Next(CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            // Taken before looking: a change after the look is then not missed.
            var changed = Volatile.Read(ref change).Task;
            for (var i = 0; i < instances.Length; i++)
            {
                var candidate = instances[Interlocked.Increment(ref turn) % (uint)instances.Length];
                if (candidate.State == HandlerInstance.Status.Running) { return candidate; }
            }
            var left = Patience - Stopwatch.GetElapsedTime(begun);
            if (left <= TimeSpan.Zero) { return null; }
            try { await changed.WaitAsync(left, cancellation); }
            catch (TimeoutException) { return null; }
        }
    }

    public void Dispose()
    {
        foreach (var output in outputs) { output.Dispose(); }
    }

    private static Task Start(HandlerInstance[] some, CancellationToken cancellation)
    {
        foreach (var instance in some) { _ = instance.Supervise(cancellation); }
        return Task.WhenAll(some.Select(instance => instance.FirstAnswer));
    }

    private HandlerInstance Create(int index, string logs)
    {
        var output = new LineFile(Path.Combine(logs, $"functions-{index}.log"));
        outputs.Add(output);
        return new HandlerInstance(index, port => HandlerCommand.For(app, settings, port), children, output, http, Changed, log);
    }

    private void Changed() => Interlocked.Exchange(ref change, new(TaskCreationOptions.RunContinuationsAsynchronously)).TrySetResult();
}
