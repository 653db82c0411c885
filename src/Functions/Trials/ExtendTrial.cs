using System.ComponentModel.DataAnnotations;
using System.Globalization;
using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Trials;

/// <param name="Days">1 to 365 more days; from now on when the time is over already.</param>
/// <param name="Units">1 to 1,000,000 more units.</param>
/// <param name="Reason">Why; it stands in the audit log.</param>
public sealed record ExtendTrialRequest(int? Days = null, int? Units = null, [property: Required] string? Reason = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        if (Days is null && Units is null) { checks.Add("/days", "required", "Days or units are required."); }
        if (Days is < 1 or > 365) { checks.Add("/days", "out-of-range", "Expected 1 to 365."); }
        if (Units is < 1 or > 1_000_000) { checks.Add("/units", "out-of-range", "Expected 1 to 1000000."); }
        checks.Text("/reason", Reason, 500);
        return checks.Refusal;
    }
}

/// <summary>Gives a customer a longer trial, or one that has ended another chance.</summary>
internal static class ExtendTrial
{
    public static async Task<Results<Ok<CustomerResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, ExtendTrialRequest request, Caller caller, CustomerStore store, NewIds ids, TimeProvider clock, HttpContext context, CancellationToken cancellation, string? whatIf = null)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var misspelt)) { return misspelt; }
        if (request.Check() is { } invalid) { return invalid; }
        var id = ids.Request();
        while (await store.Read(customerId, cancellation) is { Value.DeletedAt: null } stored)
        {
            var (before, now) = (stored.Value, clock.GetUtcNow());
            // Whoever sent it has not had the answer.
            if (before.Trial.Extensions.Contains(id)) { return Answer(stored); }
            if (before.Plan != Customer.TrialPlan || before.Trial.Status == TrialStatus.Converted) { return Failures.NoTrial(); }
            var after = before.ExtendTrial(request.Days ?? 0, request.Units ?? 0, caller.Id, now);
            after = after with { Trial = after.Trial.ExtendedBy(id) };
            if (after.Trial.EndsAt <= now) { return Failures.Invalid("/days", "required", "The trial's time is over; more units alone do not bring it back."); }
            if (after.Trial.UnitsUsed >= after.Trial.UnitsLimit) { return Failures.Invalid("/units", "required", "The trial's units are used up; more days alone do not bring it back."); }
            if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfExtendingTrial(before, after, now))); }
            if (await store.TryReplace(stored, after.Record(Extended(after, request, caller, clock)), cancellation) is { } extended) { return Answer(extended); }
        }
        return Failures.NotFound("customer");

        Ok<CustomerResponse> Answer(Stored<Customer> extended)
        {
            context.Response.Headers.ETag = extended.ETag;
            return TypedResults.Ok(CustomerResponse.From(extended));
        }
    }

    private static AuditEvent Extended(Customer after, ExtendTrialRequest request, Caller caller, TimeProvider clock) => caller.Event(
        "trial.extended", after.Id, after.AsTarget(), clock, metadata: new()
        {
            ["days"] = (request.Days ?? 0).ToString(CultureInfo.InvariantCulture),
            ["units"] = (request.Units ?? 0).ToString(CultureInfo.InvariantCulture),
            ["reason"] = request.Reason!.Trim(),
        });
}
