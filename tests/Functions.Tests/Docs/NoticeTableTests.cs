using System.Text;
using System.Text.Json;
using CustomerFunctions.Notifications;

namespace CustomerFunctions.Tests.Docs;

/// <summary>The table in docs/notifications.md is the code's; UPDATE_DOCS=1 writes it anew.</summary>
public sealed class NoticeTableTests
{
    [Fact]
    public void The_table_in_the_docs_is_the_codes() => WrittenTable.ShouldStandIn("notifications.md", nameof(NoticeTableTests), Table());

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
