using System.Globalization;

namespace Bench;

/// <summary>Figures of one kind; what counts is their median.</summary>
internal sealed class Sample
{
    private readonly List<double> values = [];

    public double Median
    {
        get
        {
            var sorted = values.Order().ToList();
            return sorted.Count % 2 == 1 ? sorted[sorted.Count / 2] : (sorted[(sorted.Count / 2) - 1] + sorted[sorted.Count / 2]) / 2;
        }
    }

    public void Add(double value) => values.Add(value);

    /// <summary>Median, smallest and largest.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Median:0.##} ({values.Min():0.##} to {values.Max():0.##})");
}
