using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Usage;

/// <summary>
/// One report of usage, under an id that follows from the reporter's own: creating it is what makes a report count once. It stays 32 days from when it was counted, so a repetition within that time is
/// recognised (CloudEvents 1.0: source and id together are unique).
/// </summary>
internal sealed record UsageEvent : Document
{
    public const string DocumentType = "usageEvent";

    /// <summary>How long a report is remembered, and how far back one may lie.</summary>
    public static readonly TimeSpan Remembered = TimeSpan.FromDays(32);

    public required string CustomerId { get; init; }

    /// <summary>The month it counts in: that of its time, in UTC.</summary>
    public required string Month { get; init; }

    public required string Meter { get; init; }

    public required long Quantity { get; init; }

    public required DateTimeOffset Time { get; init; }

    public required string Source { get; init; }

    /// <summary>The reporter's id for it.</summary>
    public required string EventId { get; init; }

    public required DateTimeOffset RecordedAt { get; init; }

    public required string RecordedBy { get; init; }

    /// <summary>Since when it waits to be counted; absent when it has been, so the index holds waiting ones only.</summary>
    public DateTimeOffset? UncountedSince { get; init; }

    /// <summary>
    /// Whether a report of this id says the same. A time that was left out, or was ahead of the clock, was recorded as
    /// the time of recording; a report without a time says nothing of it.
    /// </summary>
    public bool Says(UsageReport report) => report.Meter == Meter && report.Quantity == Quantity && report.Time switch
    {
        null => true,
        { } time when Time == RecordedAt && time >= RecordedAt => true,
        { } time => InstantConverter.Text(time) == InstantConverter.Text(Time),
    };

    public static string IdOf(string customerId, string source, string id) =>
        "use_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{customerId} {source.Length} {source}{id}")).AsSpan(0, 16));
}
