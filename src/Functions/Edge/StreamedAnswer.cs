using System.Buffers;
using System.IO.Pipelines;

namespace CustomerFunctions.Edge;

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
