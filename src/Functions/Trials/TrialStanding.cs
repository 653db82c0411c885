using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Trials;

/// <summary>What a customer may still do when its trial is over and it has not chosen a plan: as the trial's terms say.</summary>
internal static class TrialStanding
{
    public static Problem? Refuses(Customer customer, Permission permission, string method) =>
        customer.Plan == Customer.TrialPlan && customer.Trial.Status == TrialStatus.Expired && !PlanCatalogue.Trial.ThenMay.Contains(DeedOf(Permissions.Name(permission), method))
            ? Failures.TrialEnded()
            : null;

    /// <summary>What a request does, in the words of the terms.</summary>
    public static Deed DeedOf(string permission, string method) =>
        permission.StartsWith("subscription", StringComparison.Ordinal) || permission.StartsWith("billing", StringComparison.Ordinal) ? Deed.Pay
        : permission.EndsWith(".export", StringComparison.Ordinal) ? Deed.Export
        : HttpMethods.IsGet(method) ? Deed.Read
        : HttpMethods.IsDelete(method) ? Deed.Remove
        : Deed.Create;
}
