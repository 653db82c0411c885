using System.Buffers;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Exports;

/// <summary>Exports all there is of one customer as JSON lines; see <see cref="CustomerArchive"/>.</summary>
internal static class ExportCustomer
{
    public static StreamedAnswer<Action<IBufferWriter<byte>>> Handle(string customerId, CustomerInPath customer, CustomerArchive archive, TimeProvider clock, CancellationToken cancellation) =>
        new(JsonLines.ContentType, $"{customerId}.jsonl", archive.Lines(customer.Stored, clock.GetUtcNow(), cancellation), static (output, write) => write(output));
}
