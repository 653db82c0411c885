using System.Diagnostics;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// Every kind of credential, at every step of issuing and of retiring, meets every misfortune: its process dies, an exception that nobody expects, no answer until nobody waits any more, 429, 503, an
/// answer that is lost after all was done, and an instance that stands still until its lease is over. The current secret works at every instant, and the rotation ends as if nothing had happened.
/// With <c>CRASH_MATRIX=all</c> instances stand still and calls have no answer with all kinds, exceptions come after a call was carried out too, and misfortunes meet the calls around a rotation and of one that is taken up again; with the names of kinds, parted by commas, all that happens to those and nothing to others.
/// </summary>
public abstract class CrashMatrixTests(ITestOutputHelper output)
{
    private const string Timer = "RotateServiceAccountKeys";
    private const string Exception = "exception";
    private const string ExceptionAfter = "exception after it was done";
    private const string NoAnswer = "no answer";
    private static readonly string? Asked = Environment.GetEnvironmentVariable("CRASH_MATRIX");
    private static readonly string[] Kill = ["kill -9"];
    private static readonly string[] Hang = ["hangs until its lease is over"];

    private static readonly IReadOnlyList<string> Kinds = Asked is null or "all" ? RotatedResource.Kinds : Asked.Split(',');

    /// <summary>The kinds that meet what takes long: no answer, and standing still. One of each family, unless all are asked for. What differs between the kinds of a family is looked at by the other misfortunes.</summary>
    private static readonly IReadOnlyList<string> PatientKinds = Asked is null ? [RotatedResource.ApiCredential, RotatedResource.StorageAccountKeys] : Kinds;

    /// <summary>Longer than the SDKs repeat a call, so that the step fails and is taken up again.</summary>
    private const int AllTries = 5;

    /// <summary>
    /// Rounds of three minutes in which nothing happens: past the hour, and a fifth, for which an account rests after three failed attempts. A vault that is left alone for
    /// a while can cost it all three.
    /// </summary>
    private const int MostIdle = 30;
    private const int HeldAtOnce = 8;
    private static readonly TimeSpan HoldTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(30);

    /// <summary>A call is held until its caller goes away. Of Cosmos DB it is the gateway that gives up, and says so (408): its SDK would wait for more than a minute.</summary>
    private const int LongerThanAnybodyWaits = 60_000;
    private const int GatewayGivesUp = 4_500;

    /// <summary>Longer than any run: a fault that was over by itself would pass for one that has happened.</summary>
    private const int FaultSeconds = 3600;

    protected Task Refuse(bool toRetire) => Run(toRetire, RefusalsOf, Misfortune, async (matrix, watch) =>
    {
        IReadOnlyList<CrashCell> untouched = matrix.Cells;
        var progress = new Progress(MostIdle);
        for (var run = 0; untouched.Count > 0; run++)
        {
            progress.Left(untouched.Count, string.Join("; ", untouched));
            var timer = matrix.App.Cloud.RunTimer(Timer);
            while (!timer.IsCompleted)
            {
                await matrix.Ahead();
                await Task.WhenAny(timer, Task.Delay(10 * Look));
            }
            await timer;
            output.WriteLine($"run {run}: {watch.Elapsed.TotalSeconds:F0} s, {untouched.Count} untouched");
            untouched = await matrix.Untouched();
            // A 429 makes its instance leave the whole vault or subscription alone for a while.
            await matrix.App.Cloud.Advance(TimeSpan.FromMinutes(3));
        }
        await matrix.App.Cloud.ClearFaults();
        await matrix.Ahead();
        matrix.ShouldHaveFailedAtTheirSteps(Reason);
    });

