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

    public sealed record Like(Sql Value, Sql Pattern, Sql? Escape) : Sql;

    public sealed record Call(string Name, IReadOnlyList<Sql> Arguments) : Sql
    {
        public bool IsAggregate => Name is "COUNT" or "SUM" or "MIN" or "MAX" or "AVG";
    }

    public sealed record ArrayLiteral(IReadOnlyList<Sql> Items) : Sql;

    public sealed record ObjectLiteral(IReadOnlyList<(string Name, Sql Value)> Properties) : Sql;

    public sealed record Exists(SqlQuery Query) : Sql;

    public sealed record ArrayOf(SqlQuery Query) : Sql;

    public sealed record Subquery(SqlQuery Query) : Sql;
}

/// <summary>One source of FROM or JOIN: an expression, or a subquery, and whether its items or itself are bound to the alias.</summary>
internal sealed record SqlSource(string Alias, Sql? Path, SqlQuery? Query, bool Items);

internal sealed record SqlSelect(bool Distinct, bool Star, Sql? Value, IReadOnlyList<(string Name, Sql Value)> Items);

internal sealed record SqlOrder(Sql By, bool Descending);

/// <summary>A query as written, with its parameters already in place.</summary>
internal sealed record SqlQuery(
    SqlSelect Select, Sql? Top, IReadOnlyList<SqlSource> From, Sql? Where, IReadOnlyList<Sql> GroupBy, IReadOnlyList<SqlOrder> OrderBy, Sql? Offset, Sql? Limit);
