using System.Diagnostics;
using CustomerFunctions.Tests.ServiceAccounts;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>
/// Keys and roles move together, and every call that changes something on the way goes wrong: its process dies, an exception that nobody expects, 429, 503, an answer that is lost after all was done, and an
/// instance that stands still until its lease is over. The current secret works at every instant, and the account ends at the target as if nothing had happened. <c>MIGRATION_MISFORTUNES=all</c> has every
/// misfortune at every call; without it exceptions, 429 and 503 take turns, and instances stand still at some calls.
/// </summary>
public sealed class MigrationCrashTests(ITestOutputHelper output)
{
    /// <summary>Longer than the SDKs repeat a call, so that the step fails and is taken up again.</summary>
    private const int AllTries = 5;

    /// <summary>Rounds of three minutes in which nothing happens: past the hour, and a fifth, for which a migration rests after three failed attempts.</summary>
    private const int MostIdle = 30;

    private const string Exception = "exception";
    private static readonly bool IsAll = Environment.GetEnvironmentVariable("MIGRATION_MISFORTUNES") == "all";
    private static readonly string[] Refusals = [Exception, "429", "503"];
    private static readonly string[] StoodAt = ["give a role", "read the target's key", "publish", "save switched", "end the old key", "take a role"];
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(1);

    /// <summary>Longer than any run: a fault that was over by itself would pass for one that has happened.</summary>
    private const int FaultSeconds = 3600;

    [Fact]
    public Task No_refusal_at_any_step_keeps_an_account_from_its_target() => Run(
        (_, at) => [.. IsAll ? Refusals : [Refusals[at % Refusals.Length]], "answer lost"],
        Refusal,
        async (matrix, toRetire, cells) =>
        {
            var progress = new Progress(MostIdle);
            for (var untouched = cells; untouched > 0;)
            {
                progress.Left(untouched, "misfortunes");
                // Whoever got no answer asks again, and finds what has come of it.
                if (!toRetire) { await matrix.Migrate(matrix.App.Admin); }
                await matrix.RunTimers();
                await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
                untouched = (await matrix.App.Cloud.Faults()).Count(fault => (int)fault!["hits"]! == 0);
            }
            await matrix.App.Cloud.ClearFaults();
            ThrownOnDemand.CountIn(matrix.App.Cloud).Should().BeGreaterThanOrEqualTo(matrix.Cells.Count(cell => cell.Misfortune == Exception && (toRetire || !cell.Call.IsToRetire)), "each was one that the app did not expect");
        });

    /// <summary>Each account's call is held, and then the instance that has them all in its hands dies.</summary>
    [Fact]
    public Task No_death_at_any_step_keeps_an_account_from_its_target() => Run((_, _) => ["kill -9"], Hold, async (matrix, toRetire, cells) =>
    {
        var progress = new Progress(MostIdle);
        for (var (left, kills) = (cells, 0); left > 0; kills++)
        {
            progress.Left(left, "calls");
            var instance = kills % 2;
            await matrix.App.Cloud.UntilUp(instance);
            var run = Both(matrix, toRetire, instance);
            left = await HoldThen("kill", matrix.App, instance, left, run);
            await run;
            // Past the leases of the dead.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
        }
    });

    /// <summary>The instance that has the calls in its hands stands still; the other goes on past its leases, and then it wakes up.</summary>
    [Fact]
    public Task No_standstill_at_any_step_keeps_an_account_from_its_target() => OperatingSystem.IsWindows() ? Task.CompletedTask : Run(
        (call, _) => IsAll || StoodAt.Contains(call.Name) ? ["hangs until its lease is over"] : [], Hold, async (matrix, toRetire, cells) =>
    {
        var progress = new Progress(MostIdle);
        var (hung, its) = (-1, Task.CompletedTask);
        for (var (left, turn) = (cells, 0); left > 0; turn++)
        {
            progress.Left(left, "calls");
            var instance = turn % 2;
            var run = Both(matrix, toRetire, instance);
            left = await HoldThen("stop", matrix.App, instance, left, run);
            // Past the leases of those that stand still.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
            if (hung >= 0) { await GoOn(hung, its); }
            (hung, its) = (instance, run);
        }
        await Both(matrix, toRetire, (hung + 1) % 2);
        await GoOn(hung, its);

        async Task GoOn(int instance, Task run)
        {
            (await matrix.App.Cloud.OnInstance(instance, "continue")).EnsureSuccessStatusCode();
            await run;
        }
    });

