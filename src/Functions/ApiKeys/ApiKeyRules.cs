using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.Shared;

namespace CustomerFunctions.ApiKeys;

/// <summary>What may be asked of an API key, and that nobody makes one that may more than he himself.</summary>
internal static class ApiKeyRules
{
    /// <summary>How long a rolled value may go on (Unkey's choices): not at all, an hour, a day, a week, thirty days.</summary>
    public static readonly IReadOnlyList<TimeSpan> Graces = [TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromDays(1), TimeSpan.FromDays(7), TimeSpan.FromDays(30)];

    public static readonly TimeSpan DefaultGrace = TimeSpan.FromDays(1);

    public static IReadOnlyList<string> AllScopes { get; } =
        [.. Enum.GetValues<Permission>().Where(permission => Permissions.RolesFor(permission).Contains(Role.CustomerKey)).Select(Permissions.Name)];

    public static void Check(Checks checks, IReadOnlyList<string>? scopes, IReadOnlyList<string>? networks)
    {
        if (scopes is { Count: 0 }) { checks.Add("/scopes", "empty", "Name at least one permission, or leave the field out for all that an API key may."); }
        for (var i = 0; i < scopes?.Count; i++)
        {
            if (!AllScopes.Contains(scopes[i])) { checks.Add($"/scopes/{i}", "unknown-value", $"Expected one of {string.Join(", ", AllScopes)}."); }
            else if (scopes.Take(i).Contains(scopes[i])) { checks.Add($"/scopes/{i}", "duplicate", "Each permission once."); }
        }
        if (networks is { Count: 0 }) { checks.Add("/networks", "empty", "Name at least one network, or leave the field out for everywhere."); }
        Networks.Check(checks, "/networks", networks);
    }

    /// <summary>Confining a key to networks takes the feature; what it is confined to already stays, and confining it no more is always possible.</summary>
    public static Problem? RefuseNetworks(Customer customer, IReadOnlyList<string>? before, IReadOnlyList<string>? after) =>
        after is null || before?.SequenceEqual(after) == true ? null : FeatureFlags.Refuses(FeatureFlags.NetworkRules, customer);

    /// <summary>The end of a key that the caller makes: as asked, else that of the caller's own key or token.</summary>
    public static DateTimeOffset? EndOf(Principal maker, DateTimeOffset? asked) => asked ?? maker.EndsAt;

    /// <summary>The end of a token: after its lifetime, or with the key if that is sooner.</summary>
    public static DateTimeOffset TokenEnd(Principal caller, TimeSpan lifetime, DateTimeOffset now) => caller.EndsAt < now + lifetime ? caller.EndsAt.Value : now + lifetime;

    /// <summary>
    /// Refuses to create, import, change or roll a key that may do more than the caller's own, be used elsewhere, or last
    /// longer. Each key is compared with its maker, so the rule holds for keys made by keys made by keys.
    /// </summary>
    public static Problem? RefuseEscalation(Principal caller, IReadOnlyList<string>? scopes, IReadOnlyList<string>? networks, DateTimeOffset? endsAt)
    {
        // Ends are stored in milliseconds; a request may name a fraction of one.
        if (caller.EndsAt is { } end && (endsAt is null || endsAt >= end + TimeSpan.FromMilliseconds(1)))
        {
            return Failures.ForbiddenHere($"The caller's own key or token ends at {InstantConverter.Text(end)}, so it makes and changes no key that goes on after that.");
        }
        if (caller.Scopes is { } own && (scopes is null || scopes.Any(scope => Permissions.Find(scope) is not { } permission || !own.Contains(permission))))
        {
            return Failures.ForbiddenHere("The caller's own key is confined to its scopes, so it makes and changes no key that has others.");
        }
        return Networks.AreWithin(Networks.Parse(networks), caller.Networks) ? null : Failures.ForbiddenHere("The caller's own key is confined to its networks, so it makes and changes no key that may be used elsewhere.");
    }
}
