using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Customers;

internal static class CustomerEvents
{
    /// <summary>The customer with the event that makes <paramref name="before"/> into it; null when it is new.</summary>
    public static Customer Recorded(this Customer after, string action, Customer? before, Caller caller, TimeProvider clock)
    {
        after = before is null ? after : EmailProofs.Kept(before, after);
        return after.Record(caller.Event(action, after.Id, after.AsTarget(), clock, AuditChange.Between(Sight(before), Sight(after), ApiJson.Default.CustomerResponse)));
    }

    public static AuditTarget AsTarget(this Customer customer) => new("customer", customer.Id, customer.Name);

    private static CustomerResponse? Sight(Customer? customer) => customer is null ? null : CustomerResponse.From(new Stored<Customer>(customer, ""));
}
