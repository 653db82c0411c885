using System.Globalization;
using CustomerFunctions.LeakDesk;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.RotationExploration;

public sealed class RotationExplorationTests(ITestOutputHelper output)
{
    private static readonly string? Asked = Environment.GetEnvironmentVariable("EXPLORE_DEVIATIONS");
    private static readonly int Deviations = Asked is null ? 2 : int.Parse(Asked, CultureInfo.InvariantCulture);

    [Theory]
    [InlineData("create")]
    [InlineData("rotation")]
    [InlineData("emergency")]
    [InlineData("leak")]
    [InlineData("leak-grace")]
    [InlineData("suspend")]
    [InlineData("policy")]
    [InlineData("delete")]
    public void Of_an_API_credential(string name) => Explore(Scenario.ApiCredential, name);

    private void Explore(string kind, string name)
    {
        var exploration = new Explorer(Scenarios.Find(kind, name), Deviations);
        exploration.Run(Environment.GetEnvironmentVariable("EXPLORE_SECONDS") is { } seconds ? TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)) : null);
        output.WriteLine($"{kind} {name}: {exploration.Schedules} schedules, {exploration.Calls} calls, {exploration.Time.TotalSeconds:F1} s, {exploration.Violations} violations");
        foreach (var finding in exploration.Findings) { output.WriteLine(finding.ToString()); }
        exploration.Findings.Select(finding => finding.Promise).Should().BeEmpty();
    }
}
