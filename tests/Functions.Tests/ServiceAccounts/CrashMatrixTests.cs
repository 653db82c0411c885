using System.Diagnostics;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// Every kind of credential, at every step of issuing and of retiring, meets every misfortune: its process dies, an exception that nobody expects, no answer until nobody waits any more, 429, 503, an
/// answer that is lost after all was done, and an instance that stands still until its lease is over. The current secret works at every instant, and the rotation ends as if nothing had happened.
/// With <c>CRASH_MATRIX=all</c> instances stand still with all kinds, and exceptions come after a call was carried out too; with the names of kinds, parted by commas, all that happens to those and nothing to others.
/// </summary>
public abstract class CrashMatrixTests(ITestOutputHelper output)
{
    private const string Timer = "RotateServiceAccountKeys";
    private const string Exception = "exception";
    private const string ExceptionAfter = "exception after it was done";
    private static readonly string? Asked = Environment.GetEnvironmentVariable("CRASH_MATRIX");
    private static readonly string[] Refusals = [Exception, .. Asked is null ? Array.Empty<string>() : [ExceptionAfter], "no answer", "429", "503", "answer lost"];
    private static readonly string[] Kill = ["kill -9"];
    private static readonly string[] Hang = ["hangs until its lease is over"];

    private static readonly IReadOnlyList<string> Kinds = Asked is null or "all" ? RotatedResource.Kinds : Asked.Split(',');

    /// <summary>The kinds whose instances stand still: one of each family, unless all are asked for. What differs between the kinds of a family is looked at by the other misfortunes.</summary>
    private static readonly IReadOnlyList<string> HungKinds = Asked is null ? [RotatedResource.ApiCredential, RotatedResource.StorageAccountKeys] : Kinds;

    /// <summary>Longer than the SDKs repeat a call, so that the step fails and is taken up again.</summary>
    private const int AllTries = 5;

    /// <summary>Past the hour, and a fifth, for which an account rests after three failed attempts: a vault that is left alone for a while can cost it all three. It ends as soon as all has happened.</summary>
    private const int MostRuns = 30;
    private const int HeldAtOnce = 8;
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(1);

    /// <summary>On a busy machine: a matrix of all kinds has some forty calls to be held, a few at a time.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    /// <summary>Longer than that: a fault that was over by itself would pass for one that has happened.</summary>
    private const int FaultSeconds = 3600;

    protected Task Refuse(bool toRetire) => Run(toRetire, Refusals, Misfortune, async (matrix, _) =>
    {
        var untouched = matrix.Cells.Count;
        for (var run = 0; run < MostRuns && untouched > 0; run++)
        {
            await matrix.App.Cloud.RunTimer(Timer);
            untouched = (await matrix.App.Cloud.Faults()).Count(fault => (int)fault!["hits"]! == 0);
            // A 429 makes its instance leave the whole vault or subscription alone for a while.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
        }
        await matrix.App.Cloud.ClearFaults();
        untouched.Should().Be(0, "every misfortune has happened");
        ThrownOnDemand.CountIn(matrix.App.Cloud).Should().BeGreaterThanOrEqualTo(matrix.Cells.Count(cell => cell.Misfortune is Exception or ExceptionAfter), "each was one that the app did not expect");
    });

    /// <summary>Calls are held until an instance has several in its hands, and then it dies: each of the accounts has died in the middle of its step.</summary>
    protected Task KillInstances(bool toRetire) => Run(toRetire, Kill, Hold, async (matrix, watch) =>
    {
        var kills = 0;
        for (var left = matrix.Cells.Count; left > 0; kills++)
        {
            watch.Elapsed.Should().BeLessThan(Patience, "{0} calls have not come yet", left);
            var instance = kills % 3;
            var run = TryRun(matrix.App, instance);
            left = await HoldThen("kill", matrix.App, instance, left, run);
            await run;
            // Past the leases of the dead.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
        }
        output.WriteLine($"{kills} kills");
    });

    /// <summary>
    /// Calls are held until an instance has several in its hands, and then it stands still. The next instance works while the one before still stands, past its leases; then that goes on, and finds that
    /// others have what it had.
    /// </summary>
    protected Task HangInstances(bool toRetire) => Run(toRetire, Hang, Hold, async (matrix, watch) =>
    {
        var (hung, its) = (-1, Task.CompletedTask);
        for (int left = matrix.Cells.Count, turn = 0; left > 0; turn++)
        {
            watch.Elapsed.Should().BeLessThan(Patience, "{0} calls have not come yet", left);
            var instance = turn % 3;
            var run = TryRun(matrix.App, instance);
            left = await HoldThen("stop", matrix.App, instance, left, run);
            // Past the leases of those that stand still.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
            if (hung >= 0) { await GoOn(matrix.App, hung, its); }
            (hung, its) = (instance, run);
        }
        await matrix.App.Cloud.RunTimer(Timer, (hung + 1) % 3);
        await GoOn(matrix.App, hung, its);
    });

    private static async Task GoOn(App app, int instance, Task run)
    {
        (await app.Cloud.OnInstance(instance, "continue")).EnsureSuccessStatusCode();
        await run;
    }

