using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="Reason">Why, for people: 1 to 500 characters.</param>
public sealed record SuspendServiceAccountRequest([property: Required] string? Reason = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/reason", Reason, 500);
        return checks.Refusal;
    }
}

/// <summary>
/// Suspends a service account until it is restored: its keys are refused, here at once and by other instances within <see cref="Authenticator.Freshness"/>; a key that Azure checks can no longer be
/// read from Key Vault; and nothing is rotated. Suspending one that is suspended changes nothing.
/// </summary>
internal static class SuspendServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string? whatIf, SuspendServiceAccountRequest request, Caller caller, ServiceAccountStore store, LifecycleEngine engine, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (request.Check() is { } invalid) { return invalid; }
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            var now = clock.GetUtcNow();
            var after = AccountLifecycle.Suspend(account.Value, request.Reason!.Trim(), caller, now);
            if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfSuspending(account.Value, after, now))); }
            if (ReferenceEquals(after, account.Value)) { return RestoreServiceAccount.Answer(account, context.Response); }

            var applied = await engine.Apply(account, after.RecordedAsChanged("serviceAccount.suspended", account.Value, caller, clock), cancellation);
            if (applied.Saved) { return RestoreServiceAccount.Answer(applied.Account!, context.Response); }
        }
    }
}
