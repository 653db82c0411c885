using System.Text.RegularExpressions;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.Docs;

public sealed class ScannerRuleTests
{
    private static readonly Regex Rule = new(
        Regex.Match(File.ReadAllText(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "docs", "leaked-keys", "gitleaks.toml")), "regex = '''(.+)'''").Groups[1].Value, RegexOptions.None, TimeSpan.FromSeconds(1));

    [Fact]
    public void The_rule_for_customers_CI_finds_every_key_wherever_it_stands()
    {
        foreach (var environment in new[] { "live", "local", "a", "abcdef012345" })
        {
            for (var i = 0; i < 100; i++)
            {
                var key = ApiKeyText.Create(environment, Ids.NewUlid(TimeProvider.System)).Reveal();
                foreach (var text in new[] { key, $"KEY={key}", $"\"{key}\",", $"Bearer {key}\n" }) { Rule.Match(text).Value.Should().Be(key); }
            }
        }
    }

    [Theory]
    [InlineData("cf_live")]
    [InlineData("cf_live_01M7Y40N37J6FNPYS4GAQYTKN5_short")]
    [InlineData("key_01M7Y40N37J6FNPYS4GAQYTKN5")]
    public void And_nothing_that_only_begins_like_one(string text) => Rule.IsMatch(text).Should().BeFalse();
}
