namespace LocalAzure.Cosmos.Query;

/// <summary>
/// COUNT, COUNTIF, SUM, MIN, MAX and AVG ("Aggregate functions"): undefined values do not take part, and COUNTIF counts
/// what is true. A SUM or AVG that meets anything but numbers, and a MIN or MAX that meets arrays or objects, are undefined.
/// </summary>
internal sealed class Accumulator(Aggregate aggregate)
{
    private long count;
    private double sum;
    private bool broken;
    private SqlValue best;
    private byte[]? bestBytes;

    public void Add(Row row)
    {
        var value = aggregate.Argument(row);
        if (value.IsUndefined || broken || (aggregate.Name == "COUNTIF" && !value.IsTrue)) { return; }
        count++;
        switch (aggregate.Name)
        {
            case "SUM" or "AVG": AddNumber(value); break;
            case "MIN": Keep(value, sign: 1); break;
            case "MAX": Keep(value, sign: -1); break;
        }
    }

    public void AddCount(long more) => count += more;

    public SqlValue Result => aggregate.Name switch
    {
        "COUNT" or "COUNTIF" => SqlValue.Of((double)count),
        _ when broken => SqlValue.Undefined,
        "SUM" => SqlValue.Of(sum),
        "AVG" => SqlValue.Of(sum / count),
        _ => best,
    };

    private void AddNumber(SqlValue value)
    {
        if (value.Type == SqlType.Number) { sum += value.Number; } else { broken = true; }
    }

    private void Keep(SqlValue value, int sign)
    {
        if (value.Type is SqlType.Array or SqlType.Object) { broken = true; return; }
        var bytes = value.ToOrderedBytes();
        if (bestBytes is not null && bytes.AsSpan().SequenceCompareTo(bestBytes) * sign >= 0) { return; }
        (best, bestBytes) = (value, bytes);
    }
}
