using System.Globalization;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
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
        if (text is null) { return fallback; }
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) && instant.Year is >= 2000 and < 2200) { return instant.ToUniversalTime(); }
        checks.Add(pointer, "malformed", "Expected an RFC 3339 instant, such as 2026-11-21T03:00:00Z.");
        return fallback;
    }
}

/// <summary>The rotations and retirements of one customer's service accounts that are planned in a span, a page of accounts at a time, earliest first.</summary>
internal static class GetRotationCalendar
{
    public static async Task<Results<Ok<PageOf<CalendarEntry>>, Problem>> Handle(
        string customerId, string? from, string? to, string? maxpagesize, string? continuation, CustomerInPath customer, ServiceAccountStore store, QuietHours quiet, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        var (checks, now) = (new Checks(), clock.GetUtcNow());
        CalendarSpan.TryRead(from, to, request, now, maxpagesize, checks, out var begins, out var ends, out var size);
        var list = $"rotation-calendar|{customerId}";
        if (!Paging.TryContinuation(continuation, list, out var at)) { checks.Add("?continuation", "malformed", "Expected what nextLink had."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.List(customerId, size, at, cancellation);
        var accounts = page.Items.Select(account => account.Value).ToList();
        var (hours, active) = (quiet.Of(customer.Value), customer.Value.Status == CustomerStatus.Active);
        var planned = active ? accounts.SelectMany(account => RotationPlan.Of(account, hours, now, begins, ends)).OrderBy(one => one.StartsAt).ToList() : [];
        var partners = await Partners(accounts, customerId, store, cancellation);
        var all = planned.Concat(partners.SelectMany(partner => RotationPlan.Of(partner, hours, now, begins, ends))).ToList();
        return TypedResults.Ok(new PageOf<CalendarEntry>([.. planned.Select(one => CalendarEntry.From(one, RotationPlan.Collides(one, all)))], Paging.NextLink(request, list, page.Continuation)));
    }

    /// <summary>Accounts that stand on another page and are paired with one of this.</summary>
    private static async Task<IReadOnlyList<ServiceAccount>> Partners(IReadOnlyList<ServiceAccount> accounts, string customerId, ServiceAccountStore store, CancellationToken cancellation)
    {
        var partners = new List<ServiceAccount>();
        foreach (var id in accounts.Select(account => account.Policy.PairWith).OfType<string>().Except(accounts.Select(account => account.Id)))
        {
            if (await store.Read(customerId, id, cancellation) is { } partner) { partners.Add(partner.Value); }
        }
        return partners;
    }
}

/// <summary>What the rotation timer has to do for all customers in a span, in the order in which it comes due: each account's next rotation or retirement.</summary>
internal static class ListRotationCalendar
{
    public static async Task<Results<Ok<PageOf<CalendarEntry>>, Problem>> Handle(
        string? from, string? to, string? maxpagesize, string? continuation, ServiceAccountStore store, QuietHours quiet, TimeProvider clock, HttpRequest request, CancellationToken cancellation)
    {
        var (checks, now) = (new Checks(), clock.GetUtcNow());
        CalendarSpan.TryRead(from, to, request, now, maxpagesize, checks, out var begins, out var ends, out var size);
        // The pages of one list have one span, whenever they are read.
        var list = $"rotation-calendar|{from}|{to}";
        if (!Paging.TryContinuation(continuation, list, out var at)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same span."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.DueBetween(begins, ends, size, at, cancellation);
        var hours = quiet.Of(customer: null);
        var planned = page.Items.Select(account => RotationPlan.Of(account.Value, hours, now, begins, DateTimeOffset.MaxValue).FirstOrDefault()).OfType<PlannedRotation>().ToList();
        return TypedResults.Ok(new PageOf<CalendarEntry>([.. planned.Select(one => CalendarEntry.From(one, RotationPlan.Collides(one, planned)))], Paging.NextLink(request, list, page.Continuation)));
    }
}
