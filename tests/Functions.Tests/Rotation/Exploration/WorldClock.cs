namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>The clock of all instances. It stands still until the world moves it; a timer belongs to the activity that made it, and does not fire while that one is frozen or dead.</summary>
internal sealed class WorldClock(Func<World> world) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => world().Now;

    public override long GetTimestamp() => world().Now.UtcTicks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new WorldTimer(world(), () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }
}

internal sealed class WorldTimer(World world, Action fire) : ITimer
{
    public Activity? Owner { get; } = world.Running;

    public DateTimeOffset DueAt { get; private set; } = DateTimeOffset.MaxValue;

    public void Fire()
    {
        DueAt = DateTimeOffset.MaxValue;
        world.Timers.Remove(this);
        fire();
    }

    public bool Change(TimeSpan dueTime, TimeSpan period)
    {
        world.Timers.Remove(this);
        DueAt = dueTime == Timeout.InfiniteTimeSpan ? DateTimeOffset.MaxValue : world.Now + dueTime;
        if (dueTime == TimeSpan.Zero) { fire(); }
        else if (dueTime != Timeout.InfiniteTimeSpan) { world.Timers.Add(this); }
        return true;
    }

    public void Dispose() => world.Timers.Remove(this);

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }
}