    private async Task Run(bool toRetire, IReadOnlyList<string> misfortunes, Func<CrashCell, int, object> fault, Func<CrashMatrix, Stopwatch, Task> suffer)
    {
        var watch = Stopwatch.StartNew();
        await using var matrix = await CrashMatrix.Start(await App.StartWithoutSchedules(["--instances", "3", .. ThrownOnDemand.Arguments]), misfortunes == Hang ? HungKinds : Kinds, toRetire ? RotationCall.ToRetire : RotationCall.ToIssue, misfortunes);
        output.WriteLine($"{matrix.Cells.Count} accounts after {watch.Elapsed.TotalSeconds:F0} s");
        await matrix.App.Cloud.Advance(RotatedAccount.Interval);
        if (toRetire)
        {
            await matrix.RunUntilAll("settle");
            await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        }
        await matrix.Threaten(fault);
        await suffer(matrix, Stopwatch.StartNew());
        if (!toRetire)
        {
            await matrix.RunUntilAll("settle");
            await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        }
        await matrix.RunUntilAll("done");
        await matrix.ShouldHaveRotatedOnce();
        output.WriteLine($"{matrix.Cells.Count} cells, {matrix.Uses} uses of the current secret, 0 refused, {watch.Elapsed.TotalSeconds:F0} s");
        foreach (var cells in matrix.Cells.GroupBy(cell => (cell.Account.Kind, cell.Misfortune))) { output.WriteLine($"{cells.Key.Kind}, {cells.Key.Misfortune}: {cells.Count()} cells"); }
    }

    private static object Misfortune(CrashCell cell, int skip)
    {
        var (service, operation, count) = (cell.Call.Service, cell.Call.AimedAt(cell.Account, cell.Misfortune), cell.Call.IsAimed ? AllTries : 1);
        // Nothing repeats a call that has thrown. Where an API credential is tried, its users' calls look the same, and may meet the first.
        var throws = cell.Call is { Name: "test", Service: "cosmos" } ? AllTries : 1;
        return cell.Misfortune switch
        {
            Exception => ThrownOnDemand.Fault(service, operation, skip, count: throws),
            ExceptionAfter => ThrownOnDemand.Fault(service, operation, skip, when: "after", throws),
            "no answer" => new { service, operation, skip, count, seconds = FaultSeconds, kind = "timeout", milliseconds = FaultSeconds },
            "429" => new { service, operation, skip, count, seconds = FaultSeconds, kind = "throttle", retryAfterMilliseconds = 20 },
            "503" => new { service, operation, skip, count, seconds = FaultSeconds, kind = "unavailable", retryAfterMilliseconds = 20 },
            _ => new { service, operation, skip, count, seconds = FaultSeconds, kind = "reset", when = "after" },
        };
    }

    private static object Hold(CrashCell cell, int skip) =>
        new { service = cell.Call.Service, operation = cell.Call.AimedAt(cell.Account, $"{cell.Account.Kind} {skip}"), skip, count = 1, seconds = FaultSeconds, kind = "timeout", milliseconds = 20_000 };

    /// <summary>Waits until enough calls are held, or no more come, and does to the instance what <paramref name="verb"/> says; returns how many are still to come.</summary>
    private static async Task<int> HoldThen(string verb, App app, int instance, int left, Task run)
    {
        Stopwatch? held = null;
        while (!run.IsCompleted)
        {
            var now = (await app.Cloud.Faults()).Count;
            if (now < left) { held ??= Stopwatch.StartNew(); }
            if (left - now >= HeldAtOnce || held?.Elapsed > HoldTime)
            {
                (await app.Cloud.OnInstance(instance, verb)).EnsureSuccessStatusCode();
                return (await app.Cloud.Faults()).Count;
            }
            await Task.Delay(30);
        }
        return (await app.Cloud.Faults()).Count;
    }

    private static async Task TryRun(App app, int instance)
    {
        try { await app.Cloud.RunTimer(Timer, instance); }
        catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException) { /* It died under it. */ }
    }
}

public sealed class RefusedIssueTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_refusal_at_any_step_of_issuing_a_key_shuts_its_users_out() => Refuse(toRetire: false);
}

public sealed class RefusedRetirementTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_refusal_at_any_step_of_retiring_a_key_shuts_its_users_out() => Refuse(toRetire: true);
}

public sealed class KilledIssueTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_death_at_any_step_of_issuing_a_key_shuts_its_users_out() => KillInstances(toRetire: false);
}

public sealed class KilledRetirementTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_death_at_any_step_of_retiring_a_key_shuts_its_users_out() => KillInstances(toRetire: true);
}

public sealed class HungIssueTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_standstill_at_any_step_of_issuing_a_key_shuts_its_users_out() => OperatingSystem.IsWindows() ? Task.CompletedTask : HangInstances(toRetire: false);
}

public sealed class HungRetirementTests(ITestOutputHelper output) : CrashMatrixTests(output)
{
    [Fact]
    public Task No_standstill_at_any_step_of_retiring_a_key_shuts_its_users_out() => OperatingSystem.IsWindows() ? Task.CompletedTask : HangInstances(toRetire: true);
}
