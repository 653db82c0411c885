using System.Collections.Frozen;

namespace CustomerFunctions.Accounts;

/// <summary>The names of the IANA time zone database. A list of our own, because not every machine that this runs on has the database, and the framework maps names with ICU only.</summary>
internal static class TimeZones
{
    private static readonly Lazy<FrozenSet<string>> Names = new(Read);

    public static bool Contains(string name) => Names.Value.Contains(name);

    /// <summary>A line is an area and what is in it; a dash for what is in none.</summary>
    private static FrozenSet<string> Read()
    {
        using var reader = new StreamReader(typeof(TimeZones).Assembly.GetManifestResourceStream("time-zones.txt")!);
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' '))
            .SelectMany(words => words.Skip(1).Select(place => words[0] == "-" ? place : $"{words[0]}/{place}")).ToFrozenSet(StringComparer.Ordinal);
    }
}
