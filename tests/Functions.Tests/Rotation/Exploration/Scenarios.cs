using CustomerFunctions.LeakDesk;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>The baselines.</summary>
internal static class Scenarios
{
    /// <summary>While the old key has its overlap.</summary>
    private static readonly TimeSpan InOverlap = TimeSpan.FromMinutes(20);

    /// <summary>When the rotation is done. A deviation lets it happen at any call before.</summary>
    private static readonly TimeSpan After = TimeSpan.FromHours(3);

    /// <summary>Those whose interleavings the suite explores with two deviations: of each family what takes keys away, or changes hands.</summary>
    private static readonly string[] WithTwo =
    [
        Scenario.ApiCredential + "/rotation", Scenario.ApiCredential + "/leak-after", Scenario.ApiCredential + "/emergency-after", Scenario.EntraApplication + "/personal-emergency",
        Scenario.StorageKeys + "/rotation", Scenario.StorageKeys + "/suspend-after", Scenario.StorageKeys + "/migration-canceled",
    ];

    /// <summary>Has a fault: the exploration must find it.</summary>
    public static Scenario WithFault => new("planted/leak-after", Scenario.ApiCredential) { PutsBackUnclaimed = true, Actions = [Scenario.LeakWithFault(After)] };

    public static IEnumerable<string> Kinds => [Scenario.ApiCredential, Scenario.EntraApplication, Scenario.StorageKeys];

    public static Scenario Find(string kind, string name) => For(kind).First(scenario => scenario.Name == $"{kind}/{name}");

    /// <summary>Reads a whole EXPLORE_SCHEDULE: the scenario, then what deviates.</summary>
    public static (Scenario Scenario, IReadOnlyList<Decision> Schedule) Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return (Kinds.SelectMany(For).Append(WithFault).First(scenario => scenario.Name == parts[0]), Decision.ParseAll(parts.Length == 1 ? "" : parts[1]));
    }

    public static IEnumerable<Scenario> For(string kind) => All(kind).Select(scenario => scenario with { SuiteDeviations = WithTwo.Contains(scenario.Name) ? 2 : 1 });

    private static IEnumerable<Scenario> All(string kind)
    {
        yield return new(kind + "/create", kind) { HasAccount = false, IsDue = false, Actions = [Scenario.Create(kind)] };
        yield return new(kind + "/rotation", kind);
        yield return new(kind + "/emergency", kind) { Actions = [Scenario.Emergency(InOverlap)] };
        yield return new(kind + "/emergency-after", kind) { Actions = [Scenario.Emergency(After)] };
        yield return new(kind + "/suspend", kind) { Actions = [Scenario.Suspend(InOverlap), Scenario.Restore(2 * InOverlap)] };
        yield return new(kind + "/suspend-after", kind) { Actions = [Scenario.Suspend(After), Scenario.Restore(After)] };
        yield return new(kind + "/suspended", kind) { Actions = [Scenario.Suspend(After)] };
        yield return new(kind + "/policy", kind) { Actions = [Scenario.ChangePolicy(After)] };
        yield return new(kind + "/delete", kind) { Actions = [Scenario.Delete(After)] };
        if (kind == Scenario.ApiCredential)
        {
            yield return new(kind + "/leak", kind) { Actions = [Scenario.Leak(InOverlap, LeakResponse.Revoke)] };
            yield return new(kind + "/leak-after", kind) { Actions = [Scenario.Leak(After, LeakResponse.Revoke)] };
            yield return new(kind + "/leak-grace", kind) { LeakResponse = LeakResponse.Grace, Actions = [Scenario.Leak(After, LeakResponse.Grace)] };
            yield return new(kind + "/leak-policy", kind) { Actions = [Scenario.Leak(After, LeakResponse.Revoke), Scenario.ChangePolicy(After)] };
        }
        if (kind == Scenario.EntraApplication)
        {
            yield return new(kind + "/personal-rotation", kind) { IsForPersonalAccounts = true };
            yield return new(kind + "/personal-emergency", kind) { IsForPersonalAccounts = true, Actions = [Scenario.Emergency(InOverlap)] };
        }
        if (kind == Scenario.StorageKeys)
        {
            yield return new(kind + "/migration", kind) { IsDue = false, Actions = [Scenario.Migrate(InOverlap)] };
            yield return new(kind + "/migration-canceled", kind) { IsDue = false, Actions = [Scenario.Migrate(InOverlap), Scenario.Cancel(InOverlap)] };
        }
    }
}
