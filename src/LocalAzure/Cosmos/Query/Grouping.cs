namespace LocalAzure.Cosmos.Query;

/// <summary>
/// Takes a select clause apart where it is grouped: aggregates and group keys become names of values that exist once per group, so that nothing else can
/// be named behind the grouping.
/// </summary>
internal static class Grouping
{
    public static string KeyName(int index) => $"group key {index}";

    public static string AggregateName(int index) => $"aggregate {index}";

    /// <summary>The projection over keys and aggregates, the aggregates, and the properties that are neither.</summary>
    public static (Sql Select, List<Sql.Call> Aggregates, List<Sql> Loose) Split(SqlQuery query)
    {
        var (aggregates, loose) = (new List<Sql.Call>(), new List<Sql>());
        var keys = query.GroupBy.Select(SqlText.Of).ToArray();
        return (Replace(query.Projection), aggregates, loose);

        Sql Replace(Sql expression)
        {
            if (expression is Sql.Call { IsAggregate: true } call)
            {
                aggregates.Add(call);
                return new Sql.Alias(AggregateName(aggregates.Count - 1));
            }
            var key = keys.Length == 0 ? -1 : Array.IndexOf(keys, SqlText.Of(expression));
            if (key >= 0) { return new Sql.Alias(KeyName(key)); }
            if (SqlText.PathOf(expression) is null) { return Descend(expression); }
            // A path is loose as a whole, unless it leads on from a key.
            var found = loose.Count;
            var replaced = Descend(expression);
            if (loose.Count > found || expression is Sql.Alias)
            {
                loose.RemoveRange(found, loose.Count - found);
                loose.Add(expression);
            }
            return replaced;
        }

        // Subqueries are left alone: what they aggregate is their own.
        Sql Descend(Sql expression) => expression switch
        {
            Sql.Member m => new Sql.Member(Replace(m.Of), Replace(m.Name)),
            Sql.Unary u => u with { Operand = Replace(u.Operand) },
            Sql.Binary b => b with { Left = Replace(b.Left), Right = Replace(b.Right) },
            Sql.Conditional c => new Sql.Conditional(Replace(c.Test), Replace(c.Then), Replace(c.Else)),
            Sql.In i => new Sql.In(Replace(i.Needle), [.. i.Values.Select(Replace)]),
            Sql.Between b => new Sql.Between(Replace(b.Value), Replace(b.Low), Replace(b.High)),
            Sql.Like l => l with { Value = Replace(l.Value), Pattern = Replace(l.Pattern) },
            Sql.Call f => f with { Arguments = [.. f.Arguments.Select(Replace)] },
            Sql.ArrayLiteral a => new Sql.ArrayLiteral([.. a.Items.Select(Replace)]),
            Sql.ObjectLiteral o => new Sql.ObjectLiteral([.. o.Properties.Select(p => (p.Name, Replace(p.Value)))]),
            _ => expression,
        };
    }
}
