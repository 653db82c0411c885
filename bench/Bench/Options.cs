using System.Globalization;

namespace Bench;

/// <summary>The numbers on the command line, by name.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, int> values = [];

    /// <summary>Null when they are not pairs of a name and a number.</summary>
    public static Options? Parse(string[] args)
    {
        var options = new Options();
        if (args.Length % 2 != 0) { return null; }
        foreach (var pair in args.Chunk(2))
        {
            if (!pair[0].StartsWith("--", StringComparison.Ordinal) || !int.TryParse(pair[1], CultureInfo.InvariantCulture, out var value) || value < 1) { return null; }
            options.values[pair[0][2..]] = value;
        }
        return options;
    }

    public int Get(string name, int fallback) => values.GetValueOrDefault(name, fallback);
}
