using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>A schedule that breaks a promise.</summary>
internal sealed record Finding(string Scenario, string Promise, IReadOnlyList<Decision> Schedule, IReadOnlyList<string> Trace)
{
    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"EXPLORE_SCHEDULE=\"{Scenario} {string.Join(' ', Schedule)}\"");
        foreach (var line in Trace) { text.AppendLine(line); }
        return text.ToString();
    }
}

/// <summary>Runs a scenario along all schedules up to so many deviations from its baseline, those with fewest first.</summary>
/// <param name="scenario">The baseline.</param>
/// <param name="deviations">At most so many.</param>
/// <param name="hasAllArrivals">With two deviations or more, whether what is late arrives, and who stands still wakes up, before each later call, or at the latest only. With one it is before each.</param>
internal sealed class Explorer(Scenario scenario, int deviations, bool hasAllArrivals)
{
    private static readonly DateTimeOffset Epoch = new(2026, 3, 2, 10, 0, 0, TimeSpan.Zero);
    private readonly Dictionary<string, Finding> findings = [];

    public int Schedules { get; private set; }

    public long Calls { get; private set; }

    public TimeSpan Time { get; private set; }

    /// <summary>The first schedule for each promise and each way in which it breaks.</summary>
    public IReadOnlyCollection<Finding> Findings => findings.Values;

    /// <summary>Runs that ended early, where an earlier one had been.</summary>
    public int Joined { get; private set; }

    /// <summary>Whether runs end where an earlier one has been.</summary>
    public bool IsPruned { get; init; } = true;

    public int Violations { get; private set; }

    /// <summary>The promise that is expected to break: the exploration ends once it has. Null to go on to the end.</summary>
    public string? Expected { get; init; }

    public static Finding Replay(Scenario scenario, IReadOnlyList<Decision> schedule)
    {
        Finding? finding = null;
        OnItsOwnThread(() =>
        {
            using var cluster = new Cluster();
            var (state, start) = Prepare(cluster, scenario);
            finding = Traced(cluster, scenario, state, start, schedule);
        });
        return finding!;
    }

    public void Run(TimeSpan? atMost = null)
    {
        OnItsOwnThread(() =>
        {
            var watch = Stopwatch.StartNew();
            using var cluster = new Cluster();
            var (state, start) = Prepare(cluster, scenario);
            var queue = new Queue<IReadOnlyList<Decision>>([[]]);
            var seen = new Dictionary<string, int>();
            while (!HasExpected() && !(watch.Elapsed > atMost) && queue.TryDequeue(out var schedule))
            {
                var left = deviations - schedule.Count;
                var world = new World(cluster, scenario, state, start, schedule, isKnown: IsPruned ? place => IsKnown(seen, place, left) : null);
                world.Run();
                Schedules++;
                Joined += world.IsKnown ? 1 : 0;
                Calls += world.Points.Count;
                if (schedule.Count > 0 && schedule[^1] is { Deviation: Deviation.Late or Deviation.Freeze, Parameter: 0 } last && (hasAllArrivals || schedule.Count == 1))
                {
                    for (var after = 1; after <= world.ArrivedAfter; after++) { queue.Enqueue([.. schedule.SkipLast(1), last with { Parameter = after }]); }
                }
                if (world.Promises.Broken is { } broken)
                {
                    Violations++;
                    var kind = Kind(broken);
                    if (!findings.ContainsKey(kind)) { findings[kind] = Seen(Traced(cluster, scenario, state, start, schedule), broken); }
                }
                else if (schedule.Count < deviations && (hasAllArrivals || schedule.All(decision => decision is not { Deviation: Deviation.Late or Deviation.Freeze, Parameter: > 0 })))
                {
                    for (var point = schedule.Count == 0 ? 0 : schedule[^1].Point + 1; point < world.Points.Count; point++)
                    {
                        foreach (var decision in From(world.Points[point], point)) { queue.Enqueue([.. schedule, decision]); }
                    }
                }
            }
            Time = watch.Elapsed;
        });
    }

    private bool HasExpected() => Expected is not null && findings.Values.Any(finding => finding.Promise.StartsWith(Expected, StringComparison.Ordinal));

    private static bool IsKnown(Dictionary<string, int> seen, string place, int left)
    {
        if (seen.TryGetValue(place, out var known) && known >= left) { return true; }
        seen[place] = left;
        return false;
    }

    private static IEnumerable<Decision> From(ChoicePoint point, int number)
    {
        yield return new(number, Deviation.Refused, 0);
        if (point.Changes)
        {
            yield return new(number, Deviation.Lost, 0);
            yield return new(number, Deviation.Crash, 0);
            yield return new(number, Deviation.Late, 0);
            yield return new(number, Deviation.Freeze, 0);
        }
        if (point.MayTurnRotation) { yield return new(number, Deviation.Turn, 0); }
        if (point.MayTurnSettling) { yield return new(number, Deviation.Turn, 1); }
        if (point.MayAct) { yield return new(number, Deviation.Act, 0); }
        for (var other = 0; other < point.Others; other++) { yield return new(number, Deviation.Switch, other); }
    }

    /// <summary>The state and the time at which a scenario begins: with an account whose first rotation is over.</summary>
    private static (CloudState State, DateTimeOffset Start) Prepare(Cluster cluster, Scenario scenario)
    {
        var empty = scenario.Empty(Epoch);
        if (!scenario.HasAccount) { return (empty, Epoch); }
        var creation = new Scenario(scenario.Name, scenario.Kind) { Actions = [Scenario.Create(scenario.Kind)], IsDue = false, HasAccount = false };
        var made = new World(cluster, creation, empty, Epoch, [], isTraced: true);
        made.Run();
        if (made.Promises.Broken is not null || made.State.Account?.Current is null) { throw new InvalidOperationException(string.Join(Environment.NewLine, made.Trace)); }
        var start = scenario.IsDue ? made.State.Account.NextRotationAt!.Value : Epoch + TimeSpan.FromDays(1);
        return (made.State, new DateTimeOffset((start.Ticks / TimeSpan.TicksPerMinute * TimeSpan.TicksPerMinute) + TimeSpan.TicksPerMinute, TimeSpan.Zero));
    }

    private static Finding Traced(Cluster cluster, Scenario scenario, CloudState state, DateTimeOffset start, IReadOnlyList<Decision> schedule)
    {
        var world = new World(cluster, scenario, state, start, schedule, isTraced: true);
        world.Run();
        return new Finding(scenario.Name, world.Promises.Broken ?? "", schedule, world.Trace);
    }

    /// <summary>What cannot be replayed is a fault of the exploration, and is not passed over.</summary>
    private static Finding Seen(Finding replayed, string broken) => replayed.Promise.Length > 0 ? replayed : replayed with { Promise = "not seen again: " + broken };

    /// <summary>Without names and numbers.</summary>
    private static string Kind(string broken) => new([.. broken.TakeWhile(letter => letter != '\n').Where(letter => !char.IsAsciiDigit(letter))]);

    /// <summary>Without the synchronisation context of the test runner, which would take continuations to other threads.</summary>
    private static void OnItsOwnThread(Action what)
    {
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try { what(); }
            catch (Exception e) { failure = e; }
        }, 16 * 1024 * 1024);
        thread.Start();
        thread.Join();
        if (failure is not null) { throw new InvalidOperationException("The exploration itself failed.", failure); }
    }
}
