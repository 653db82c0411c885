using System.Globalization;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>
/// The rotation core along all schedules up to some deviations from a baseline; docs/rotation.md says what is explored, and how to replay a schedule that breaks a promise.
/// With <c>EXPLORE_DEVIATIONS=2</c> or <c>3</c> all scenarios have so many, and late requests arrive at every point; with <c>EXPLORE_SCHEDULE</c> one schedule is replayed, and nothing else is done.
/// </summary>
public abstract class RotationExplorationTests(ITestOutputHelper output)
{
    private static readonly string? Deviations = Environment.GetEnvironmentVariable("EXPLORE_DEVIATIONS");
    private static readonly string? Schedule = Environment.GetEnvironmentVariable("EXPLORE_SCHEDULE");

    /// <summary>The scenarios of a family by name; the one that is to be replayed, if one is.</summary>
    internal static TheoryData<string> ScenariosOf(string kind)
    {
        var data = new TheoryData<string>();
        foreach (var scenario in Scenarios.For(kind).Where(scenario => Schedule is null || Schedule.StartsWith(scenario.Name, StringComparison.Ordinal))) { data.Add(scenario.Name); }
        return data;
    }

    internal void Explore(string name)
    {
        if (Schedule is not null)
        {
            var (replayed, schedule) = Scenarios.Parse(Schedule);
            if (replayed.Name == name) { Report([Explorer.Replay(replayed, schedule)]); }
            return;
        }
        var (scenario, _) = Scenarios.Parse(name);
        var deviations = Deviations is null ? scenario.SuiteDeviations : int.Parse(Deviations, CultureInfo.InvariantCulture);
        var explorer = Explore(scenario, deviations, Deviations is not null);
        Report(explorer.Findings);
    }

    internal Explorer Explore(Scenario scenario, int deviations, bool hasAllArrivals, string? expected = null)
    {
        var explorer = new Explorer(scenario, deviations, hasAllArrivals) { Expected = expected };
        explorer.Run();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{scenario.Name}, {deviations} deviations: {explorer.Schedules} schedules, {explorer.Calls} calls, {explorer.Time.TotalSeconds:F1} s"));
        return explorer;
    }

    private void Report(IReadOnlyCollection<Finding> findings)
    {
        foreach (var finding in findings) { output.WriteLine(finding.ToString()); }
        findings.Where(finding => finding.Promise.Length > 0).Select(finding => $"{finding.Promise}: {finding.Scenario} {string.Join(' ', finding.Schedule)}").Should().BeEmpty();
    }
}

public sealed class ApiCredentialExplorationTests(ITestOutputHelper output) : RotationExplorationTests(output)
{
    public static TheoryData<string> Names => ScenariosOf(Scenario.ApiCredential);

    [Theory]
    [MemberData(nameof(Names))]
    public void No_schedule_breaks_a_promise(string scenario) => Explore(scenario);

    /// <summary>
    /// A report of a leak that takes over a live claim was a fault of this product: the holder of the claim puts the
    /// leaked key back. It takes no misfortune to show it, only another order of calls.
    /// </summary>
    [Fact]
    public void A_fault_that_only_an_interleaving_shows_is_found()
    {
        var explorer = Explore(Scenarios.WithFault, 2, hasAllArrivals: false, expected: "[leaked is gone]");
        explorer.Findings.Select(finding => finding.Promise).Should().Contain(promise => promise.StartsWith("[leaked is gone]", StringComparison.Ordinal));
    }
}

public sealed class EntraApplicationExplorationTests(ITestOutputHelper output) : RotationExplorationTests(output)
{
    public static TheoryData<string> Names => ScenariosOf(Scenario.EntraApplication);

    [Theory]
    [MemberData(nameof(Names))]
    public void No_schedule_breaks_a_promise(string scenario) => Explore(scenario);
}

public sealed class StorageKeysExplorationTests(ITestOutputHelper output) : RotationExplorationTests(output)
{
    public static TheoryData<string> Names => ScenariosOf(Scenario.StorageKeys);

    [Theory]
    [MemberData(nameof(Names))]
    public void No_schedule_breaks_a_promise(string scenario) => Explore(scenario);
}
