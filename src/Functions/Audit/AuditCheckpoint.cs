using System.Globalization;
using Azure.Data.Tables;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>Where retention has cut a log: the newest row that is meant to be gone, so that what is left can still be verified.</summary>
/// <param name="Head">That row's sequence and hash.</param>
/// <param name="DeletedThrough">Up to where the rows really are gone; less than the cut while a deletion is under way or was interrupted.</param>
internal sealed record AuditCheckpoint(AuditHead Head, long DeletedThrough)
{
    private const string Key = "checkpoint";

    public static async Task<AuditCheckpoint> Read(AuditLog log, string partition, CancellationToken cancellation) => await log.Row(partition, Key, cancellation) is { } entity
        ? new AuditCheckpoint(new AuditHead(Number(entity.Text("sequence")), entity.Text("hash") ?? ""), Number(entity.Text("deletedThrough")))
        : new AuditCheckpoint(AuditHead.Empty, 0);

    public TableEntity ToEntity(string partition) => new(partition, Key)
    {
        ["sequence"] = Text(Head.Sequence),
        ["hash"] = Head.Hash,
        ["deletedThrough"] = Text(DeletedThrough),
    };

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static long Number(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;
}
