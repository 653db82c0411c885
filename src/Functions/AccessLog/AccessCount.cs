using System.Globalization;
using Azure.Data.Tables;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.AccessLog;

/// <summary>What is counted: somebody did something to a customer's secrets from an address, in one hour.</summary>
/// <param name="CustomerId">Whose secrets.</param>
/// <param name="What">See <see cref="AccessUse"/>.</param>
/// <param name="WhoType">As in the audit log: <c>account</c>, <c>apiKey</c>, <c>serviceAccount</c> or <c>system</c>.</param>
/// <param name="Who">The id of that account, key or service account.</param>
/// <param name="Address">Where from; <see cref="OtherAddresses"/> when there were too many.</param>
/// <param name="Hour">The beginning of the hour.</param>
internal sealed record AccessSubject(string CustomerId, string What, string WhoType, string Who, string Address, DateTimeOffset Hour)
{
    public const string OtherAddresses = "other addresses";

    /// <summary>The service account that it is about, whose own log then has it too; null for none.</summary>
    public string? ServiceAccountId { get; init; }

    /// <summary>The partitions that have it. A service account's own is read without whatever else its customer has.</summary>
    public IEnumerable<string> Logs => ServiceAccountId is null ? [CustomerId] : [LogOf(CustomerId, ServiceAccountId), CustomerId];

    private const long LastHour = 9_999_999;

    /// <summary>Comes behind every letter and digit, so that a subject's rows stand together.</summary>
    internal const char Separator = '|';

    /// <summary>What the row keys of its parts begin with. The hour counts down, so the newest is first.</summary>
    public string Key => string.Join(Separator, HourKey(Hour), What, Who, Address);

    public static string LogOf(string customerId, string serviceAccountId) => customerId + Separator + serviceAccountId;

    /// <summary>Behind every log of a customer and its service accounts; the customer's own is the first.</summary>
    public static string AfterLogs(string customerId) => customerId + (char)(Separator + 1);

    public static DateTimeOffset HourOf(DateTimeOffset instant) => new(instant.UtcTicks - (instant.UtcTicks % TimeSpan.TicksPerHour), TimeSpan.Zero);

    public static string HourKey(DateTimeOffset hour) => (LastHour - (hour.ToUnixTimeSeconds() / 3600)).ToString("D7", CultureInfo.InvariantCulture);

    /// <summary>The row of one part of its count: every instance counts for itself, and no two write the same row.</summary>
    public string RowKey(string part) => Key + Separator + part;

    public static string KeyOf(string rowKey) => rowKey[..rowKey.LastIndexOf(Separator)];

    /// <summary>Behind every row that begins with this.</summary>
    public static string After(string key) => key + Separator + '~';
}

/// <summary>How often it was, from the first time to the last.</summary>
internal sealed record AccessCount(AccessSubject Subject, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt)
{
    public AccessCount And(AccessCount other) => this with { Count = Count + other.Count, FirstAt = FirstAt < other.FirstAt ? FirstAt : other.FirstAt, LastAt = LastAt > other.LastAt ? LastAt : other.LastAt };

    public TableEntity ToEntity(string log, string part) => new(log, Subject.RowKey(part))
    {
        ["what"] = Subject.What,
        ["whoType"] = Subject.WhoType,
        ["who"] = Subject.Who,
        ["address"] = Subject.Address,
        ["hour"] = InstantConverter.Text(Subject.Hour),
        ["count"] = Count.ToString(CultureInfo.InvariantCulture),
        ["firstAt"] = InstantConverter.Text(FirstAt),
        ["lastAt"] = InstantConverter.Text(LastAt),
    };

    public static AccessCount From(TableEntity row) => new(
        new AccessSubject(row.PartitionKey.Split(AccessSubject.Separator)[0], row.Text("what")!, row.Text("whoType")!, row.Text("who")!, row.Text("address")!, Instant(row.Text("hour"))),
        long.Parse(row.Text("count")!, CultureInfo.InvariantCulture), Instant(row.Text("firstAt")), Instant(row.Text("lastAt")));

    private static DateTimeOffset Instant(string? text) => DateTimeOffset.Parse(text!, CultureInfo.InvariantCulture);
}
