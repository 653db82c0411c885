using System.Globalization;

namespace CustomerFunctions.Tests.Fixture;

/// <summary>
/// Exceptions that the app does not expect, thrown in its own process: LocalAzure refuses a call with a Retry-After that nobody else asks for, and where the answer comes in
/// (<see cref="StartupHook"/>) an exception is thrown instead of it. An app that was trimmed takes no startup hook, so it is the built one, whatever else the tests run on.
/// </summary>
internal static class ThrownOnDemand
{
    public const int RetryAfterMilliseconds = 77_777;

    /// <summary>An environment whose instances throw.</summary>
    public static string[] Arguments => ["--app", LocalCloud.BuiltApp, "--setting", $"DOTNET_STARTUP_HOOKS={typeof(ThrownOnDemand).Assembly.Location}"];

    /// <summary>The fault that throws, <c>before</c> or <c>after</c> the call is carried out.</summary>
    public static object Fault(string service, string operation, string? body = null, int skip = 0, string when = "before", int count = 1) =>
        new { service, operation, body, skip, count, seconds = 3600, kind = "unavailable", retryAfterMilliseconds = RetryAfterMilliseconds, when };

    /// <summary>How often one was thrown and the app has written so.</summary>
    public static int CountIn(LocalCloud cloud) =>
        Directory.EnumerateFiles(Path.Combine(cloud.State, "logs"), "functions-*.log").Sum(path => LocalCloud.ReadLines(path).Count(line => line.Contains(nameof(ThrownOnDemandException), StringComparison.Ordinal)));

    public static bool IsAskedFor(HttpResponseMessage answer) =>
        answer.Headers.TryGetValues("x-ms-retry-after-ms", out var milliseconds) ? milliseconds.First() == RetryAfterMilliseconds.ToString(CultureInfo.InvariantCulture)
        : answer.Headers.RetryAfter?.Delta is { } asked && asked == TimeSpan.FromSeconds(Math.Ceiling(RetryAfterMilliseconds / 1000.0));
}

internal sealed class ThrownOnDemandException() : Exception("Thrown on demand.");
