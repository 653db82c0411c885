using System.Globalization;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace CustomerFunctions.Customers;

/// <summary>
/// Reads a customer as it is now. A caller that can do with a few seconds old says so with <c>Cache-Control: max-age=&lt;seconds&gt;</c> (RFC 9111 section 5.2.1.1, at most ten
/// here) and may be answered from memory, with an <c>Age</c>. A closed customer is gone to everybody; staff find it in the list with <c>status=closed</c>.
/// </summary>
internal static class GetCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(string customerId, CustomerCache customers, HttpContext context, CancellationToken cancellation)
    {
        var (found, age) = await customers.Read(customerId, AcceptedAge(context.Request), cancellation);
        if (found is not { Value.DeletedAt: null } customer) { return Failures.NotFound("customer"); }

        context.Response.Headers.ETag = customer.ETag;
        if (age > TimeSpan.Zero) { context.Response.Headers.Age = Math.Ceiling(age.TotalSeconds).ToString(CultureInfo.InvariantCulture); }
        return TypedResults.Ok(CustomerResponse.From(customer));
    }

    private static TimeSpan AcceptedAge(HttpRequest request) =>
        request.Headers.CacheControl.Count > 0 && CacheControlHeaderValue.TryParse(request.Headers.CacheControl.ToString(), out var cacheControl) && !cacheControl.NoCache
            ? cacheControl.MaxAge ?? TimeSpan.Zero
            : TimeSpan.Zero;
}
