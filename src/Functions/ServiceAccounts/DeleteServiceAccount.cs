using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Deletes a service account: its keys are refused from this moment on, then they are revoked where they are checked, its secret is deleted, and last its record. 204 when all of that is
/// done, 202 when something did not answer; then a timer goes on until the account is gone.
/// </summary>
internal static class DeleteServiceAccount
{
    public static async Task<Results<NoContent, Accepted<ServiceAccountResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string? whatIf, Caller caller, ServiceAccountStore store, LifecycleEngine engine, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        if (Preconditions.Check(context.Request, account.ETag) is { } refusal) { return refusal; }
        var now = clock.GetUtcNow();
        var after = AccountLifecycle.Delete(account.Value, caller.Id, now);
        if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfDeleting(account.Value, after, now))); }
        if (!ReferenceEquals(after, account.Value))
        {
            var applied = await engine.Apply(account, after.RecordedAsChanged("serviceAccount.deleted", account.Value, caller, clock), cancellation);
            if (!applied.Saved) { return Failures.Stale(); }
            if (applied.Account is null) { return TypedResults.NoContent(); }
            account = applied.Account;
        }
        JobHeaders.LookAgain(context, account.Value.LifecycleDueAt, clock);
        return TypedResults.Accepted(JobHeaders.Follow(context, $"/api/customers/{customerId}/service-accounts/{serviceAccountId}"), ServiceAccountResponse.From(account));
    }
}
