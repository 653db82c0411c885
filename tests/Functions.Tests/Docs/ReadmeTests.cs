using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Docs;

/// <summary>Runs the README's session: each command as it stands there, and each answer held to the one that stands below it.</summary>
public sealed partial class ReadmeTests
{
    private static readonly string Readme = File.ReadAllText(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "README.md")).ReplaceLineEndings("\n");

    [Fact]
    public async Task The_first_session_goes_as_the_README_says()
    {
        await using var app = await App.Start();
        var session = new Session(app);
        var blocks = Block().Matches(Readme).Select(block => (Language: block.Groups["language"].Value, Text: block.Groups["text"].Value)).Where(block => block.Language is "bash" or "json").ToList();
        blocks.Should().HaveCountGreaterThan(15);
        blocks.Chunk(2).Should().OnlyContain(pair => pair[0].Language == "bash" && pair[1].Language == "json", "each command has its answer");

        foreach (var pair in blocks.Chunk(2)) { await session.Run(pair[0].Text, JsonNode.Parse(pair[1].Text)!); }
    }

    [Fact]
    public void Every_setting_of_the_app_is_in_the_table()
    {
        var settings = AppSettings.Known.Select(setting => setting.Name).Concat(Schedules()).Distinct().ToList();

        settings.Should().HaveCountGreaterThan(30);
        settings.Where(name => !Row().Matches(Readme).Any(row => row.Value.Contains($"`{name}`", StringComparison.Ordinal))).Should().BeEmpty();
    }

    [Fact]
    public void Every_link_and_every_path_leads_somewhere()
    {
        var root = LocalCloud.Metadata("RepositoryRoot");
        var paths = Link().Matches(Readme).Select(match => match.Groups["path"].Value).Concat(PathInTree().Matches(Readme).Select(match => match.Groups["path"].Value)).ToList();

        paths.Should().HaveCountGreaterThan(6);
        paths.Should().OnlyContain(path => Path.Exists(Path.Combine(root, path)));
    }

    /// <summary>The settings that timers are mapped with: the host reads them.</summary>
    private static IEnumerable<string> Schedules() =>
        Directory.EnumerateFiles(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "src", "Functions"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Schedule().Matches(File.ReadAllText(file)).Select(match => match.Groups["name"].Value));

    [GeneratedRegex("\"(?<name>[A-Za-z]+Schedule)\"")]
    private static partial Regex Schedule();

    [GeneratedRegex("```(?<language>[a-z]+)\n(?<text>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    /// <summary>The names in a row of the table of settings.</summary>
    [GeneratedRegex(@"^\|[^|]*\|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"\]\((?<path>[a-z][^):]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^(?<path>(src|infra|tests|bench|docs)/[A-Za-z/]*) ", RegexOptions.Multiline)]
    private static partial Regex PathInTree();
}
