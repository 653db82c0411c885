using System.Text.RegularExpressions;

namespace Infra.Tests.Pipeline;

/// <summary>What the GitHub workflows promise about security, read from their text.</summary>
public sealed partial class WorkflowTests
{
    public static TheoryData<string> Workflows => [.. Directory.EnumerateFiles(Repository.PathOf(".github", "workflows")).Select(path => Path.GetFileName(path)!)];

    [Theory]
    [MemberData(nameof(Workflows))]
    public void Actions_are_pinned_to_a_commit(string workflow)
    {
        var used = Uses().Matches(Text(workflow)).Select(match => match.Groups[1].Value).Where(name => !name.StartsWith("./", StringComparison.Ordinal));

        used.Should().NotBeEmpty().And.OnlyContain(name => Pinned().IsMatch(name));
    }

    [Theory]
    [MemberData(nameof(Workflows))]
    public void There_are_no_secrets_and_no_rights_beyond_those_a_job_names(string workflow)
    {
        Text(workflow).Should().NotMatchRegex(@"\$\{\{[^}]*secrets|secrets:").And.Contain("\npermissions: {}\n");
    }

    [Fact]
    public void Production_is_deployed_after_dev_and_behind_its_own_environment()
    {
        Text("deploy.yml").Should().MatchRegex(@"  prod:\n(    .*\n)*    needs: dev\n");
        Text("deploy-to.yml").Should().MatchRegex(@"  deploy:\n    needs: what-if\n(    .*\n)*    environment: \$\{\{ inputs\.environment \}\}\n");
    }

    private static string Text(string workflow) => File.ReadAllText(Repository.PathOf(".github", "workflows", workflow)).ReplaceLineEndings("\n");

    [GeneratedRegex(@"uses: (\S+)")]
    private static partial Regex Uses();

    [GeneratedRegex("^[^@]+@[0-9a-f]{40}$")]
    private static partial Regex Pinned();
}
