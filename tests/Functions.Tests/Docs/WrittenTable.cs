namespace CustomerFunctions.Tests.Docs;

/// <summary>A table of a page in docs that is written from the code, between two comments; UPDATE_DOCS=1 writes it anew.</summary>
internal static class WrittenTable
{
    private const string End = "<!-- End of the table. -->\n";

    public static void ShouldStandIn(string page, string test, string table)
    {
        var path = Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "docs", page);
        var opening = $"<!-- The table is written from the code: UPDATE_DOCS=1 dotnet test tests/Functions.Tests --filter {test} -->\n";
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        text.Should().Contain(opening).And.Contain(End);
        var (begin, end) = (text.IndexOf(opening, StringComparison.Ordinal) + opening.Length, text.IndexOf(End, StringComparison.Ordinal));
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") { File.WriteAllText(path, text[..begin] + table + text[end..]); return; }
        text[begin..end].Should().Be(table, "UPDATE_DOCS=1 writes it anew");
    }
}
