using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.AccessLog;

/// <param name="What"><c>keyUsed</c>, <c>keyRefused</c> or <c>secretShown</c>.</param>
/// <param name="Who">The key, service account or person.</param>
/// <param name="Address">Where from; <c>other addresses</c> when there were too many in the hour.</param>
/// <param name="Hour">The hour in which it was.</param>
/// <param name="Count">How often.</param>
/// <param name="FirstAt">The first time in the hour.</param>
/// <param name="LastAt">The last time in the hour.</param>
public sealed record AccessResponse(string What, AuditActor Who, string Address, DateTimeOffset Hour, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt)
{
    internal static AccessResponse From(AccessCount count) =>
        new(count.Subject.What, new AuditActor(count.Subject.WhoType, count.Subject.Who), count.Subject.Address, count.Subject.Hour, count.Count, count.FirstAt, count.LastAt);
}

/// <summary>Reads who used a customer's keys and saw its secrets, by hours, the newest first.</summary>
internal static class ListAccess
{
    private static readonly string[] Parameters = ["key", "address", "from", "to", "maxpagesize", "continuation"];

    /// <param name="customerId">Whose keys.</param>
    /// <param name="key">The id of an API key, service account or account.</param>
    /// <param name="address">An address, as the log writes it.</param>
    /// <param name="from">From the hour of this instant on (RFC 3339).</param>
    /// <param name="to">Hours that begin before this instant.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<AccessResponse>>, Problem>> Handle(
        string customerId, string? key, string? address, string? from, string? to, string? maxpagesize, string? continuation, AccessTable table, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        var also = "";
        if (key is { Length: > 0 }) { also += $" and who eq {TableRows.Quote(key)}"; }
        if (address is { Length: > 0 }) { also += $" and address eq {TableRows.Quote(address)}"; }
        if (key is { Length: > 100 }) { checks.Add("?key", "too-long", "At most 100 characters."); }
        if (address is { Length: > 100 }) { checks.Add("?address", "too-long", "At most 100 characters."); }
        return await Page(customerId, also, checks, from, to, maxpagesize, continuation, table, request, cancellation);
    }

    /// <summary>One page of a log, unless something is wrong with the request.</summary>
    internal static async Task<Results<Ok<PageOf<AccessResponse>>, Problem>> Page(
        string log, string also, Checks checks, string? from, string? to, string? maxpagesize, string? continuation, AccessTable table, HttpRequest request, CancellationToken cancellation)
    {
        var (since, until) = (checks.Instant("?from", from), checks.Instant("?to", to));
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var filter = Hours(since, until) + also;
        var list = $"access-log|{log}|{filter}";
        if (!Paging.TryContinuation(request, continuation, list, out var cursor)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var (counts, next) = await table.Read(log, filter, size, cursor, cancellation);
        return TypedResults.Ok(new PageOf<AccessResponse>([.. counts.Select(AccessResponse.From)], Paging.NextLink(request, list, next), size));
    }

    /// <summary>Keys count the hours down: later ones are smaller.</summary>
    private static string Hours(DateTimeOffset? since, DateTimeOffset? until)
    {
        var filter = "RowKey gt ''";
        if (since is { } first) { filter += $" and RowKey lt {TableRows.Quote(AccessSubject.After(Hour(first)))}"; }
        if (until is { } end) { filter += $" and RowKey ge {TableRows.Quote(Hour(end > DateTimeOffset.MinValue ? end.AddTicks(-1) : end))}"; }
        return filter;

        static string Hour(DateTimeOffset instant) => AccessSubject.HourKey(AccessSubject.HourOf(instant < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : instant));
    }
}
