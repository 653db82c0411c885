namespace LocalAzure.Cosmos.Query;

/// <summary>The outermost clauses of a query as they are written, so that a rewritten query can say them again, parameters included.</summary>
internal sealed class QueryClauses
{
    private static readonly string[] Starts = ["FROM", "WHERE", "GROUP", "ORDER", "OFFSET"];

    private readonly string text;
    private readonly List<Token> tokens;
    private readonly int[] outermost;
    private readonly Dictionary<string, int> starts = new(StringComparer.OrdinalIgnoreCase);
    private readonly int select;

    public QueryClauses(string text)
    {
        this.text = text;
        tokens = Lexer.Read(text);
        outermost = [.. Outermost()];
        foreach (var i in outermost.Where(i => Array.Exists(Starts, tokens[i].IsWord) && !tokens[i - 1].IsSymbol(".")))
        {
            starts.TryAdd(tokens[i].Text, i);
        }
        select = 1;
        if (tokens[select].IsWord("DISTINCT")) { select++; }
        if (tokens[select].IsWord("TOP")) { select += 2; }
        if (tokens[select].IsWord("VALUE")) { select++; }
    }

    public string From => Clause("FROM", 1);
    public string? Where => starts.ContainsKey("WHERE") ? Clause("WHERE", 1) : null;
    public string OrderBy => Clause("ORDER", 2);
    public string GroupBy => Clause("GROUP", 2);
    public string Select => Slice(select, End(select));

    /// <summary>What stands in the select clause without the names that are given to it.</summary>
    public IReadOnlyList<string> Selected() => Parts(select, (first, end) =>
        end - first > 2 && tokens[end - 2].IsWord("AS") ? end - 2
        : end - first > 1 && tokens[end - 1].Kind == TokenKind.Word && EndsAValue(tokens[end - 2]) ? end - 1 : end);

    public IReadOnlyList<string> Ordered() =>
        Parts(starts["ORDER"] + 2, (_, end) => tokens[end - 1].IsWord("ASC") || tokens[end - 1].IsWord("DESC") ? end - 1 : end);

    public IReadOnlyList<string> Grouped() => Parts(starts["GROUP"] + 2, (_, end) => end);

    // A word after an operator or a dot belongs to the value; after a value it is a name.
    private static bool EndsAValue(Token token) =>
        token.Kind != TokenKind.Symbol ? !token.IsWord("NOT") && !token.IsWord("AND") && !token.IsWord("OR")
        : token.Text is ")" or "]" or "}";

    private List<string> Parts(int start, Func<int, int, int> trimmed)
    {
        var (parts, first, end) = (new List<string>(), start, End(start));
        foreach (var i in outermost.Where(i => i > start && i < end && tokens[i].IsSymbol(",")).Append(end))
        {
            parts.Add(Slice(first, trimmed(first, i)));
            first = i + 1;
        }
        return parts;
    }

    private string Clause(string start, int words) => Slice(starts[start] + words, End(starts[start]));

    private int End(int start) => starts.Values.Where(other => other > start).DefaultIfEmpty(tokens.Count - 1).Min();

    private string Slice(int first, int end) => text[tokens[first].At..tokens[end].At].Trim();

    private IEnumerable<int> Outermost()
    {
        var depth = 0;
        for (var i = 1; i < tokens.Count; i++)
        {
            if (tokens[i] is { Kind: TokenKind.Symbol, Text: ")" or "]" or "}" }) { depth--; }
            if (depth == 0) { yield return i; }
            if (tokens[i] is { Kind: TokenKind.Symbol, Text: "(" or "[" or "{" }) { depth++; }
        }
    }
}
