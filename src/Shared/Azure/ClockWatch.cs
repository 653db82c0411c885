using System.Globalization;

namespace CustomerFunctions.Shared.Azure;

/// <summary>This instance's clock is too far from Cosmos DB's for it to take a claim.</summary>
public sealed class ClockSkewException(TimeSpan skew) : Exception(string.Create(
    CultureInfo.InvariantCulture, $"This instance's clock is {Math.Abs(skew.TotalSeconds):0} s {(skew > TimeSpan.Zero ? "ahead of" : "behind")} Cosmos DB's."));

/// <summary>
/// Compares this instance's clock with Cosmos DB's, which all instances share, by the <c>Date</c> header of its answers
/// (RFC 9110 §6.6.1: whole seconds). Claims are compared by the clocks of the instances that take them, so an instance
/// whose clock is off by more than <see cref="Tolerance"/> takes none.
/// </summary>
public sealed class ClockWatch(TimeProvider clock)
{
    /// <summary>
    /// Two instances may be this far off in opposite directions. Twice this is less than the shortest time by which an
    /// instance stops acting before its claim ends (15 seconds).
    /// </summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(7);

    private static readonly TimeSpan Resolution = TimeSpan.FromSeconds(1);

    private long skew;

    /// <summary>How far this instance's clock is ahead, by the latest answer; negative when it is behind.</summary>
    public TimeSpan Skew => new(Interlocked.Read(ref skew));

    /// <summary>How far a clock is certainly ahead that showed <paramref name="sent"/> and <paramref name="received"/> around an answer of that <paramref name="date"/>; negative when it is behind.</summary>
    public static TimeSpan Between(DateTimeOffset sent, DateTimeOffset received, DateTimeOffset date) =>
        sent > date + Resolution ? sent - date - Resolution : received < date ? received - date : TimeSpan.Zero;

    /// <summary>Throws when this instance must not take a claim.</summary>
    public void EnsureClose()
    {
        if (Skew.Duration() > Tolerance) { throw new ClockSkewException(Skew); }
    }

    /// <summary>The connections to Cosmos DB, watched.</summary>
    internal HttpMessageHandler Watching(HttpMessageHandler connections) => new Watch(this) { InnerHandler = connections };

    private sealed class Watch(ClockWatch owner) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var sent = owner.Now;
            var response = await base.SendAsync(request, cancellationToken);
            if (response.Headers.Date is { } date) { Interlocked.Exchange(ref owner.skew, Between(sent, owner.Now, date).Ticks); }
            return response;
        }
    }

    private DateTimeOffset Now => clock.GetUtcNow();
}
