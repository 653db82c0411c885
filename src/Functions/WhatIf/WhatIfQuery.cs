using System.Diagnostics.CodeAnalysis;
using CustomerFunctions.Edge;

namespace CustomerFunctions.WhatIf;

/// <summary>One thing that would happen.</summary>
/// <param name="Action">What: see <c>docs/customers.md</c>.</param>
/// <param name="Target">The id of what it happens to; of a secret, its name.</param>
/// <param name="At">When, at the latest; absent when that depends on something else.</param>
/// <param name="Used">How much of it there is now, where that is counted.</param>
/// <param name="Limit">How much of it there may be then.</param>
public sealed record Effect(string Action, string Target, DateTimeOffset? At, long? Used = null, long? Limit = null)
{
    internal bool IsOver => Used > Limit;
}

/// <param name="WhatIf">Always true: nothing was changed.</param>
/// <param name="Effects">What would be hit, and when; empty when nothing would.</param>
public sealed record WhatIfResponse(bool WhatIf, IReadOnlyList<Effect> Effects)
{
    internal static WhatIfResponse Of(IReadOnlyList<Effect> effects) => new(true, effects);
}

/// <summary>
/// The query parameter <c>whatIf</c>, and the options of the route. It takes no other parameter: a misspelt one must
/// not do what was only asked about.
/// </summary>
internal static class WhatIfQuery
{
    /// <summary>Whether the caller only asks; false with the refusal when the query is not understood.</summary>
    /// <param name="request">The request.</param>
    /// <param name="whatIf">The parameter's value.</param>
    /// <param name="asked">Whether nothing is to be done.</param>
    /// <param name="refusal">What is wrong with the query.</param>
    /// <param name="options">The route's own parameters, which are true or false too.</param>
    public static bool TryRead(HttpRequest request, string? whatIf, out bool asked, [NotNullWhen(false)] out Problem? refusal, params (string Name, string? Value)[] options)
    {
        var checks = new Checks();
        (string Name, string? Value)[] known = [(nameof(whatIf), whatIf), .. options];
        checks.Parameters(request, [.. known.Select(option => option.Name)]);
        foreach (var (name, value) in known)
        {
            if (value is not (null or "true" or "false")) { checks.Add("?" + name, "unknown-value", "Expected true or false."); }
        }
        asked = whatIf == "true";
        refusal = checks.Refusal;
        return refusal is null;
    }
}
