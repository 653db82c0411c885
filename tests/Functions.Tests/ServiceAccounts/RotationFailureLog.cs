using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>What the app has written of one failure: the step, null when the account could not even be claimed, and the rest of the line with the reason.</summary>
internal sealed record LoggedFailure(string? Step, string Reason);

/// <summary>The app's own lines about rotations that failed (1202), were throttled (1206), or did not begin (1301), by account.</summary>
internal static partial class RotationFailureLog
{
    public static ILookup<string, LoggedFailure> Read(LocalCloud cloud) => Directory.EnumerateFiles(Path.Combine(cloud.State, "logs"), "functions-*.log").SelectMany(LocalCloud.ReadLines)
        .Select(line => Line().Match(line)).Where(match => match.Success)
        .ToLookup(match => match.Groups["account"].Value, match => new LoggedFailure(match.Groups["step"] is { Success: true } step ? step.Value : null, match.Groups["rest"].Value));

    [GeneratedRegex(@"\[(?:1202|1206)\] Rotation of service account (?<account>\w+) (?:failed )?at step (?<step>\w+)(?<rest>.*)|\[1301\] RotateServiceAccountKeys: (?<account>\w+) failed(?<rest>.*)")]
    private static partial Regex Line();
}
