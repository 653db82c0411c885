namespace Infra.Tests;

/// <summary>A part of a page in docs that is written from something else: between two comments.</summary>
internal static class DocsTable
{
    /// <summary>Holds the part against what it should be; with UPDATE_DOCS=1 it writes it instead.</summary>
    public static void Hold(string page, string begin, string end, string expected)
    {
        var path = Repository.PathOf("docs", page);
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var from = text.IndexOf($"<!-- {begin} -->\n", StringComparison.Ordinal) + $"<!-- {begin} -->\n".Length;
        var to = text.IndexOf($"<!-- {end} -->\n", StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") { File.WriteAllText(path, text[..from] + expected + text[to..]); return; }
        text[from..to].Should().Be(expected, "UPDATE_DOCS=1 writes it anew");
    }
}
