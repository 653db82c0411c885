namespace LocalAzure.Cosmos.Query;

/// <summary>Turns expressions into delegates, once per query.</summary>
internal sealed class ExpressionCompiler(Scope scope, DateTimeOffset now)
{
    public Evaluate Compile(Sql expression) => expression switch
    {
        Sql.Constant constant => _ => constant.Value,
        Sql.Alias alias => Alias(alias.Name),
        Sql.Member member => Member(member),
        Sql.Unary unary => Unary(unary),
        Sql.Binary binary => Binary(binary),
        Sql.Conditional conditional => Conditional(conditional),
        Sql.In list => OneOf(list),
        Sql.Between between => Between(between),
        Sql.Like like => Like(like),
        Sql.Call { IsAggregate: true } call => throw CosmosRefusal.BadRequest($"The aggregate {call.Name} is only allowed in the SELECT clause."),
        Sql.Call call => Functions.Bind(call.Name, [.. call.Arguments.Select(Compile)], now),
        Sql.ArrayLiteral array => ArrayLiteral(array),
        Sql.ObjectLiteral literal => ObjectLiteral(literal),
        Sql.Exists exists => Exists(exists),
        Sql.ArrayOf array => Collected(array.Query),
        Sql.Subquery subquery => Scalar(subquery.Query),
        Sql.Pick pick => Picked(pick),
        _ => throw CosmosRefusal.NotImplemented($"the expression {expression.GetType().Name}"),
    };

    private Evaluate Alias(string name)
    {
        var slot = scope.Find(name) ?? throw scope.Unresolved(name);
        return row => row.Slots[slot];
    }

    private Evaluate Member(Sql.Member member)
    {
        var of = Compile(member.Of);
        if (member.Name is Sql.Constant { Value: { Type: SqlType.String } name })
        {
            var text = name.Text;
            return row => of(row).Property(text);
        }
        var by = Compile(member.Name);
        return row => by(row) switch
        {
            { Type: SqlType.String } key => of(row).Property(key.Text),
            { Type: SqlType.Number } index => of(row).Item(index.Number),
            _ => SqlValue.Undefined,
        };
    }

    private Evaluate Unary(Sql.Unary unary)
    {
        var operand = Compile(unary.Operand);
        return row => Operators.Apply(unary.Operator, operand(row));
    }

    private Evaluate Binary(Sql.Binary binary)
    {
        var (left, right) = (Compile(binary.Left), Compile(binary.Right));
        return binary.Operator switch
        {
            "AND" => row => left(row) is var first && first.IsFalse ? first : Operators.Apply("AND", first, right(row)),
            "OR" => row => left(row) is var first && first.IsTrue ? first : Operators.Apply("OR", first, right(row)),
            "=" => row => Operators.AreEqual(left(row), right(row)),
            _ => row => Operators.Apply(binary.Operator, left(row), right(row)),
        };
    }

    private Evaluate Conditional(Sql.Conditional conditional)
    {
        var (test, then, otherwise) = (Compile(conditional.Test), Compile(conditional.Then), Compile(conditional.Else));
        return row => test(row).IsTrue ? then(row) : otherwise(row);
    }

    private Evaluate OneOf(Sql.In list)
    {
        var needle = Compile(list.Needle);
        var values = list.Values.Select(Compile).ToArray();
        return row =>
        {
            var value = needle(row);
            var result = SqlValue.Of(false);
            foreach (var candidate in values)
            {
                result = Operators.Apply("OR", result, Operators.AreEqual(value, candidate(row)));
                if (result.IsTrue) { break; }
            }
            return result;
        };
    }

    private Evaluate Between(Sql.Between between)
    {
        var (value, low, high) = (Compile(between.Value), Compile(between.Low), Compile(between.High));
        return row => Operators.Apply("AND", Operators.Apply(">=", value(row), low(row)), Operators.Apply("<=", value(row), high(row)));
    }

    private Evaluate Like(Sql.Like like)
    {
        var (value, pattern) = (Compile(like.Value), Compile(like.Pattern));
        return row => (value(row), pattern(row)) is ({ Type: SqlType.String } text, { Type: SqlType.String } by)
            ? SqlValue.Of(Operators.Like(text.Text, by.Text, like.Escape))
            : SqlValue.Undefined;
    }

    private Evaluate ArrayLiteral(Sql.ArrayLiteral array)
    {
        var items = array.Items.Select(Compile).ToArray();
        return row => SqlValue.Of([.. items.Select(item => item(row)).Where(value => !value.IsUndefined)]);
    }

    private Evaluate ObjectLiteral(Sql.ObjectLiteral literal)
    {
        var properties = literal.Properties.Select(p => (p.Name, Value: Compile(p.Value))).ToArray();
        return row => SqlValue.Of([.. properties.Select(p => KeyValuePair.Create(p.Name, p.Value(row))).Where(p => !p.Value.IsUndefined)]);
    }

    private Evaluate Exists(Sql.Exists exists)
    {
        var rows = Subquery(exists.Query);
        return row => SqlValue.Of(rows(row).Any());
    }

    private Evaluate Collected(SqlQuery query)
    {
        var rows = Subquery(query);
        return row => SqlValue.Of(rows(row).ToArray());
    }

    private Evaluate Scalar(SqlQuery query)
    {
        var rows = Subquery(query);
        return row =>
        {
            var values = rows(row).Take(2).ToArray();
            return values.Length == 1 ? values[0] : SqlValue.Undefined;
        };
    }

    private Evaluate Picked(Sql.Pick pick)
    {
        var rows = Subquery(pick.Query);
        return row => (pick.Last ? rows(row).Reverse() : rows(row)).FirstOrDefault();
    }

    /// <summary>The same compiler with other names in sight.</summary>
    public ExpressionCompiler In(Scope inner) => new(inner, now);

    /// <summary>A query whose first source is the container.</summary>
    public CompiledSelect Container(SqlQuery query, Scope inner) => SelectCompiler.Compile(query, inner, now, outer: null);

    public Expand Subquery(SqlQuery query) => SelectCompiler.CompileSubquery(query, scope, now);
}
