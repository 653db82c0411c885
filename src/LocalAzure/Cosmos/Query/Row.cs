namespace LocalAzure.Cosmos.Query;

/// <summary>What is bound while one row is looked at: aliases, and results of aggregates, by slot.</summary>
internal sealed class Row(int slots)
{
    public SqlValue[] Slots { get; } = new SqlValue[slots];
}

internal delegate SqlValue Evaluate(Row row);

internal delegate IEnumerable<SqlValue> Expand(Row row);

/// <summary>The aliases that an expression may name. Slots are shared with the scopes around, so one row serves a query and its subqueries.</summary>
internal sealed class Scope
{
    private readonly Scope? outer;
    private readonly Counter counter;
    private readonly Dictionary<string, int> aliases = [];

    private readonly Scope? grouped;

    /// <param name="outer">Whose aliases are visible too.</param>
    /// <param name="grouped">Whose slots are shared and whose aliases are out of sight: the rows behind a grouping.</param>
    public Scope(Scope? outer = null, Scope? grouped = null)
    {
        this.outer = outer;
        this.grouped = grouped;
        counter = (grouped ?? outer)?.counter ?? new Counter();
    }

    public int SlotCount => counter.Value;

    public int NewSlot() => counter.Value++;

    public int Bind(string alias)
    {
        var slot = NewSlot();
        if (alias.Length > 0 && !aliases.TryAdd(alias, slot))
        {
            throw CosmosRefusal.BadRequest($"The input alias '{alias}' is specified more than once in the FROM clause.");
        }
        return slot;
    }

    public int? Find(string alias) => aliases.TryGetValue(alias, out var slot) ? slot : outer?.Find(alias);

    public CosmosRefusal Unresolved(string alias) => IsGrouped(alias)
        ? CosmosRefusal.NotImplemented($"a subquery that names '{alias}' beside aggregates or GROUP BY")
        : CosmosRefusal.BadRequest($"Identifier '{alias}' could not be resolved.");

    /// <summary>Whether a name is one of the rows that are grouped.</summary>
    public bool IsGrouped(string alias) => Find(alias) is null && (grouped?.Find(alias) is not null || outer?.IsGrouped(alias) == true);

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}

internal sealed record Aggregate(string Name, Evaluate Argument, int Slot);
