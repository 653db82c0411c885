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

    /// <param name="outer">Whose aliases are visible too.</param>
    /// <param name="sharing">With whom the slots are shared, when it is not <paramref name="outer"/>.</param>
    public Scope(Scope? outer = null, Scope? sharing = null)
    {
        this.outer = outer;
        counter = (sharing ?? outer)?.counter ?? new Counter();
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

    private sealed class Counter
    {
        public int Value { get; set; }
    }
}

internal sealed record Aggregate(string Name, Evaluate Argument, int Slot);
