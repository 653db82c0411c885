using CustomerFunctions.LeakDesk;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>The baselines.</summary>
internal static class Scenarios
{
    private static readonly TimeSpan Soon = TimeSpan.FromMinutes(20);

    public static IEnumerable<string> Kinds => [Scenario.ApiCredential, Scenario.EntraApplication, Scenario.StorageKeys];

    public static Scenario Find(string kind, string name) => For(kind).First(scenario => scenario.Name == $"{kind}/{name}");

    /// <summary>Reads a whole EXPLORE_SCHEDULE: the scenario, then what deviates.</summary>
    public static (Scenario Scenario, IReadOnlyList<Decision> Schedule) Parse(string text)
    {
        var parts = text.Split(' ', 2);
        return (Kinds.SelectMany(For).First(scenario => scenario.Name == parts[0]), Decision.ParseAll(parts.Length == 1 ? "" : parts[1]));
    }

    public static IEnumerable<Scenario> For(string kind)
    {
        yield return new(kind + "/create", kind) { HasAccount = false, IsDue = false, Actions = [Scenario.Create(kind)] };
        yield return new(kind + "/rotation", kind);
        yield return new(kind + "/emergency", kind) { Actions = [Scenario.Emergency(Soon)] };
        yield return new(kind + "/suspend", kind) { Actions = [Scenario.Suspend(Soon), Scenario.Restore(2 * Soon)] };
        yield return new(kind + "/suspended", kind) { Actions = [Scenario.Suspend(Soon)] };
        yield return new(kind + "/policy", kind) { Actions = [Scenario.ChangePolicy(Soon)] };
        yield return new(kind + "/delete", kind) { Actions = [Scenario.Delete(Soon)] };
        if (kind == Scenario.ApiCredential)
        {
            yield return new(kind + "/leak", kind) { Actions = [Scenario.Leak(Soon, LeakResponse.Revoke)] };
            yield return new(kind + "/leak-grace", kind) { LeakResponse = LeakResponse.Grace, Actions = [Scenario.Leak(Soon, LeakResponse.Grace)] };
            yield return new(kind + "/leak-policy", kind) { Actions = [Scenario.Leak(Soon, LeakResponse.Revoke), Scenario.ChangePolicy(Soon)] };
        }
        if (kind == Scenario.EntraApplication)
        {
            yield return new(kind + "/personal-rotation", kind) { IsForPersonalAccounts = true };
            yield return new(kind + "/personal-emergency", kind) { IsForPersonalAccounts = true, Actions = [Scenario.Emergency(Soon)] };
        }
        if (kind == Scenario.StorageKeys)
        {
            yield return new(kind + "/migration", kind) { IsDue = false, Actions = [Scenario.Migrate(Soon)] };
            yield return new(kind + "/migration-canceled", kind) { IsDue = false, Actions = [Scenario.Migrate(Soon), Scenario.Cancel(Soon)] };
        }
    }
}
