namespace LocalAzure.Cosmos.Query;

/// <summary>A scalar expression as written.</summary>
internal abstract record Sql
{
    public sealed record Constant(SqlValue Value) : Sql;

    public sealed record Alias(string Name) : Sql;

    public sealed record Member(Sql Of, Sql Name) : Sql;

    public sealed record Unary(string Operator, Sql Operand) : Sql;

    public sealed record Binary(string Operator, Sql Left, Sql Right) : Sql;

    public sealed record Conditional(Sql Test, Sql Then, Sql Else) : Sql;

    public sealed record In(Sql Needle, IReadOnlyList<Sql> Values) : Sql;

    public sealed record Between(Sql Value, Sql Low, Sql High) : Sql;

    public sealed record Like(Sql Value, Sql Pattern, char? Escape) : Sql;

    public sealed record Call(string Name, IReadOnlyList<Sql> Arguments) : Sql
    {
        public bool IsAggregate => Name is "COUNT" or "COUNTIF" or "SUM" or "MIN" or "MAX" or "AVG";
    }

    public sealed record ArrayLiteral(IReadOnlyList<Sql> Items) : Sql;

    public sealed record ObjectLiteral(IReadOnlyList<(string Name, Sql Value)> Properties) : Sql;

    public sealed record Exists(SqlQuery Query) : Sql;

    public sealed record ArrayOf(SqlQuery Query) : Sql;

    public sealed record Subquery(SqlQuery Query) : Sql;

    /// <summary>FIRST and LAST: one row of a subquery.</summary>
    public sealed record Pick(SqlQuery Query, bool Last) : Sql;

    /// <summary>This expression and all that it is made of, but nothing inside a subquery.</summary>
    public IEnumerable<Sql> Within => Parts.SelectMany(part => part.Within).Prepend(this);

    public bool HasAggregate => Within.Any(e => e is Call { IsAggregate: true });

    public bool IsSubquery => this is Exists or ArrayOf or Subquery or Pick;

    private IEnumerable<Sql> Parts => this switch
    {
        Member m => [m.Of, m.Name],
        Unary u => [u.Operand],
        Binary b => [b.Left, b.Right],
        Conditional c => [c.Test, c.Then, c.Else],
        In i => [i.Needle, .. i.Values],
        Between b => [b.Value, b.Low, b.High],
        Like l => [l.Value, l.Pattern],
        Call f => f.Arguments,
        ArrayLiteral a => a.Items,
        ObjectLiteral o => o.Properties.Select(p => p.Value),
        _ => [],
    };
}

/// <summary>One source of FROM or JOIN: an expression, or a subquery, and whether its items or itself are bound to the alias.</summary>
internal sealed record SqlSource(string Alias, Sql? Path, SqlQuery? Query, bool Items);

internal sealed record SqlSelect(bool Distinct, bool Star, Sql? Value, IReadOnlyList<(string Name, Sql Value)> Items);

internal sealed record SqlOrder(Sql By, bool Descending);

/// <summary>A query as written, with its parameters already in place.</summary>
internal sealed record SqlQuery(
    SqlSelect Select, Sql? Top, IReadOnlyList<SqlSource> From, Sql? Where, IReadOnlyList<Sql> GroupBy, IReadOnlyList<SqlOrder> OrderBy, Sql? Offset, Sql? Limit)
{
    /// <summary>What the select clause gives, as one expression; not for <c>SELECT *</c>.</summary>
    public Sql Projection => Select.Value ?? new Sql.ObjectLiteral(Select.Items);

    public bool HasAggregates => !Select.Star && Projection.HasAggregate;

    /// <summary>Makes something of an aggregate instead of giving it as it is.</summary>
    public bool ComposesAggregates =>
        From.Count > 0
        && (Select.Value is { } value ? [value] : Select.Items.Select(i => i.Value)).Any(v => v is not Sql.Call { IsAggregate: true } && v.HasAggregate);
}
