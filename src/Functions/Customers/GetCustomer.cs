using System.Globalization;
using CustomerFunctions.Access;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>
/// Reads a customer as it is now. Staff may accept an older answer with <c>Cache-Control: max-age=&lt;seconds&gt;</c>
/// (RFC 9111 section 5.2.1.1; at most ten seconds) and are then answered from memory, with an <c>Age</c>. For everyone
/// else the guard has just read the customer to authorize the request, and that reading is the answer. A closed customer is gone to everybody; staff find it in the list with <c>status=closed</c>.
/// </summary>
internal static class GetCustomer
{
    public static Ok<CustomerResponse> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        if (customer.Age > TimeSpan.Zero) { response.Headers.Age = Math.Ceiling(customer.Age.TotalSeconds).ToString(CultureInfo.InvariantCulture); }
        return TypedResults.Ok(CustomerResponse.From(customer.Stored));
    }
}