    /// <summary>Calls are held until an instance has several in its hands, and then it dies: each of the accounts has died in the middle of its step.</summary>
    protected Task KillInstances(bool toRetire) => Run(toRetire, _ => Kill, Hold, async (matrix, _) =>
    {
        var (kills, progress) = (0, new Progress(MostIdle));
        for (var left = matrix.Cells; left.Count > 0; kills++)
        {
            progress.Left(left.Count, string.Join("; ", left));
            var instance = kills % 3;
            await matrix.App.Cloud.UntilUp(instance);
            var run = TryRun(matrix.App, instance);
            left = await HoldThen("kill", matrix, instance, left, run);
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
    protected Task HangInstances(bool toRetire) => Run(toRetire, kind => PatientKinds.Contains(kind) ? Hang : [], Hold, async (matrix, _) =>
    {
        var (hung, its, left) = (-1, Task.CompletedTask, matrix.Cells);
        var progress = new Progress(MostIdle);
        for (var turn = 0; left.Count > 0; turn++)
        {
            progress.Left(left.Count, string.Join("; ", left));
            var instance = turn % 3;
            var run = TryRun(matrix.App, instance);
            left = await HoldThen("stop", matrix, instance, left, run);
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

    private static IReadOnlyList<string> RefusalsOf(string kind) =>
        [Exception, .. (string[])(Asked is null ? [] : [ExceptionAfter]), .. (string[])(PatientKinds.Contains(kind) ? [NoAnswer] : []), "429", "503", "answer lost"];

    private async Task Run(bool toRetire, Func<string, IReadOnlyList<string>> misfortunes, Func<CrashCell, object> fault, Func<CrashMatrix, Stopwatch, Task> suffer)
    {
        var watch = Stopwatch.StartNew();
        await using var matrix = await CrashMatrix.Start(await App.StartWithoutSchedules(["--instances", "3", .. ThrownOnDemand.Arguments]), Kinds, kind => Calls(kind, toRetire), misfortunes);
        output.WriteLine($"{matrix.Cells.Count} accounts after {watch.Elapsed.TotalSeconds:F0} s");
        await matrix.App.Cloud.Advance(RotatedAccount.Interval);
        // So long ago did nobody read that anybody would use still what was read.
        await matrix.UsedAgain();
        var since = await matrix.App.Cloud.Now();
        if (toRetire) { await Settle(); }
        await matrix.Threaten(matrix.Cells, fault);
        await suffer(matrix, Stopwatch.StartNew());
        if (!toRetire) { await Settle(); }
        await matrix.RunUntilAll("done");
        await matrix.ShouldHaveRotatedOnce();
        output.WriteLine($"{matrix.Cells.Count} cells, {matrix.Uses} uses of the current secret or one that was read within an overlap ({matrix.UsesOfKept}), 0 refused, {watch.Elapsed.TotalSeconds:F0} s");
        foreach (var cells in matrix.Cells.GroupBy(cell => (cell.Account.Kind, cell.Misfortune))) { output.WriteLine($"{cells.Key.Kind}, {cells.Key.Misfortune}: {cells.Count()} cells"); }

        async Task Settle()
        {
            await matrix.RunUntilAll("settle");
            var kept = await matrix.KeepOn(since);
            output.WriteLine($"{kept} of {matrix.Cells.Count} accounts used for nearly an overlap with the secret from before");
            // Where things went wrong some rotated so late that their users have had to read again.
            if (toRetire) { kept.Should().Be(matrix.Cells.Count); }
            await matrix.App.Cloud.Advance(RotatedAccount.Overlap);
        }
    }

    /// <summary>Those around the rotation itself only when they are asked for.</summary>
    private static IEnumerable<RotationCall> Calls(string kind, bool toRetire) => toRetire
        ? [.. RotationCall.ToRetire(kind), .. Asked is null ? [] : RotationCall.AroundRetirement()]
        : [.. RotationCall.ToIssue(kind), .. Asked is null ? [] : RotationCall.AroundIssue(kind)];

    private static object Misfortune(CrashCell cell)
    {
        var (service, (operation, body)) = (cell.Call.Service, cell.Call.AimedAt(cell.Account));
        return cell.Misfortune switch
        {
            // Nothing repeats a call that has thrown.
            Exception => ThrownOnDemand.Fault(service, operation, body),
            ExceptionAfter => ThrownOnDemand.Fault(service, operation, body, when: "after"),
            NoAnswer => new { service, operation, body, count = AllTries, seconds = FaultSeconds, kind = "timeout", milliseconds = service == "cosmos" ? GatewayGivesUp : LongerThanAnybodyWaits },
            "429" => new { service, operation, body, count = AllTries, seconds = FaultSeconds, kind = "throttle", retryAfterMilliseconds = 20 },
            "503" => new { service, operation, body, count = AllTries, seconds = FaultSeconds, kind = "unavailable", retryAfterMilliseconds = 20 },
            _ => new { service, operation, body, count = AllTries, seconds = FaultSeconds, kind = "reset", when = "after" },
        };
    }

    /// <summary>What the app says of it.</summary>
    private static string Reason(CrashCell cell) => cell switch
    {
        { Misfortune: Exception or ExceptionAfter } => nameof(ThrownOnDemandException),
        // Of a claim only the exception's name is told.
        { Call.Step: null } => "",
        { Misfortune: NoAnswer, Call.Service: "cosmos" } => "Cosmos DB answered 408[.]",
        { Misfortune: NoAnswer } => "There was no answer in time[.]",
        // Storage throttles with 503.
        { Misfortune: "429" } => $"{Answering(cell.Call)} answered (429|503)",
        { Misfortune: "503" } => $"{Answering(cell.Call)} answered 503",
        _ => $"{Answering(cell.Call)} did not answer",
    };

    private static string Answering(RotationCall call) => call.Service switch
    {
        "cosmos" => "Cosmos DB",
        "keyVault" => "Key Vault",
        "resourceManager" => "Azure Resource Manager",
        "graph" when call.Name != "test" => "Microsoft Graph",
        _ => "The resource",
    };

    private static object Hold(CrashCell cell)
    {
        var (operation, body) = cell.Call.AimedAt(cell.Account);
        return new { service = cell.Call.Service, operation, body, count = 1, seconds = FaultSeconds, kind = "timeout", milliseconds = 20_000 };
    }

    /// <summary>Waits until enough calls are held, or no more come, and does to the instance what <paramref name="verb"/> says; returns whose are still to come.</summary>
    private async Task<IReadOnlyList<CrashCell>> HoldThen(string verb, CrashMatrix matrix, int instance, IReadOnlyList<CrashCell> left, Task run)
    {
        Stopwatch? held = null;
        while (!run.IsCompleted)
        {
            var now = (await matrix.Ahead()).Count;
            if (now < left.Count) { held ??= Stopwatch.StartNew(); }
            if (left.Count - now >= HeldAtOnce || held?.Elapsed > HoldTime)
            {
                (await matrix.App.Cloud.OnInstance(instance, verb)).EnsureSuccessStatusCode();
                break;
            }
            await Task.Delay(Look);
        }
        var ahead = await matrix.Ahead();
        var elsewhere = await matrix.ElsewhereOf(left.Except(ahead));
        // An instance that goes on after it has stood still makes calls whose claim is over.
        if (verb == "kill") { elsewhere.Should().BeEmpty("each account dies at its own step"); }
        foreach (var cell in elsewhere) { output.WriteLine($"{cell}, at a call of an instance that had stood still before"); }
        return ahead;
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
