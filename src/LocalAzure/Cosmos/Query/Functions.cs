namespace LocalAzure.Cosmos.Query;

/// <summary>
/// The system functions ("System functions, Azure Cosmos DB for NoSQL"). A name that is not here is refused: as not implemented
/// when the service knows it, as a mistake when not. An argument of the wrong type makes the result undefined.
/// </summary>
internal static class Functions
{
    private static readonly Dictionary<string, Function> ByName = new[]
    {
        TypeFunctions.All, StringFunctions.All, MathFunctions.All, IntegerFunctions.All, ArrayFunctions.All,
        ConversionFunctions.All, DateFunctions.All,
    }.SelectMany(f => f).ToDictionary(f => f.Name);

    private static readonly HashSet<string> Elsewhere =
    [
        "AGO", "ARRAY_AVG", "ARRAY_MAX", "ARRAY_MEDIAN", "ARRAY_MIN", "ARRAY_SUM", "CHOOSE", "CONTAINS_ALL_CI", "CONTAINS_ALL_CS",
        "CONTAINS_ANY_CI", "CONTAINS_ANY_CS", "DATETIMEFORMAT", "DOCUMENTID", "LASTINDEXOF", "MAKELIST", "MAKESET", "NOW", "NUMBERBIN",
        "RAND", "SETDIFFERENCE", "SETEQUAL",
    ];

    public static Evaluate Bind(string name, Evaluate[] arguments, DateTimeOffset now)
    {
        var function = DateFunctions.Current(name, now) ?? ByName.GetValueOrDefault(name) ?? throw Unknown(name);
        if (arguments.Length < function.Least || arguments.Length > function.Most)
        {
            throw CosmosRefusal.BadRequest($"The {name} function requires {function.Takes} argument(s).");
        }
        return arguments switch
        {
            [var one] => row => function.Run([one(row)]),
            [var one, var two] => row => function.Run([one(row), two(row)]),
            _ => row => function.Run([.. arguments.Select(argument => argument(row))]),
        };
    }

    private static CosmosRefusal Unknown(string name) => name switch
    {
        "FULLTEXTCONTAINS" or "FULLTEXTCONTAINSALL" or "FULLTEXTCONTAINSANY" or "FULLTEXTSCORE" or "RRF" =>
            CosmosRefusal.NotImplemented($"full-text search ({name})"),
        "VECTORDISTANCE" => CosmosRefusal.NotImplemented($"vector search ({name})"),
        _ when name.StartsWith("ST_", StringComparison.Ordinal) => CosmosRefusal.NotImplemented($"spatial functions ({name})"),
        _ when Elsewhere.Contains(name) => CosmosRefusal.NotImplemented($"the function {name}"),
        _ => CosmosRefusal.BadRequest($"'{name}' is not a recognized built-in function name."),
    };
}

/// <summary>A function that looks at nothing but its arguments.</summary>
internal sealed record Function(string Name, int Least, int Most, Func<SqlValue[], SqlValue> Run)
{
    public string Takes => Least == Most ? $"{Least}" : Most == int.MaxValue ? $"{Least} or more" : $"{Least} to {Most}";

    /// <summary>One that is undefined when any of its arguments has another type than <paramref name="type"/>.</summary>
    public static Function On(SqlType type, string name, int least, int most, Func<SqlValue[], SqlValue> run) =>
        new(name, least, most, arguments => Array.TrueForAll(arguments, a => a.Type == type) ? run(arguments) : SqlValue.Undefined);
}
