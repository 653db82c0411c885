using System.Diagnostics;
using LocalAzure.Listeners;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// One instance of the app: started as the host starts a custom handler, waited for until it answers, and started again when it exits.
/// The contract is the host's (azure-functions-host, Workers/Http: HttpWorkerProcess, HttpWorkerChannel, HttpFunctionInvocationDispatcher).
/// </summary>
internal sealed class HandlerInstance(int index, Func<int, ProcessStartInfo> command, ChildProcesses children, LineFile output, HttpMessageInvoker http, Action changed, ILogger log)
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan CheckLimit = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestBackOff = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Process? process;

    /// <summary>The process was ended by order; it says nothing against the app.</summary>
    private volatile bool isOrdered;

    public enum Status
    {
        Starting,
        Running,
        Stopped,
        Down,
    }

    public int Index => index;

    public int Port { get; private set; }

    public Status State { get; private set; } = Status.Starting;

    public int Restarts { get; private set; }

    public int? Pid => State == Status.Down ? null : process?.Id;

    /// <summary>Done when the instance has answered for the first time; fails when it never did.</summary>
    public Task FirstAnswer => firstAnswer.Task;

    /// <summary>Keeps the instance running until <paramref name="cancellation"/>.</summary>
    public async Task Supervise(CancellationToken cancellation)
    {
        var inARow = 0;
        while (!cancellation.IsCancellationRequested)
        {
            var started = Stopwatch.GetTimestamp();
            await RunOnce(cancellation);
            if (cancellation.IsCancellationRequested) { return; }
            Enter(Status.Down);
            if (!firstAnswer.Task.IsCompletedSuccessfully) { return; }
            Restarts++;
            inARow = isOrdered || Stopwatch.GetElapsedTime(started) > Settled ? 0 : inARow + 1;
            isOrdered = false;
            // The first restart comes at once; an app that keeps dying is given longer and longer pauses.
            if (inARow > 1) { await Task.Delay(BackOff(inARow), cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing); }
        }
    }

    /// <summary>Somebody wants to see the instance die. As on a platform that lost a machine, another is started at once.</summary>
    public Task KillByOrder()
    {
        isOrdered = true;
        return Kill();
    }

    /// <summary>Ends the process as kill -9 does, and returns when it is gone; <see cref="Supervise"/> starts another.</summary>
    public async Task Kill()
    {
        if (process is not { } running) { return; }
        Enter(Status.Down);
        ChildProcesses.Kill(running);
        await running.WaitForExitAsync();
    }

    /// <summary>To be told when nobody listens on the port any more: the process is about to exit, or ought to; either way it is replaced.</summary>
    public Task Unreachable(int port) => port == Port && State == Status.Running ? Kill() : Task.CompletedTask;

    /// <summary>An instance that broke off may be on its way out while its port still takes connections: it is asked before anybody else is sent there.</summary>
    public async Task EnsureAnswers(int port)
    {
        using var limit = new CancellationTokenSource(CheckLimit);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/");
            using var answer = await http.SendAsync(request, limit.Token);
        }
        catch (HttpRequestException)
        {
            await Unreachable(port);
        }
        catch (OperationCanceledException)
        {
            // Slow is not gone.
        }
    }

    /// <summary>Stops or continues the process where it stands (SIGSTOP, SIGCONT); false where the system can't.</summary>
    public bool Pause(bool stop)
    {
        if (process is not { } running || State == Status.Down || !ProcessSignal.TrySend(running.Id, stop)) { return false; }
        Enter(stop ? Status.Stopped : Status.Running);
        return true;
    }

    private static TimeSpan BackOff(int inARow) =>
        TimeSpan.FromSeconds(Math.Min(LongestBackOff.TotalSeconds, 0.25 * Math.Pow(2, inARow - 2)));

    private async Task RunOnce(CancellationToken cancellation)
    {
        Enter(Status.Starting);
        using var port = new ReservedPort();
        Port = port.Number;
        Process running;
        try { running = children.Start(command(Port), "the Functions app", output.Add); }
        catch (StartRefused e)
        {
            firstAnswer.TrySetException(e);
            return;
        }
        catch (ObjectDisposedException)
        {
            return;
        }
        process = running;
        Log.Started(log, index, running.Id, Port);
        var exited = running.WaitForExitAsync(cancellation);
        if (await Answers(exited, cancellation))
        {
            Enter(Status.Running);
            firstAnswer.TrySetResult();
            await exited.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        if (cancellation.IsCancellationRequested) { return; }
        if (!running.HasExited) { ChildProcesses.Kill(running); }
        await running.WaitForExitAsync(CancellationToken.None);
        children.Forget(running);
        Log.Exited(log, index, running.Id, running.ExitCode);
        firstAnswer.TrySetException(new StartRefused($"The Functions app ended at start (exit code {running.ExitCode}): {output.Last ?? "it printed nothing"} (see {output.Path})"));
    }

    /// <summary>Any answer to <c>GET /</c> means ready; a refused connection means wait.</summary>
    private async Task<bool> Answers(Task exited, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        while (!exited.IsCompleted && Stopwatch.GetElapsedTime(begun) < StartLimit)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{Port}/");
                using var answer = await http.SendAsync(request, cancellation);
                return true;
            }
            catch (HttpRequestException)
            {
                await Task.WhenAny(exited, Task.Delay(PollInterval, cancellation));
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }
        return false;
    }

    private void Enter(Status state)
    {
        State = state;
        changed();
    }
}
