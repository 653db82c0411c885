namespace CustomerFunctions.Webhooks;

/// <summary>What came of one attempt.</summary>
/// <param name="Status">The receiver's answer; null when there was none.</param>
/// <param name="Error">Why there was none, in a word.</param>
/// <param name="RetryAfter">How long the receiver wants to be left alone.</param>
internal sealed record SendOutcome(int? Status, string? Error = null, TimeSpan? RetryAfter = null)
{
    /// <summary>2xx and nothing else; a redirect is none.</summary>
    public bool Delivered => Status is >= 200 and < 300;

    /// <summary>410: the receiver wants no more, for good.</summary>
    public bool IsGone => Status == StatusCodes.Status410Gone;

    /// <summary>The receiver is overloaded or does not answer, which the next message would find too.</summary>
    public bool Throttles => Status is null or 429 or 502 or 503 or 504 || (!Delivered && RetryAfter is not null);
}
