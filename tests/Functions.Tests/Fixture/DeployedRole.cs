using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>The custom roles as <c>infra/bicep/rotation-role.bicep</c> declares them, so that tests let the app do what its deployment does, and no more.</summary>
internal static partial class DeployedRole
{
    private static readonly string Source = File.ReadAllText(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "infra", "bicep", "rotation-role.bicep"));

    /// <summary>What the role of a symbol allows.</summary>
    public static IReadOnlyList<string> Actions(string symbol) =>
        [.. Action().Matches(Definition().Matches(Source).Single(role => role.Groups["symbol"].Value == symbol).Value).Select(action => action.Groups[1].Value)];

    [GeneratedRegex(@"^resource (?<symbol>\w+) 'Microsoft\.Authorization/roleDefinitions@.*?^\}", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Definition();

    [GeneratedRegex(@"^ +'(Microsoft\.[^']+)'", RegexOptions.Multiline)]
    private static partial Regex Action();
}
