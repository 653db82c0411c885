namespace LocalAzure.Cosmos.Query;

/// <summary>The clauses of a query. Grammar: "SQL query reference for Azure Cosmos DB for NoSQL".</summary>
internal sealed partial class Parser
{
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "SELECT", "FROM", "WHERE", "GROUP", "ORDER", "BY", "JOIN", "IN", "AS", "AND", "OR", "NOT", "BETWEEN", "LIKE", "ESCAPE", "OFFSET", "LIMIT",
        "TOP", "DISTINCT", "VALUE", "EXISTS", "ARRAY", "ASC", "DESC", "TRUE", "FALSE", "NULL", "UNDEFINED", "RANK", "HAVING", "UNION",
    };

    private readonly List<Token> tokens;
    private readonly IReadOnlyDictionary<string, SqlValue> parameters;
    private int next;
    private int depth;

    private Parser(string text, IReadOnlyDictionary<string, SqlValue> parameters)
    {
        tokens = Lexer.Read(text);
        this.parameters = parameters;
    }

    public static SqlQuery Parse(string text, IReadOnlyDictionary<string, SqlValue> parameters)
    {
        var parser = new Parser(text, parameters);
        var query = parser.Query();
        return parser.Current.Kind == TokenKind.End ? query : throw parser.Unexpected();
    }

    /// <summary>The condition of a patch: <c>from c where …</c>.</summary>
    public static SqlQuery ParseCondition(string text)
    {
        var parser = new Parser(text, new Dictionary<string, SqlValue>());
        parser.Expect("FROM");
        var from = parser.From();
        parser.Expect("WHERE");
        var where = parser.Expression();
        if (parser.Current.Kind != TokenKind.End) { throw parser.Unexpected(); }
        return new SqlQuery(new SqlSelect(false, true, null, []), null, from, where, [], [], null, null);
    }

    private Token Current => tokens[next];

    private SqlQuery Query()
    {
        Expect("SELECT");
        var distinct = Accept("DISTINCT");
        var top = Accept("TOP") ? Primary() : null;
        var select = Select(distinct);
        IReadOnlyList<SqlSource> from = Accept("FROM") ? From() : [];
        var where = Accept("WHERE") ? Expression() : null;
        var groupBy = Accept("GROUP") ? GroupBy() : [];
        if (Current.IsWord("HAVING")) { throw CosmosRefusal.BadRequest("HAVING is not part of the query language."); }
        var orderBy = Accept("ORDER") ? OrderBy() : [];
        var (offset, limit) = OffsetLimit();
        if (top is not null && limit is not null) { throw CosmosRefusal.BadRequest("TOP and OFFSET LIMIT cannot be used together."); }
        return new SqlQuery(select, top, from, where, groupBy, orderBy, offset, limit);
    }

    private SqlSelect Select(bool distinct)
    {
        if (AcceptSymbol("*")) { return new SqlSelect(distinct, true, null, []); }
        if (Current.IsWord("VALUE") && !tokens[next + 1].IsSymbol(",") && !tokens[next + 1].IsWord("FROM") && !tokens[next + 1].IsSymbol("."))
        {
            next++;
            return new SqlSelect(distinct, false, Expression(), []);
        }
        var names = new HashSet<string>();
        var unnamed = 0;
        var items = List(() =>
        {
            var value = Expression();
            var explicitly = Accept("AS") || IsName(Current) ? Take(TokenKind.Word).Text : null;
            var name = explicitly ?? NameOf(value) ?? $"${++unnamed}";
            if (!names.Add(name)) { throw CosmosRefusal.BadRequest($"Cannot define the property '{name}' more than once in the SELECT clause."); }
            return (name, value);
        });
        return new SqlSelect(distinct, false, null, items);
    }

    private static string? NameOf(Sql value) => value switch
    {
        Sql.Alias alias => alias.Name,
        Sql.Member { Name: Sql.Constant { Value: { Type: SqlType.String } name } } => name.Text,
        _ => null,
    };

    private List<SqlSource> From()
    {
        var sources = new List<SqlSource> { Source(isFirst: true) };
        while (Accept("JOIN")) { sources.Add(Source(isFirst: false)); }
        return sources;
    }

    private SqlSource Source(bool isFirst)
    {
        if (IsName(Current) && tokens[next + 1].IsWord("IN"))
        {
            var alias = Take(TokenKind.Word).Text;
            next++;
            return Collection(alias, items: true);
        }
        if (!isFirst && !Current.IsSymbol("(")) { throw Unexpected(); }
        var source = Collection(null, items: false);
        var name = Accept("AS") || IsName(Current) ? Take(TokenKind.Word).Text : source.Path is null ? "" : NameOf(source.Path);
        return source with { Alias = name ?? throw Lexer.Error(Current.At, "this source needs an alias") };
    }

    private SqlSource Collection(string? alias, bool items)
    {
        if (!AcceptSymbol("(")) { return new SqlSource(alias ?? "", Postfix(new Sql.Alias(Take(TokenKind.Word).Text)), null, items); }
        var query = Query();
        ExpectSymbol(")");
        return new SqlSource(alias ?? "", null, query, items);
    }

    private List<Sql> GroupBy()
    {
        Expect("BY");
        return List(Expression);
    }

    private List<SqlOrder> OrderBy()
    {
        Expect("BY");
        if (Current.IsWord("RANK")) { throw CosmosRefusal.NotImplemented("ORDER BY RANK"); }
        return List(() =>
        {
            var by = Expression();
            var descending = Accept("DESC");
            if (!descending) { Accept("ASC"); }
            return new SqlOrder(by, descending);
        });
    }

    private (Sql? Offset, Sql? Limit) OffsetLimit()
    {
        if (!Accept("OFFSET")) { return (null, null); }
        var offset = Primary();
        Expect("LIMIT");
        return (offset, Primary());
    }

    private List<T> List<T>(Func<T> item)
    {
        var items = new List<T>();
        do { items.Add(item()); } while (AcceptSymbol(","));
        return items;
    }

    private static bool IsName(Token token) => token.Kind == TokenKind.Word && !Reserved.Contains(token.Text);

    private bool Accept(string word)
    {
        if (!Current.IsWord(word)) { return false; }
        next++;
        return true;
    }

    private bool AcceptSymbol(string symbol)
    {
        if (!Current.IsSymbol(symbol)) { return false; }
        next++;
        return true;
    }

    private void Expect(string word)
    {
        if (!Accept(word)) { throw Unexpected($"'{word}' is expected"); }
    }

    private void ExpectSymbol(string symbol)
    {
        if (!AcceptSymbol(symbol)) { throw Unexpected($"'{symbol}' is expected"); }
    }

    private Token Take(TokenKind kind) => Current.Kind == kind ? tokens[next++] : throw Unexpected();

    private CosmosRefusal Unexpected(string? expectation = null)
    {
        var found = Current.Kind == TokenKind.End ? "the query ends too early" : $"unexpected '{Current.Text}'";
        return Lexer.Error(Current.At, expectation is null ? found : $"{found}, {expectation}");
    }
}
