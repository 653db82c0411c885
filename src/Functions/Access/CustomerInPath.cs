using CustomerFunctions.Customers;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Access;

/// <summary>
/// The customer that the request's path names, as the guard read it to decide: a handler need not read it again.
/// Read for this very request, unless staff accepts an age.
/// </summary>
/// <param name="Stored">The customer; closed only on routes that admit that.</param>
/// <param name="Age">How old this reading is.</param>
internal sealed record CustomerInPath(Stored<Customer> Stored, TimeSpan Age)
{
    public Customer Value => Stored.Value;

    public string Id => Stored.Value.Id;

    public static ValueTask<CustomerInPath?> BindAsync(HttpContext context) => ValueTask.FromResult(context.Features.Get<CustomerInPath>());
}
