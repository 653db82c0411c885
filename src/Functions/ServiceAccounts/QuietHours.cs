using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="Hours">Stretches of the week in which no scheduled rotation of the customer's service accounts starts: at most 20; empty for none.</param>
public sealed record QuietHoursFields([property: Required(ErrorMessage = "The field is required; an empty list has no quiet hours.")] IReadOnlyList<RotationWindow>? Hours = null);

/// <summary>When no scheduled rotation starts: everywhere, by the setting <c>Rotation__QuietHours</c>, and for one customer.</summary>
internal sealed class QuietHours(AppSettings settings)
{
    public IReadOnlyList<RotationWindow> Of(Customer? customer) => customer is null ? settings.QuietHours : [.. settings.QuietHours, .. customer.QuietHours];
}

/// <summary>Reads a customer's quiet hours.</summary>
internal static class GetQuietHours
{
    public static Ok<QuietHoursFields> Handle(string customerId, CustomerInPath customer, HttpResponse response)
    {
        response.Headers.ETag = customer.Stored.ETag;
        return TypedResults.Ok(new QuietHoursFields(customer.Value.QuietHours));
    }
}

/// <summary>Says when no scheduled rotation of a customer's service accounts starts. Rotations by hand, emergencies and retirements are not held up.</summary>
internal static class ReplaceQuietHours
{
    private const int Most = 20;

    public static async Task<Results<Ok<QuietHoursFields>, Problem>> Handle(
        string customerId, CustomerInPath customer, QuietHoursFields request, Caller caller, CustomerStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var checks = new Checks();
        if (request.Hours!.Count > Most) { checks.Add("/hours", "too-many", $"At most {Most}."); }
        foreach (var (index, hours) in request.Hours.Index())
        {
            if (hours is null) { checks.Add($"/hours/{index}", "required", "An entry may not be null."); }
            else { hours.Check(checks, $"/hours/{index}"); }
        }
        if (checks.Refusal is { } invalid) { return invalid; }
        if (Preconditions.Check(context.Request, customer.Stored.ETag) is { } precondition) { return precondition; }

        var after = customer.Value with { QuietHours = request.Hours, UpdatedAt = clock.GetUtcNow(), UpdatedBy = caller.Id };
        var change = AuditChange.Between(new QuietHoursFields(customer.Value.QuietHours), new QuietHoursFields(after.QuietHours), ApiJson.Default.QuietHoursFields);
        after = after.Record(caller.Event("customer.quietHoursReplaced", customer.Id, after.AsTarget(), clock, change));
        if (await store.TryReplace(customer.Stored, after, cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(new QuietHoursFields(changed.Value.QuietHours));
    }
}