    /// <param name="misfortunes">What happens at a call, and at the how many-th that is.</param>
    /// <param name="fault">The fault of a cell.</param>
    /// <param name="suffer">Has the cells' faults happen, before the switch or after the overlap; how many they are.</param>
    private async Task Run(Func<MigrationCall, int, IReadOnlyList<string>> misfortunes, Func<MigrationCell, object> fault, Func<MigrationMatrix, bool, int, Task> suffer)
    {
        var watch = Stopwatch.StartNew();
        await using var matrix = await MigrationMatrix.Start([.. MigrationCall.All.SelectMany((call, at) => misfortunes(call, at).Select(misfortune => (call, misfortune)))]);
        output.WriteLine($"{matrix.Cells.Count} accounts after {watch.Elapsed.TotalSeconds:F0} s");
        await Suffer(toRetire: false);
        await matrix.RunUntilAll("retire");
        await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        await Suffer(toRetire: true);
        await matrix.RunUntilAll("done");
        await matrix.ShouldHaveMovedOnce();
        output.WriteLine($"{matrix.Cells.Count} cells, {matrix.Uses} uses of the current secret, 0 refused, {watch.Elapsed.TotalSeconds:F0} s");
        foreach (var cells in matrix.Cells.GroupBy(cell => (cell.Call.IsToRetire, cell.Misfortune))) { output.WriteLine($"{(cells.Key.IsToRetire ? "after" : "before")} the switch, {cells.Key.Misfortune}: {cells.Count()} cells"); }

        async Task Suffer(bool toRetire)
        {
            var cells = matrix.Cells.Where(cell => cell.Call.IsToRetire == toRetire).ToList();
            foreach (var cell in cells) { await matrix.App.Cloud.Fault(fault(cell)); }
            await suffer(matrix, toRetire, cells.Count);
        }
    }

    private static async Task Both(MigrationMatrix matrix, bool toRetire, int instance)
    {
        if (!toRetire) { await matrix.Migrate(await matrix.App.AdminAt(instance)); }
        await matrix.RunTimers(instance);
    }

    private static object Refusal(MigrationCell cell)
    {
        var (service, operation, skip) = (cell.Call.Service, cell.Call.AimedAt(cell), cell.Call.Skip);
        return cell.Misfortune switch
        {
            Exception => ThrownOnDemand.Fault(service, operation, skip: skip),
            "429" => new { service, operation, skip, count = AllTries, seconds = FaultSeconds, kind = "throttle", retryAfterMilliseconds = 20 },
            "503" => new { service, operation, skip, count = AllTries, seconds = FaultSeconds, kind = "unavailable", retryAfterMilliseconds = 20 },
            _ => new { service, operation, skip, count = AllTries, seconds = FaultSeconds, kind = "reset", when = "after" },
        };
    }

    private static object Hold(MigrationCell cell) =>
        new { service = cell.Call.Service, operation = cell.Call.AimedAt(cell), skip = cell.Call.Skip, count = 1, seconds = FaultSeconds, kind = "timeout", milliseconds = 20_000 };

    /// <summary>Waits until no more calls come, and does to the instance what <paramref name="verb"/> says; returns how many are still to come.</summary>
    private static async Task<int> HoldThen(string verb, App app, int instance, int left, Task run)
    {
        var (known, quiet) = (left, Stopwatch.StartNew());
        while (!run.IsCompleted)
        {
            var now = (await app.Cloud.Faults()).Count;
            if (now < known) { (known, quiet) = (now, Stopwatch.StartNew()); }
            if (known < left && quiet.Elapsed > HoldTime)
            {
                (await app.Cloud.OnInstance(instance, verb)).EnsureSuccessStatusCode();
                break;
            }
            await Task.Delay(30);
        }
        return (await app.Cloud.Faults()).Count;
    }
}
