namespace LocalAzure.Tests.Sdks;

/// <summary>The page of what LocalAzure refuses, which the sessions write: one table per service and SDK.</summary>
internal static class RefusalsPage
{
    private static string File => Path.Combine(Repository.Root!, "docs", "local-azure-refusals.md");

    /// <summary>Holds the page's table of one service and SDK to the refusals that its session met.</summary>
    public static void ShouldShow(string service, string sdk, IReadOnlyCollection<Session.Refusal> refusals)
    {
        var (begin, end) = ($"<!-- {service}, {sdk} -->\n", $"<!-- end of {service}, {sdk} -->\n");
        var text = System.IO.File.ReadAllText(File).ReplaceLineEndings("\n");
        var from = text.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        var to = text.IndexOf(end, StringComparison.Ordinal);
        from.Should().BeInRange(begin.Length, to, "the page has a table of {0} in {1}", service, sdk);
        var expected = refusals.Count == 0 ? "Nothing.\n" : Table(refusals);
        if (Environment.GetEnvironmentVariable("UPDATE_DOCS") == "1") { System.IO.File.WriteAllText(File, text[..from] + expected + text[to..]); return; }
        text[from..to].Should().Be(expected, "UPDATE_DOCS=1 writes it anew");
    }

    private static string Table(IReadOnlyCollection<Session.Refusal> refusals) => "| not implemented | asked for by |\n| --- | --- |\n" + string.Concat(refusals
        .GroupBy(refusal => refusal.Feature, refusal => refusal.Operation)
        .OrderBy(feature => feature.Key, StringComparer.Ordinal)
        .Select(feature => $"| {feature.Key} | {string.Join(", ", feature.Distinct().Order(StringComparer.Ordinal).Select(operation => $"`{operation}`"))} |\n"));
}
