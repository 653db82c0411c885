using System.Buffers;
using System.IO.Pipelines;

namespace CustomerFunctions.Edge;

/// <summary>The deadline of the request at hand.</summary>
internal sealed class RequestDeadline(CancellationTokenSource deadline)
{
    private static readonly AsyncLocal<CancellationToken> Running = new();

    /// <summary>For what the framework calls without a token; none outside of a request.</summary>
    public static CancellationToken Current { get => Running.Value; set => Running.Value = value; }

    /// <summary>
    /// Settles what a failure has left, on time of its own, since the request's may be what ran out. A request does not
    /// wait for it beyond its deadline.
    /// </summary>
    public static Task<T> TidyUp<T>(TimeSpan longest, Func<CancellationToken, Task<T>> work) => Within(longest, work).WaitAsync(Current);

    private static async Task<T> Within<T>(TimeSpan longest, Func<CancellationToken, Task<T>> work)
    {
        using var time = new CancellationTokenSource(longest);
        return await work(time.Token);
    }

    /// <summary>For an answer that takes as long as there is something to send and somebody who reads it.</summary>
    public void Lift() => deadline.CancelAfter(Timeout.InfiniteTimeSpan);
}

/// <summary>
/// An answer that is written while it is read, a batch at a time: it takes no more memory for a million items than for ten. What fails before the first batch is answered like any failure; what fails
/// after it cuts the connection, so that nobody takes the half for the whole.
/// </summary>
/// <param name="contentType">What the lines are.</param>
/// <param name="fileName">What a browser is to save it as.</param>
/// <param name="items">What to write.</param>
/// <param name="write">Writes one item, without waiting.</param>
internal sealed class StreamedAnswer<T>(string contentType, string fileName, IAsyncEnumerable<T> items, Action<IBufferWriter<byte>, T> write) : IResult
{
    private const int BatchBytes = 32 * 1024;

    /// <summary>What stands before the first item, if anything.</summary>
    public ReadOnlyMemory<byte> Head { get; init; }

    public async Task ExecuteAsync(HttpContext context)
    {
        context.Features.Get<RequestDeadline>()!.Lift();
        var (response, cancellation) = (context.Response, context.RequestAborted);
        response.ContentType = contentType;
        response.Headers.ContentDisposition = $"attachment; filename=\"{fileName}\"";
        response.Headers.CacheControl = "no-store";
        var batch = new ArrayBufferWriter<byte>(BatchBytes);
        batch.Write(Head.Span);
        await foreach (var item in items.WithCancellation(cancellation))
        {
            write(batch, item);
            if (batch.WrittenCount >= BatchBytes) { await Send(response.BodyWriter, batch, cancellation); }
        }
        await Send(response.BodyWriter, batch, cancellation);
    }

    private static async Task Send(PipeWriter body, ArrayBufferWriter<byte> batch, CancellationToken cancellation)
    {
        await body.WriteAsync(batch.WrittenMemory, cancellation);
        batch.ResetWrittenCount();
    }
}
