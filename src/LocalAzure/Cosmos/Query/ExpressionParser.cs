namespace LocalAzure.Cosmos.Query;

/// <summary>Scalar expressions, loosest binding first.</summary>
internal sealed partial class Parser
{
    private const int MaxDepth = 100;

    private static readonly string[][] Levels =
        [["|"], ["^"], ["&"], ["<<", ">>", ">>>"], ["||"], ["+", "-"], ["*", "/", "%"]];

    private Sql Expression()
    {
        if (++depth > MaxDepth) { throw CosmosRefusal.BadRequest("The query is nested too deeply."); }
        var test = Coalesce();
        if (AcceptSymbol("?"))
        {
            var then = Expression();
            ExpectSymbol(":");
            test = new Sql.Conditional(test, then, Expression());
        }
        depth--;
        return test;
    }

    private Sql Coalesce()
    {
        var left = Or();
        while (AcceptSymbol("??")) { left = new Sql.Binary("??", left, Or()); }
        return left;
    }

    private Sql Or()
    {
        var left = And();
        while (Accept("OR")) { left = new Sql.Binary("OR", left, And()); }
        return left;
    }

    private Sql And()
    {
        var left = Not();
        while (Accept("AND")) { left = new Sql.Binary("AND", left, Not()); }
        return left;
    }

    private Sql Not() => Accept("NOT") ? new Sql.Unary("NOT", Not()) : Comparison();

    private Sql Comparison()
    {
        var left = Level(0);
        while (true)
        {
            var negated = Current.IsWord("NOT") && (tokens[next + 1].IsWord("IN") || tokens[next + 1].IsWord("BETWEEN") || tokens[next + 1].IsWord("LIKE"));
            if (negated) { next++; }
            Sql? test = Accept("IN") ? new Sql.In(left, InList())
                : Accept("BETWEEN") ? Between(left)
                : Accept("LIKE") ? new Sql.Like(left, Level(0), Accept("ESCAPE") ? Escape() : null)
                : null;
            if (test is not null) { left = negated ? new Sql.Unary("NOT", test) : test; continue; }
            if (Current is not { Kind: TokenKind.Symbol, Text: "=" or "!=" or "<>" or "<" or "<=" or ">" or ">=" }) { return left; }
            var symbol = tokens[next++].Text;
            left = new Sql.Binary(symbol == "<>" ? "!=" : symbol, left, Level(0));
        }
    }

    private char Escape() => Primary() is Sql.Constant { Value: { Type: SqlType.String, Text: [var mark] } }
        ? mark
        : throw CosmosRefusal.BadRequest("ESCAPE needs a string of one character.");

    private Sql.Between Between(Sql value)
    {
        var low = Level(0);
        Expect("AND");
        return new Sql.Between(value, low, Level(0));
    }

    private List<Sql> InList()
    {
        ExpectSymbol("(");
        var values = List(Expression);
        ExpectSymbol(")");
        return values;
    }

    private Sql Level(int level)
    {
        if (level == Levels.Length) { return Unary(); }
        var left = Level(level + 1);
        while (Current.Kind == TokenKind.Symbol && Levels[level].Contains(Current.Text))
        {
            var symbol = tokens[next++].Text;
            left = new Sql.Binary(symbol, left, Level(level + 1));
        }
        return left;
    }

    private Sql Unary()
    {
        if (Current is { Kind: TokenKind.Symbol, Text: "-" or "+" or "~" })
        {
            var symbol = tokens[next++].Text;
            var operand = Unary();
            return symbol == "-" && operand is Sql.Constant { Value: { Type: SqlType.Number } number }
                ? new Sql.Constant(SqlValue.Of(-number.Number))
                : new Sql.Unary(symbol, operand);
        }
        return Postfix(Primary());
    }

