using System.Text.Json;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Customers;

/// <summary>Changes some of what callers set about a customer, by an RFC 7396 merge patch. The result is checked as the body of a PUT is.</summary>
internal static class PatchCustomer
{
    public static async Task<Results<Ok<CustomerResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, Caller caller, CustomerStore store, CustomerCache cache, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } refusal) { return refusal; }

        var current = JsonSerializer.SerializeToNode(customer.Value.Fields, ApiJson.Default.CustomerFields)!.AsObject();
        RequestBody.Merge(current, patch);
        CustomerFields fields;
        try { fields = current.Deserialize(ApiJson.Default.CustomerFields)!; }
        catch (JsonException e) { return JsonProblems.Explain(e); }
        return fields.Check() is { } invalid ? invalid : await ReplaceCustomer.Apply(customer.Stored, fields, caller, store, cache, clock, context.Response, cancellation);
    }
}
