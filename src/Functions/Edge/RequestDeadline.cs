namespace CustomerFunctions.Edge;

/// <summary>
/// The deadline of the request at hand. It bounds what a handler does, never the writing of its answer: an answer that has begun ends only with its
/// last byte or with the connection.
/// </summary>
/// <param name="deadline">Cancels what the handler waits for.</param>
/// <param name="aborted">The caller has gone.</param>
internal sealed class RequestDeadline(CancellationTokenSource deadline, CancellationToken aborted)
{
    private static readonly AsyncLocal<CancellationToken> Running = new();

    /// <summary>For what the framework calls without a token; none outside of a request.</summary>
    public static CancellationToken Current { get => Running.Value; set => Running.Value = value; }

    /// <summary>
    /// Settles what a failure has left, on time of its own, since the request's may be what ran out. A request does not
    /// wait for it beyond its deadline.
    /// </summary>
    public static Task<T> TidyUp<T>(TimeSpan longest, Func<CancellationToken, Task<T>> work) => Within(longest, work).WaitAsync(Current);

    /// <summary>For an answer that takes as long as there is something to send and somebody who reads it.</summary>
    public void Lift() => deadline.CancelAfter(Timeout.InfiniteTimeSpan);

    /// <summary>Exempts what is written from now on. Middleware that took the token before keeps the deadline.</summary>
    public void ExemptAnswer(HttpContext context) => context.RequestAborted = aborted;

    public static async ValueTask<object?> Filter(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var answer = await next(context);
        context.HttpContext.Features.Get<RequestDeadline>()?.ExemptAnswer(context.HttpContext);
        return answer;
    }

    private static async Task<T> Within<T>(TimeSpan longest, Func<CancellationToken, Task<T>> work)
    {
        using var time = new CancellationTokenSource(longest);
        return await work(time.Token);
    }
}
