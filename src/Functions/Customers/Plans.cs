namespace CustomerFunctions.Customers;

/// <summary>What a plan allows, in one place.</summary>
internal static class Plans
{
    private static readonly Dictionary<string, int> Requests = new() { ["trial"] = 60, ["free"] = 60, ["basic"] = 300, ["professional"] = 1_200, ["enterprise"] = 6_000 };

    /// <summary>Requests that one key of a customer may make in a minute. A plan that nobody knows is as good as none.</summary>
    public static int RequestsPerMinute(string plan) => Requests.GetValueOrDefault(plan, Requests["free"]);
}
