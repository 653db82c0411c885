using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>A rotation in the calendar.</summary>
/// <param name="RotatesAt">When its new key becomes current.</param>
/// <param name="RetiresAt">When the old key stops working.</param>
/// <param name="Window">When rotations of the account may start; absent for any time.</param>
/// <param name="PairedWith">The account it never rotates together with.</param>
/// <param name="Collides">Whether it would meet a rotation of that account: then it waits until that one's overlap is over.</param>
public sealed record CalendarEntry(
    string CustomerId, string ServiceAccountId, string Name, DateTimeOffset RotatesAt, DateTimeOffset RetiresAt, RotationWindow? Window, string? PairedWith, bool Collides)
{
    internal static CalendarEntry From(PlannedRotation planned, bool collides)
    {
        var (account, policy) = (planned.Account, planned.Account.Policy);
        return new CalendarEntry(account.CustomerId, account.Id, account.Name, planned.StartsAt, planned.EndsAt, policy.Window, policy.PairWith, collides);
    }
}

/// <summary>The span that a calendar is asked for.</summary>
internal static class CalendarSpan
{
    private static readonly TimeSpan Usual = TimeSpan.FromDays(30);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(92);

    public static bool TryRead(string? from, string? to, HttpRequest request, DateTimeOffset now, string? maxpagesize, Checks checks, out DateTimeOffset begins, out DateTimeOffset ends, out int size)
    {
        checks.Parameters(request, ["from", "to", "maxpagesize", "continuation"]);
        begins = Instant("?from", from, now, checks);
        ends = Instant("?to", to, begins + Usual, checks);
        if (ends <= begins || ends - begins > Longest) { checks.Add("?to", "out-of-range", $"Expected an instant after from, and at most {Longest.Days} days after it."); }
        if (!Paging.TrySize(maxpagesize, out size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        return checks.Refusal is null;
    }

    private static DateTimeOffset Instant(string pointer, string? text, DateTimeOffset fallback, Checks checks)
    {
        if (checks.Instant(pointer, text) is not { } instant) { return fallback; }
        if (instant.Year is >= 2000 and < 2200) { return instant; }
        checks.Add(pointer, "out-of-range", "Expected an instant from 2000 to 2199.");
        return fallback;
    }
}

/// <summary>The rotations and retirements of one customer's service accounts that are planned in a span, a page of accounts at a time, earliest first.</summary>
internal static class GetRotationCalendar
{
    public static async Task<Results<Ok<PageOf<CalendarEntry>>, Problem>> Handle(
        string customerId, string? from, string? to, string? maxpagesize, string? continuation, CustomerInPath customer, ServiceAccountStore store, RotationForecast forecast, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        CalendarSpan.TryRead(from, to, request, clock.GetUtcNow(), maxpagesize, checks, out var begins, out var ends, out var size);
        var list = $"rotation-calendar|{customerId}";
        if (!Paging.TryContinuation(request, continuation, list, out var at)) { checks.Add("?continuation", "malformed", "Expected what nextLink had."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.List(customerId, size, at, cancellation);
        var entries = await forecast.Of([.. page.Items.Select(account => account.Value)], [customer.Value], begins, ends, cancellation);
        return TypedResults.Ok(new PageOf<CalendarEntry>([.. entries.OrderBy(entry => entry.RotatesAt)], Paging.NextLink(request, list, page.Continuation), size));
    }
}

/// <summary>What the rotation timer has to do for all customers in a span, in the order in which it comes due: each account's next rotation or retirement.</summary>
internal static class ListRotationCalendar
{
    public static async Task<Results<Ok<PageOf<CalendarEntry>>, Problem>> Handle(
        string? from, string? to, string? maxpagesize, string? continuation, ServiceAccountStore store, CustomerStore customers, RotationForecast forecast, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        CalendarSpan.TryRead(from, to, request, clock.GetUtcNow(), maxpagesize, checks, out var begins, out var ends, out var size);
        // The pages of one list have one span, whenever they are read: without it the store would not go on.
        (string Name, string Value)[] span = [("from", InstantConverter.Text(begins)), ("to", InstantConverter.Text(ends))];
        var list = $"rotation-calendar|{span[0].Value}|{span[1].Value}";
        if (!Paging.TryContinuation(request, continuation, list, out var at)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same span."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.DueBetween(begins, ends, size, at, cancellation);
        var accounts = page.Items.Select(account => account.Value).ToList();
        var theirs = await Task.WhenAll(accounts.Select(account => account.CustomerId).Distinct().Select(id => customers.Read(id, cancellation)));
        var entries = await forecast.Of(accounts, theirs.OfType<Stored<Customer>>().Select(customer => customer.Value), begins, ends: null, cancellation);
        return TypedResults.Ok(new PageOf<CalendarEntry>(entries, Paging.NextLink(request, list, page.Continuation, span), size));
    }
}
