using System.Globalization;
using System.Text.RegularExpressions;

namespace LocalAzure.Stripe;

/// <summary>The parameters of a list. What Stripe does not have is refused as Stripe refuses it; what it has and is not here, as not implemented.</summary>
internal sealed partial class StripeQuery
{
    private static readonly string[] Elsewhere = ["type", "delivery_success", "ending_before", "expand"];
    private readonly IQueryCollection query;
    private readonly long least;
    private readonly long most;

    public StripeQuery(IQueryCollection query)
    {
        this.query = query;
        foreach (var name in query.Keys.Where(name => !Known().IsMatch(name)))
        {
            throw Elsewhere.Contains(name.Split('[')[0]) ? StripeRefusal.NotImplemented($"the parameter {name}") : StripeRefusal.UnknownParameter(name);
        }
        Types = [.. query.Where(pair => pair.Key.StartsWith("types[", StringComparison.Ordinal)).SelectMany(pair => pair.Value).OfType<string>()];
        StartingAfter = query["starting_after"].ToString() is { Length: > 0 } id ? id : null;
        least = new[] { Integer("created"), Integer("created[gte]"), Integer("created[gt]") + 1 }.Max() ?? long.MinValue;
        most = new[] { Integer("created"), Integer("created[lte]"), Integer("created[lt]") - 1 }.Min() ?? long.MaxValue;
    }

    public IReadOnlyList<string> Types { get; }

    public string? StartingAfter { get; }

    public bool Matches(StripeEvent one) => one.Created >= least && one.Created <= most && (Types.Count == 0 || Types.Contains(one.Type));

    public long? Integer(string name)
    {
        if (!query.TryGetValue(name, out var text)) { return null; }
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw StripeRefusal.NoInteger(name, text.ToString());
    }

    [GeneratedRegex(@"^(limit|starting_after|created(\[(gte|gt|lte|lt)\])?|types\[\d*\])\z")]
    private static partial Regex Known();
}
