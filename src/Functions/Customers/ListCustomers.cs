using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Lists customers for staff: filtered, ordered and a page at a time. A sales representative gets those assigned to it.</summary>
internal static class ListCustomers
{
    private static readonly string[] Parameters = [.. CustomerFilter.Parameters, "maxpagesize", "continuation"];

    /// <param name="status">active, suspended or closed; closed ones are only listed when asked for.</param>
    /// <param name="plan">A plan's id.</param>
    /// <param name="q">Beginnings of words of the name, company, email or slug; all must be there.</param>
    /// <param name="orderby"><c>createdAt</c> (the default) or <c>name</c>, with <c> asc</c> or <c> desc</c> behind it.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<CustomerResponse>>, Problem>> Handle(
        string? status, string? plan, string? q, string? orderby, string? maxpagesize, string? continuation,
        Caller caller, CustomerStore store, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        var filter = CustomerFilter.Read(status, plan, q, orderby, caller, checks);
        if (!Paging.TrySize(CustomerFilter.Given(maxpagesize), out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }

        var list = $"customers|{filter.Status}|{filter.Plan}|{string.Join(' ', filter.Terms)}|{filter.OrderBy}|{filter.Descending}|{filter.SalesRep}";
        if (!Paging.TryContinuation(request, CustomerFilter.Given(continuation), list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.ListAcrossCustomers(filter, size, from, cancellation);
        return TypedResults.Ok(new PageOf<CustomerResponse>([.. page.Items.Select(CustomerResponse.From)], Paging.NextLink(request, list, page.Continuation), size));
    }
}
