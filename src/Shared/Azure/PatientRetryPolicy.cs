using System.Globalization;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace CustomerFunctions.Shared.Azure;

/// <summary>The SDK's own retries, but for a service that wants to be left alone for longer than a request should stand: then the refusal goes to whoever can wait.</summary>
internal sealed class PatientRetryPolicy() : RetryPolicy(MaxRetries, DelayStrategy.CreateExponentialDelayStrategy(FirstDelay, LongestDelay))
{
    private const int MaxRetries = 3;
    private static readonly TimeSpan FirstDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(2);

    protected override bool ShouldRetry(HttpMessage message, Exception? exception) => !AsksForPatience(message) && base.ShouldRetry(message, exception);

    protected override ValueTask<bool> ShouldRetryAsync(HttpMessage message, Exception? exception) => AsksForPatience(message) ? new(false) : base.ShouldRetryAsync(message, exception);

    protected override void OnSendingRequest(HttpMessage message) => Sendings.Note(message);

    protected override ValueTask OnSendingRequestAsync(HttpMessage message)
    {
        Sendings.Note(message);
        return ValueTask.CompletedTask;
    }

    private static bool AsksForPatience(HttpMessage message) => message.HasResponse && Throttling.RetryAfter(message.Response) > LongestDelay;
}

/// <summary>A service has refused a call because there were too many (429).</summary>
public sealed class ThrottledException(TimeSpan? retryAfter) : RequestFailedException(429, "Azure Resource Manager answered 429.")
{
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>What services say of how long they want to be left alone.</summary>
public static class Throttling
{
    /// <summary>Null when the failure is none of throttling; zero when the service does not say how long.</summary>
    public static TimeSpan? Of(RequestFailedException exception) => exception.Status != 429 ? null
        : exception is ThrottledException ours ? ours.RetryAfter ?? TimeSpan.Zero
        : exception is GraphFailedException graph ? graph.RetryAfter ?? TimeSpan.Zero
        : exception.GetRawResponse() is { } response ? RetryAfter(response) ?? TimeSpan.Zero : TimeSpan.Zero;

    /// <summary>Retry-After in seconds or as a date, or the milliseconds of x-ms-retry-after-ms.</summary>
    public static TimeSpan? RetryAfter(Response response)
    {
        if (response.Headers.TryGetValue("x-ms-retry-after-ms", out var text) && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)) { return TimeSpan.FromMilliseconds(milliseconds); }
        if (!response.Headers.TryGetValue("Retry-After", out text)) { return null; }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds)) { return TimeSpan.FromSeconds(seconds); }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) && response.Headers.Date is { } date && at > date ? at - date : null;
    }
}
