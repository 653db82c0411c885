using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Audit;

/// <summary>
/// Reads an audit log, a customer's or an account's, newest first. A filter may have to look far: one page looks at no more than <see cref="MaxScans"/> thousand events, so with a filter a page can be short
/// or empty and still have a <c>nextLink</c>.
/// </summary>
internal static class ListAuditEvents
{
    private const int MaxScans = 5;
    private static readonly string[] Parameters = ["actor", "action", "from", "to", "maxpagesize", "continuation"];

    /// <param name="customerId">Whose log.</param>
    /// <param name="actor">The id of an account, API key or service account.</param>
    /// <param name="action">An action, such as <c>customer.updated</c>.</param>
    /// <param name="from">Events from this instant on (RFC 3339).</param>
    /// <param name="to">Events before this instant.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<AuditEvent>>, Problem>> Handle(
        string customerId, string? actor, string? action, string? from, string? to, string? maxpagesize, string? continuation, AuditLog log, HttpRequest request, CancellationToken cancellation) =>
        await Read(customerId, new Filters(actor, action, from, to), maxpagesize, continuation, log, request, cancellation);

    /// <inheritdoc cref="Handle"/>
    /// <param name="accountId">Whose log.</param>
    public static async Task<Results<Ok<PageOf<AuditEvent>>, Problem>> OfAccount(
        string accountId, string? actor, string? action, string? from, string? to, string? maxpagesize, string? continuation, AccountStore accounts, AuditLog log, HttpRequest request,
        CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is null) { return Failures.NotFound("account"); }
        return await Read(accountId, new Filters(actor, action, from, to), maxpagesize, continuation, log, request, cancellation);
    }

    /// <inheritdoc cref="Handle"/>
    /// <param name="caller">Whose log.</param>
    public static async Task<Results<Ok<PageOf<AuditEvent>>, Problem>> OfCaller(
        Caller caller, string? actor, string? action, string? from, string? to, string? maxpagesize, string? continuation, AuditLog log, HttpRequest request, CancellationToken cancellation) =>
        await Read(caller.Id, new Filters(actor, action, from, to), maxpagesize, continuation, log, request, cancellation);

    private static async Task<Results<Ok<PageOf<AuditEvent>>, Problem>> Read(
        string partition, Filters filters, string? maxpagesize, string? continuation, AuditLog log, HttpRequest request, CancellationToken cancellation)
    {
        var (actor, action, from, to) = filters;
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        var filter = Filter(checks, actor, action, from, to);
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var list = $"audit-log|{partition}|{filter}";
        if (!Paging.TryContinuation(request, continuation, list, out var cursor)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var (events, next) = await Scan(log, partition, filter, size, cursor, cancellation);
        return TypedResults.Ok(new PageOf<AuditEvent>(events, Paging.NextLink(request, list, next), size));
    }

    private static async Task<(IReadOnlyList<AuditEvent> Events, string? Next)> Scan(
        AuditLog log, string partition, string filter, int size, string? cursor, CancellationToken cancellation)
    {
        var events = new List<AuditEvent>();
        for (var scan = 0; scan < MaxScans; scan++)
        {
            await foreach (var page in log.Rows(partition, filter, size - events.Count, cancellation).AsPages(cursor))
            {
                events.AddRange(page.Values.Select(AuditRow.From).OfType<AuditRow>().Select(row => row.Event()));
                cursor = page.ContinuationToken;
                break;
            }
            if (cursor is null || events.Count >= size) { break; }
        }
        return (events, cursor);
    }

    private sealed record Filters(string? Actor, string? Action, string? From, string? To);

    /// <summary>What finds the events that are asked for; what is wrong with that goes to <paramref name="checks"/>.</summary>
    public static string Filter(Checks checks, string? actor, string? action, string? from, string? to)
    {
        if (actor is { Length: > 100 }) { checks.Add("?actor", "too-long", "At most 100 characters."); }
        if (action is { Length: > 100 }) { checks.Add("?action", "too-long", "At most 100 characters."); }
        var (since, until) = (checks.Instant("?from", from), checks.Instant("?to", to));
        var filter = $"RowKey lt '{AuditRow.EndOfEvents}'";
        if (actor is { Length: > 0 }) { filter += $" and actorId eq {TableRows.Quote(actor)}"; }
        if (action is { Length: > 0 }) { filter += $" and action eq {TableRows.Quote(action)}"; }
        if (since is { } first) { filter += $" and occurredAt ge '{InstantConverter.Text(first)}'"; }
        if (until is { } end) { filter += $" and occurredAt lt '{InstantConverter.Text(end)}'"; }
        return filter;
    }
}
