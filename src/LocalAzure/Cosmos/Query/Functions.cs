namespace LocalAzure.Cosmos.Query;

/// <summary>
/// The system functions ("System functions, Azure Cosmos DB for NoSQL"). A name that is not here is refused. An argument of the wrong type makes the
/// result undefined.
/// </summary>
internal static class Functions
{
    private static readonly Dictionary<string, Function> ByName = new[]
    {
        TypeFunctions.All, StringFunctions.All, MathFunctions.All, ArrayFunctions.All, ConversionFunctions.All,
    }.SelectMany(f => f).ToDictionary(f => f.Name);

    public static Evaluate Bind(string name, Evaluate[] arguments, TimeProvider clock)
    {
        if (DateFunctions.Bind(name, arguments.Length, clock) is { } now) { return now; }
        if (!ByName.TryGetValue(name, out var function))
        {
            throw CosmosRefusal.BadRequest($"'{name}' is not a built-in function that LocalAzure implements.");
        }
        if (arguments.Length < function.Least || arguments.Length > function.Most)
        {
            var takes = function.Most > function.Least ? $"{function.Least} or more" : $"{function.Least}";
            throw CosmosRefusal.BadRequest($"The {name} function was called with {arguments.Length} arguments; it takes {takes}.");
        }
        return arguments switch
        {
            [var one] => row => function.Run([one(row)]),
            [var one, var two] => row => function.Run([one(row), two(row)]),
            _ => row => function.Run([.. arguments.Select(argument => argument(row))]),
        };
    }
}

/// <summary>A function that looks at nothing but its arguments.</summary>
internal sealed record Function(string Name, int Least, int Most, Func<SqlValue[], SqlValue> Run)
{
    /// <summary>One that is undefined when any of its arguments has another type than <paramref name="type"/>.</summary>
    public static Function On(SqlType type, string name, int least, int most, Func<SqlValue[], SqlValue> run) =>
        new(name, least, most, arguments => Array.TrueForAll(arguments, a => a.Type == type) ? run(arguments) : SqlValue.Undefined);
}
