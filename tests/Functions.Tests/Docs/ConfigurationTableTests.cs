using System.Text;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Docs;

/// <summary>The table in docs/configuration.md is the code's: names, expected values and defaults as they are read, meanings as they are documented. UPDATE_DOCS=1 writes it anew.</summary>
public sealed partial class ConfigurationTableTests
{
    private const string Begin = "<!-- The table is written from the code: UPDATE_DOCS=1 dotnet test tests/Functions.Tests --filter ConfigurationTableTests -->\n";
    private const string End = "<!-- End of the table. -->\n";
    private static readonly string Root = LocalCloud.Metadata("RepositoryRoot");
    private static readonly string[] Sources =
    [
        Path.Combine(Root, "src", "Functions", "AppSettings.cs"),
        Path.Combine(Root, "src", "Functions", "Roles", "RoleSettings.cs"),
        Path.Combine(Root, "src", "Functions", "SignIn", "PasskeySite.cs"),
        Path.Combine(Root, "src", "Shared", "Azure", "AzureSettings.cs"),
    ];

    private static readonly string Page = Path.Combine(Root, "docs", "configuration.md");

    [Fact]
    public void The_table_in_the_docs_is_the_codes()
    {
        var text = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") { File.WriteAllText(Page, text[..begin] + table + text[end..]); return; }
        text[begin..end].Should().Be(table, "UPDATE_DOCS=1 writes it anew");
    }

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
