namespace LocalAzure.Cosmos.Query;

/// <summary>One spelling for each expression, so that equal ones can be recognised.</summary>
internal static class SqlText
{
    public static string Of(Sql expression) => expression switch
    {
        Sql.Constant c => Convert.ToHexString(c.Value.ToOrderedBytes()),
        Sql.Alias a => a.Name,
        Sql.Member m => $"{Of(m.Of)}[{Of(m.Name)}]",
        Sql.Unary u => $"({u.Operator} {Of(u.Operand)})",
        Sql.Binary b => $"({Of(b.Left)} {b.Operator} {Of(b.Right)})",
        Sql.Conditional c => $"({Of(c.Test)} ? {Of(c.Then)} : {Of(c.Else)})",
        Sql.In i => $"({Of(i.Needle)} IN ({All(i.Values)}))",
        Sql.Between b => $"({Of(b.Value)} BETWEEN {Of(b.Low)} AND {Of(b.High)})",
        Sql.Like l => $"({Of(l.Value)} LIKE {Of(l.Pattern)}{(l.Escape is null ? "" : $" ESCAPE {(int)l.Escape}")})",
        Sql.Call f => $"{f.Name}({All(f.Arguments)})",
        Sql.ArrayLiteral a => $"[{All(a.Items)}]",
        Sql.ObjectLiteral o => $"{{{string.Join(", ", o.Properties.Select(p => $"{p.Name}: {Of(p.Value)}"))}}}",
        // Two subqueries are never taken for the same one.
        _ => $"<{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(expression)}>",
    };

    /// <summary>A path as it is written, from an alias on through properties; null for anything else.</summary>
    public static string? PathOf(Sql expression) => expression switch
    {
        Sql.Alias alias => alias.Name,
        Sql.Member { Name: Sql.Constant { Value: { Type: SqlType.String } name } } member when PathOf(member.Of) is { } of => $"{of}.{name.Text}",
        _ => null,
    };

    private static string All(IEnumerable<Sql> expressions) => string.Join(", ", expressions.Select(Of));
}
