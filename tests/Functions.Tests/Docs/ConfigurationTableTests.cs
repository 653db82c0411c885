using System.Text;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Docs;

/// <summary>The table in docs/configuration.md is the code's: names, expected values and defaults as they are read, meanings as they are documented. UPDATE_DOCS=1 writes it anew.</summary>
public sealed partial class ConfigurationTableTests
{
    private static readonly string Root = LocalCloud.Metadata("RepositoryRoot");
    private static readonly string[] Sources =
    [
        Path.Combine(Root, "src", "Functions", "AppSettings.cs"),
        Path.Combine(Root, "src", "Functions", "Roles", "RoleSettings.cs"),
        Path.Combine(Root, "src", "Functions", "SignIn", "PasskeySite.cs"),
        Path.Combine(Root, "src", "Shared", "Azure", "AzureSettings.cs"),
    ];

    [Fact]
    public void The_table_in_the_docs_is_the_codes() => WrittenTable.ShouldStandIn("configuration.md", nameof(ConfigurationTableTests), Table());

    [Fact]
    public void Every_setting_says_in_the_code_what_it_means()
    {
        Meanings().Keys.Should().BeEquivalentTo(AppSettings.Known.Select(setting => setting.Name));
    }

    private static string Table()
    {
        var meanings = Meanings();
        var table = new StringBuilder("| setting | what it is | must be | without it |\n|---|---|---|---|\n");
        foreach (var setting in AppSettings.Known)
        {
            var without = setting.Default switch { null => "**the app does not start**", "" => "nothing", var value => $"`{value}`" };
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{setting.Name}` | {meanings[setting.Name]} | {setting.Expected} | {without} |\n");
        }
        return table.ToString();
    }

    /// <summary>What the docstrings say: one or more names, a colon, the meaning.</summary>
    private static Dictionary<string, string> Meanings()
    {
        return Sources.SelectMany(source => Docstring().Matches(File.ReadAllText(source).ReplaceLineEndings("\n")))
            .SelectMany(match => Name().Matches(match.Groups["names"].Value).Select(name => (Name: name.Groups[1].Value, Meaning: Code().Replace(match.Groups["meaning"].Value, "`$1`").TrimEnd('.'))))
            .ToDictionary(setting => setting.Name, setting => setting.Meaning);
    }

    [GeneratedRegex("""/// <(?:summary|param name="\w+")>(?<names><c>\w+</c>(?: and <c>\w+</c>)*): (?<meaning>.*)</(?:summary|param)>""")]
    private static partial Regex Docstring();

    [GeneratedRegex(@"<c>(\w+)</c>")]
    private static partial Regex Name();

    [GeneratedRegex("<c>([^<]+)</c>")]
    private static partial Regex Code();
}