    private Sql Postfix(Sql value)
    {
        while (true)
        {
            if (AcceptSymbol(".")) { value = new Sql.Member(value, new Sql.Constant(SqlValue.Of(Take(TokenKind.Word).Text))); }
            else if (AcceptSymbol("["))
            {
                value = new Sql.Member(value, Expression());
                ExpectSymbol("]");
            }
            else { return value; }
        }
    }

    private Sql Primary()
    {
        var token = Current;
        switch (token.Kind)
        {
            case TokenKind.Number: next++; return new Sql.Constant(SqlValue.Of(token.Number));
            case TokenKind.Text: next++; return new Sql.Constant(SqlValue.Of(token.Text));
            case TokenKind.Parameter:
                next++;
                return parameters.TryGetValue(token.Text, out var value)
                    ? new Sql.Constant(value)
                    : throw CosmosRefusal.BadRequest($"The parameter '{token.Text}' has no value.");
            case TokenKind.Word: return Word(token);
            default: return Bracketed();
        }
    }

    private Sql Bracketed()
    {
        if (AcceptSymbol("(")) { return Parenthesised(); }
        if (AcceptSymbol("[")) { return new Sql.ArrayLiteral(Until("]", Expression)); }
        if (AcceptSymbol("{")) { return new Sql.ObjectLiteral(Until("}", Property)); }
        throw Unexpected();
    }

    private Sql Parenthesised()
    {
        Sql inner = Current.IsWord("SELECT") ? new Sql.Subquery(Query()) : Expression();
        ExpectSymbol(")");
        return inner;
    }

    private List<T> Until<T>(string end, Func<T> item)
    {
        if (AcceptSymbol(end)) { return []; }
        var items = List(item);
        ExpectSymbol(end);
        return items;
    }

    private (string Name, Sql Value) Property()
    {
        var name = Current.Kind is TokenKind.Text or TokenKind.Word ? tokens[next++].Text : throw Unexpected();
        ExpectSymbol(":");
        return (name, Expression());
    }

    private Sql Word(Token token)
    {
        next++;
        if (token.IsWord("TRUE")) { return new Sql.Constant(SqlValue.Of(true)); }
        if (token.IsWord("FALSE")) { return new Sql.Constant(SqlValue.Of(false)); }
        if (token.IsWord("NULL")) { return new Sql.Constant(SqlValue.Null); }
        if (token.IsWord("UNDEFINED")) { return new Sql.Constant(SqlValue.Undefined); }
        if (token.IsWord("EXISTS")) { return new Sql.Exists(SubqueryInParentheses()); }
        if (token.IsWord("ARRAY")) { return new Sql.ArrayOf(SubqueryInParentheses()); }
        // Three words that are names everywhere else.
        if (Current.IsSymbol("(") && tokens[next + 1].IsWord("SELECT") && Picked(token) is { } picked) { return picked; }
        if (token.IsWord("UDF") && Current.IsSymbol(".")) { throw CosmosRefusal.NotImplemented("user-defined functions"); }
        if (AcceptSymbol("(")) { return new Sql.Call(token.Text.ToUpperInvariant(), Until(")", Expression)); }
        if (Reserved.Contains(token.Text) && !token.IsWord("VALUE")) { next--; throw Unexpected(); }
        return new Sql.Alias(token.Text);
    }

    private Sql? Picked(Token token) =>
        token.IsWord("ALL") ? All(SubqueryInParentheses())
        : token.IsWord("FIRST") ? new Sql.Pick(SubqueryInParentheses(), Last: false)
        : token.IsWord("LAST") ? new Sql.Pick(SubqueryInParentheses(), Last: true)
        : null;

    /// <summary>ALL holds where no row fails the filter.</summary>
    private static Sql.Unary All(SqlQuery query) =>
        new("NOT", new Sql.Exists(query with { Where = new Sql.Unary("NOT", query.Where ?? new Sql.Constant(SqlValue.Of(true))) }));

    private SqlQuery SubqueryInParentheses()
    {
        ExpectSymbol("(");
        var query = Query();
        ExpectSymbol(")");
        return query;
    }
}
