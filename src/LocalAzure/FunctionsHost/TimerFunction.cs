using System.Text.Json;
using LocalAzure.Clock;
using LocalAzure.State;

namespace LocalAzure.FunctionsHost;

/// <summary>
/// A timer function and its schedule: runs when it is due by the test clock, once however late, one scheduled run at a time, and by hand at
/// any time. A due time that passed while LocalAzure was off or the clock was moved is made up for once, and said to be past due.
/// </summary>
internal sealed class TimerFunction
{
    /// <summary>How late a run may be before it counts as past due: a busy machine is not a missed schedule.</summary>
    private static readonly TimeSpan Punctual = TimeSpan.FromSeconds(2);
    /// <summary>No wait is longer, so that a timer can't drift from the clock however far off its due time is.</summary>
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Ncrontab cron;
    private readonly HandlerPool handlers;
    private readonly Invoker invoker;
    private readonly TestClock clock;
    private readonly string statusPath;
    private readonly ILogger log;

    public TimerFunction(FunctionDefinition function, IReadOnlyDictionary<string, string> settings, HandlerPool handlers, Invoker invoker, TestClock clock, string folder, ILogger log)
    {
        (Function, this.handlers, this.invoker, this.clock, this.log) = (function, handlers, invoker, clock, log);
        Schedule = HandlerCommand.Expand(function.Timer!.Schedule, settings);
        try { cron = Ncrontab.Parse(Schedule); }
        catch (FormatException e) { throw new StartRefused($"Function {function.Name}: {e.Message}.", e); }
        IsDisabled = string.Equals(settings.GetValueOrDefault($"AzureWebJobs.{function.Name}.Disabled"), "true", StringComparison.OrdinalIgnoreCase);
        statusPath = Path.Combine(folder, $"{function.Name}.json");
        Status = ReadStatus();
    }

    public FunctionDefinition Function { get; }

    public string Schedule { get; }

    /// <summary>The app setting <c>AzureWebJobs.Name.Disabled</c>: no scheduled runs; by hand it still runs.</summary>
    public bool IsDisabled { get; }

    public ScheduleStatus? Status { get; private set; }

    public DateTimeOffset? Next => IsDisabled ? null : Status is { } status ? new DateTimeOffset(status.Next, TimeSpan.Zero) : cron.Next(clock.GetUtcNow());

    public Invocation? LastRun { get; private set; }

    /// <summary>Runs it now, on the given instance or the one whose turn it is; null when no instance is up.</summary>
    public async Task<Invocation?> Run(int? instance, bool isPastDue, CancellationToken cancellation)
    {
        var target = instance is { } index ? handlers.Instances[index] : await handlers.Next(cancellation);
        if (target is null) { return null; }
        var invocation = await invoker.Run(Function, target, Status, isPastDue, cancellation);
        LastRun = invocation;
        return invocation;
    }

    /// <summary>Runs it whenever it is due, until <paramref name="cancellation"/>.</summary>
    public async Task KeepSchedule(CancellationToken cancellation)
    {
        if (IsDisabled) { return; }
        if (Function.Timer!.RunOnStartup) { await Run(null, isPastDue: false, cancellation); }
        if (Status is null && !Plan(DateTime.UnixEpoch)) { return; }
        while (!cancellation.IsCancellationRequested)
        {
            var due = await Due(cancellation);
            await Run(null, isPastDue: clock.GetUtcNow() - due > Punctual, cancellation);
            if (!Plan(due.UtcDateTime)) { return; }
        }
    }

    private async Task<DateTimeOffset> Due(CancellationToken cancellation)
    {
        while (true)
        {
            using var moved = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            void Wake() => moved.Cancel();
            clock.Moved += Wake;
            try
            {
                var due = Next!.Value;
                var wait = due - clock.GetUtcNow();
                if (wait <= TimeSpan.Zero) { return due; }
                await Task.Delay(wait < LongestWait ? wait : LongestWait, moved.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                cancellation.ThrowIfCancellationRequested();
            }
            finally
            {
                clock.Moved -= Wake;
            }
        }
    }

    /// <summary>Writes down when it is due next; false when never again.</summary>
    private bool Plan(DateTime last)
    {
        var now = clock.GetUtcNow();
        if (cron.Next(now) is not { } next) { return false; }
        Status = new ScheduleStatus(last, next.UtcDateTime, now.UtcDateTime);
        if (Function.Timer!.UseMonitor) { OwnerOnlyFile.Write(statusPath, JsonSerializer.SerializeToUtf8Bytes(Status)); }
        Log.DueNext(log, Function.Name, next);
        return true;
    }

    /// <summary>What was written down before. Another schedule since then makes it void: the new one starts now.</summary>
    private ScheduleStatus? ReadStatus()
    {
        if (!Function.Timer!.UseMonitor || !File.Exists(statusPath)) { return null; }
        try
        {
            var status = JsonSerializer.Deserialize<ScheduleStatus>(File.ReadAllBytes(statusPath));
            return status is not null && cron.Next(new DateTimeOffset(status.LastUpdated, TimeSpan.Zero)) == new DateTimeOffset(status.Next, TimeSpan.Zero) ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
