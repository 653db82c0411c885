using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Mail;
using CustomerFunctions.RateLimits;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Changes some of what callers set about a customer, by an RFC 7396 merge patch. The result is checked as the body of a PUT is.</summary>
internal static class PatchCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, Caller caller, CustomerStore store, SignInBudgets budgets, MailSender mail, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } refusal) { return refusal; }

        var (fields, invalid) = Merged(customer.Value, patch);
        return fields is null ? invalid! : await ReplaceCustomer.Apply(customer.Stored, fields, caller, store, budgets, mail, clock, context, cancellation);
    }

    /// <summary>The customer's fields with the patch applied, if they are valid then.</summary>
    public static (CustomerFields? Fields, Problem? Refusal) Merged(Customer customer, JsonObject patch)
    {
        var (fields, unfit) = RequestBody.Patch(customer.Fields, patch, ApiJson.Default.CustomerFields);
        if (fields is null) { return (null, unfit); }
        return fields.Check() is { } invalid ? (null, invalid) : (fields, null);
    }
}
