using System.Globalization;

namespace CustomerFunctions.Edge;

/// <summary>What an answer says of a job that goes on after it, as the Azure REST guidelines have it: where to follow it, and while it runs when to look again.</summary>
internal static class JobHeaders
{
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);

    /// <summary>Longer waits may be cut short by somebody who mends what is wrong.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    /// <summary>Says where the job is followed, and returns that.</summary>
    public static string Follow(HttpContext context, string path)
    {
        var link = $"{context.Request.Scheme}://{context.Request.Host}{path}";
        context.Response.Headers["Operation-Location"] = link;
        return link;
    }

    /// <summary>Says when to look again at a job that runs: when it is tried again, if an attempt has failed, or in a few seconds.</summary>
    public static void LookAgain(HttpContext context, DateTimeOffset? nextAttemptAt, TimeProvider clock)
    {
        var wait = nextAttemptAt - clock.GetUtcNow() is { } known && known > Usual ? known : Usual;
        context.Response.Headers.RetryAfter = Math.Ceiling((wait < Longest ? wait : Longest).TotalSeconds).ToString(CultureInfo.InvariantCulture);
    }
}
