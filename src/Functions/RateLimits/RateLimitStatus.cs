using System.Globalization;

namespace CustomerFunctions.RateLimits;

/// <summary>How a limit stands, as the fields of the IETF draft "RateLimit header fields for HTTP" say it.</summary>
/// <param name="Policy">The policy's name.</param>
/// <param name="Quota">How many requests it allows in a window.</param>
/// <param name="Window">The window.</param>
/// <param name="Remaining">How many are left.</param>
/// <param name="Reset">Until when they have to last; null when there will be no others.</param>
internal sealed record RateLimitStatus(string Policy, int Quota, TimeSpan Window, int Remaining, TimeSpan? Reset)
{
    public const string PolicyHeader = "RateLimit-Policy";
    public const string Header = "RateLimit";

    public string PolicyText => string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";q={Quota};w={(long)Window.TotalSeconds}");

    public string Text => string.Create(CultureInfo.InvariantCulture, $"\"{Policy}\";r={Remaining}{(Reset is { } wait ? $";t={(long)Math.Ceiling(wait.TotalSeconds)}" : "")}");

    public void WriteTo(IHeaderDictionary headers)
    {
        headers[PolicyHeader] = PolicyText;
        headers[Header] = Text;
    }
}
