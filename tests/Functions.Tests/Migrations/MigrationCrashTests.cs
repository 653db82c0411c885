using System.Diagnostics;
using CustomerFunctions.Tests.ServiceAccounts;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>
/// Keys and roles move together, and every call that changes something on the way goes wrong: its process dies, an exception, 429, 503, an answer that is lost after all was done. The current secret works at every
/// instant, and the account ends at the target as if nothing had happened.
/// </summary>
public sealed class MigrationCrashTests(ITestOutputHelper output)
{
    /// <summary>Longer than the SDKs repeat a call, so that the step fails and is taken up again.</summary>
    private const int AllTries = 5;

    private const int MostRuns = 10;

    /// <summary>Two of them at each call; all with <c>MIGRATION_MISFORTUNES=all</c>, which takes twice as long.</summary>
    private static readonly string[] Refusals = Environment.GetEnvironmentVariable("MIGRATION_MISFORTUNES") == "all" ? ["exception", "429", "503", "answer lost"] : ["503", "answer lost"];

    private static readonly string[] Kill = ["kill -9"];
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task No_refusal_at_any_step_keeps_an_account_from_its_target(bool toRetire) => Run(toRetire, Refusals, async matrix =>
    {
        foreach (var cell in matrix.Cells) { await matrix.App.Cloud.Fault(Refusal(cell)); }
        var untouched = matrix.Cells.Count;
        for (var run = 0; run < MostRuns && untouched > 0; run++)
        {
            // Whoever got no answer asks again, and finds what has come of it.
            if (!toRetire) { await matrix.Migrate(matrix.App.Admin); }
            await matrix.RunTimers();
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
            untouched = (await matrix.App.Cloud.Faults()).Count(fault => (int)fault!["hits"]! == 0);
        }
        await matrix.App.Cloud.ClearFaults();
        untouched.Should().Be(0, "every misfortune has happened");
    });

    /// <summary>Each account's call is held, and then the instance that has them all in its hands dies.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task No_death_at_any_step_keeps_an_account_from_its_target(bool toRetire) => Run(toRetire, Kill, async matrix =>
    {
        foreach (var cell in matrix.Cells) { await matrix.App.Cloud.Fault(Hold(cell)); }
        for (var (left, kills) = (matrix.Cells.Count, 0); left > 0; kills++)
        {
            kills.Should().BeLessThan(MostRuns, "{0} calls have not come yet", left);
            var instance = kills % 2;
            var run = toRetire ? matrix.RunTimers(instance) : Both(matrix, instance);
            left = await HoldThenKill(matrix.App, instance, left, run);
            await run;
            // Past the leases of the dead.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
        }
    });

    private async Task Run(bool toRetire, IReadOnlyList<string> misfortunes, Func<MigrationMatrix, Task> suffer)
    {
        var watch = Stopwatch.StartNew();
        await using var matrix = await MigrationMatrix.Start(toRetire ? MigrationCall.ToRetire : MigrationCall.ToSwitch, misfortunes);
        output.WriteLine($"{matrix.Cells.Count} accounts after {watch.Elapsed.TotalSeconds:F0} s");
        if (toRetire)
        {
            await matrix.Migrate(matrix.App.Admin);
            await matrix.RunUntilAll("retire");
            await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        }
        await suffer(matrix);
        if (!toRetire)
        {
            await matrix.RunUntilAll("retire");
            await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        }
        await matrix.RunUntilAll("done");
        await matrix.ShouldHaveMovedOnce();
        output.WriteLine($"{matrix.Cells.Count} cells, {matrix.Uses} uses of the current secret, 0 refused, {watch.Elapsed.TotalSeconds:F0} s");
    }

    private static async Task Both(MigrationMatrix matrix, int instance)
    {
        await matrix.Migrate(await matrix.App.AdminAt(instance));
        await matrix.RunTimers(instance);
    }

    private static object Refusal(MigrationCell cell)
    {
        var (service, operation, skip) = (cell.Call.Service, cell.Call.AimedAt(cell), cell.Call.Skip);
        return cell.Misfortune switch
        {
            "exception" => new { service, operation, skip, count = AllTries, seconds = 300, kind = "reset" },
            "429" => new { service, operation, skip, count = AllTries, seconds = 300, kind = "throttle", retryAfterMilliseconds = 20 },
            "503" => new { service, operation, skip, count = AllTries, seconds = 300, kind = "unavailable", retryAfterMilliseconds = 20 },
            _ => new { service, operation, skip, count = AllTries, seconds = 300, kind = "reset", when = "after" },
        };
    }

    private static object Hold(MigrationCell cell) =>
        new { service = cell.Call.Service, operation = cell.Call.AimedAt(cell), skip = cell.Call.Skip, count = 1, seconds = 300, kind = "timeout", milliseconds = 20_000 };

    /// <summary>Waits until no more calls come, and kills; returns how many are still to come.</summary>
    private static async Task<int> HoldThenKill(App app, int instance, int left, Task run)
    {
        var (known, quiet) = (left, Stopwatch.StartNew());
        while (!run.IsCompleted)
        {
            var now = (await app.Cloud.Faults()).Count;
            if (now < known) { (known, quiet) = (now, Stopwatch.StartNew()); }
            if (known < left && quiet.Elapsed > HoldTime)
            {
                await app.Cloud.OnInstance(instance, "kill");
                break;
            }
            await Task.Delay(30);
        }
        return (await app.Cloud.Faults()).Count;
    }
}
