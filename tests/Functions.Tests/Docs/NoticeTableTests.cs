using System.Text;
using System.Text.Json;
using CustomerFunctions.Notifications;

namespace CustomerFunctions.Tests.Docs;

/// <summary>The table in docs/notifications.md is the code's; UPDATE_DOCS=1 writes it anew.</summary>
public sealed class NoticeTableTests
{
    private const string Begin = "<!-- The table is written from the code: UPDATE_DOCS=1 dotnet test tests/Functions.Tests --filter NoticeTableTests -->\n";
    private const string End = "<!-- End of the table. -->\n";
    private static readonly string Page = Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "docs", "notifications.md");

    [Fact]
    public void The_table_in_the_docs_is_the_codes()
    {
        var text = File.ReadAllText(Page).ReplaceLineEndings("\n");
        var (begin, end) = (text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length, text.IndexOf(End, StringComparison.Ordinal));
        var table = Table();
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") { File.WriteAllText(Page, text[..begin] + table + text[end..]); return; }
        text[begin..end].Should().Be(table, "UPDATE_DOCS=1 writes it anew");
    }

    private static string Table()
    {
        var table = new StringBuilder("| type | level | what people read |\n|---|---|---|\n");
        foreach (var notice in Notices.Types.Select(type => Notices.Find(type)!))
        {
            table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{notice.Type}` | {JsonNamingPolicy.CamelCase.ConvertName(notice.Level.ToString())} | {notice.Title} |\n");
        }
        return table.ToString();
    }
}
