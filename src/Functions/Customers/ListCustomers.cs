using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Lists customers for staff: filtered, ordered and a page at a time.</summary>
internal static class ListCustomers
{
    private static readonly string[] Parameters = ["status", "plan", "q", "orderby", "maxpagesize", "continuation"];
    private static readonly string[] Statuses = ["active", "suspended", "closed"];

    /// <param name="status">active, suspended or closed; closed ones are only listed when asked for.</param>
    /// <param name="plan">A plan's id.</param>
    /// <param name="q">Beginnings of words of the name, company, email or slug; all must be there.</param>
    /// <param name="orderby"><c>createdAt</c> (the default) or <c>name</c>, with <c> asc</c> or <c> desc</c> behind it.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<CustomerResponse>>, Problem>> Handle(
        string? status, string? plan, string? q, string? orderby, string? maxpagesize, string? continuation,
        CustomerStore store, HttpRequest request, CancellationToken cancellation)
    {
        // A form sends the fields that nobody filled in as empty ones.
        (status, plan, q, orderby, maxpagesize, continuation) = (Given(status), Given(plan), Given(q), Given(orderby), Given(maxpagesize), Given(continuation));
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (status is not null && !Statuses.Contains(status)) { checks.Add("?status", "unknown-value", $"Expected one of {string.Join(", ", Statuses)}."); }
        if (plan is { Length: > 40 }) { checks.Add("?plan", "too-long", "At most 40 characters."); }
        if (q is not null && (q.Length > 100 || SearchTerms.Asked(q).Count == 0)) { checks.Add("?q", "malformed", $"Expected at most 100 characters with a word of at least {SearchTerms.MinLength} letters or digits."); }
        if (!TryOrder(orderby, out var property, out var descending)) { checks.Add("?orderby", "unknown-value", "Expected createdAt or name, with asc or desc behind it if you like."); }
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }

        var filter = new CustomerFilter(status, plan, SearchTerms.Asked(q ?? ""), property, descending);
        var list = $"customers|{filter.Status}|{filter.Plan}|{string.Join(' ', filter.Terms)}|{filter.OrderBy}|{filter.Descending}";
        if (!Paging.TryContinuation(continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.ListAcrossCustomers(filter, size, from, cancellation);
        return TypedResults.Ok(new PageOf<CustomerResponse>([.. page.Items.Select(CustomerResponse.From)], Paging.NextLink(request, list, page.Continuation)));
    }

    private static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool TryOrder(string? text, out string property, out bool descending)
    {
        var words = (text ?? "createdAt").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        property = words.Length > 0 ? words[0] : "";
        descending = words is [_, "desc"];
        return property is "createdAt" or "name" && words is [_] or [_, "asc" or "desc"];
    }
}
