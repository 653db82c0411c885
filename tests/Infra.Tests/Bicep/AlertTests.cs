using System.Text.RegularExpressions;

namespace Infra.Tests.Bicep;

/// <summary>Alerts and the workbook ask for log lines and functions by name; these must be there, or nobody is ever told.</summary>
public sealed partial class AlertTests
{
    private static readonly string Questions = BicepSource.Files["modules/alerts.bicep"] + File.ReadAllText(Path.Combine(BicepSource.Folder, "workbook.json"));

    [Fact]
    public void Every_event_that_is_asked_for_is_logged_by_the_class_that_is_named()
    {
        var source = Directory.EnumerateFiles(Repository.PathOf("src", "Functions"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => LoggedEvent().Matches(File.ReadAllText(file)).Select(match => (Class: Path.GetFileNameWithoutExtension(file), Event: match.Groups[1].Value))).ToList();

        foreach (var asked in AskedEvent().Matches(Questions).Select(match => (Class: match.Groups[1].Value, Event: match.Groups[2].Value)).Distinct())
        {
            source.Should().Contain(logged => logged.Event == asked.Event && (asked.Class.Length == 0 || logged.Class == asked.Class), because: "{0}[{1}] is asked for", asked.Class, asked.Event);
        }
    }

    [Fact]
    public void Every_function_that_is_named_is_one()
    {
        var functions = Repository.BuiltApp.Functions.Select(function => function.Name).ToList();
        var named = NamedFunctions().Matches(Questions).SelectMany(match => Word().Matches(match.Value)).Select(match => match.Groups[1].Value).Distinct().ToList();

        named.Should().Contain("RotateServiceAccountKeys").And.BeSubsetOf(functions);
    }

    [Fact]
    public void Requests_are_counted_by_what_each_row_stands_for()
    {
        var questions = RequestQuestion().Matches(Questions).Select(match => match.Groups["question"].Value).ToList();

        questions.Should().HaveCountGreaterThan(8);
        questions.Where(question => !question.EndsWith("| count | where Count == 0", StringComparison.Ordinal)).Should().OnlyContain(question => question.Contains("sum(ItemCount)", StringComparison.Ordinal) && !question.Contains("count()", StringComparison.Ordinal) && !question.Contains("countif(", StringComparison.Ordinal));
    }

    [Fact]
    public void The_workbook_lists_every_timer()
    {
        var runs = NamedFunctions().Matches(Questions).Select(match => Word().Matches(match.Value).Select(word => word.Groups[1].Value).ToList()).MaxBy(names => names.Count)!;

        runs.Should().BeEquivalentTo(Repository.BuiltApp.Functions.Where(function => !function.IsHttp).Select(function => function.Name));
    }

    [Fact]
    public void The_runbook_says_of_every_alert_what_to_do()
    {
        var alerts = AlertName().Matches(BicepSource.Files["modules/alerts.bicep"]).Select(match => match.Groups[1].Value).ToList();
        var runbook = Row().Matches(File.ReadAllText(Repository.PathOf("docs", "operations.md"))).SelectMany(match => Quoted().Matches(match.Groups[1].Value)).Select(match => match.Groups[1].Value);

        alerts.Should().HaveCount(13).And.BeSubsetOf(runbook);
    }

    [GeneratedRegex(@"name: '([a-z]+-[a-z]+(?:-[a-z]+)?)'")]
    private static partial Regex AlertName();

    [GeneratedRegex(@"^\| (`[a-z`, -]+`) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("`([a-z-]+)`")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"'(?<question>AppRequests [^'\n]+)'|""query"": ""(?<question>AppRequests (?:[^""\\]|\\.)+)""")]
    private static partial Regex RequestQuestion();

    [GeneratedRegex(@"LoggerMessage\((\d+)")]
    private static partial Regex LoggedEvent();

    [GeneratedRegex(@"(\w*)\[(\d{4})\]")]
    private static partial Regex AskedEvent();

    [GeneratedRegex(@"Name (?:==|in|!in) \(?(?:\\?""\w+\\?""(?:, )?)+\)?")]
    private static partial Regex NamedFunctions();

    [GeneratedRegex(@"\\?""(\w+)\\?""")]
    private static partial Regex Word();
}
