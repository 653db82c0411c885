using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Ends a service account's suspension: it has again exactly what it had. What staff have suspended only staff restore. Restoring one that is not suspended changes nothing.</summary>
internal static class RestoreServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, LifecycleEngine engine, TimeProvider clock, HttpResponse response, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
            if (account.Value.Suspension is { ByStaff: true } && !caller.IsStaff) { return Failures.ForbiddenHere("Staff suspended this service account, and only staff restore it."); }
            var now = clock.GetUtcNow();
            var after = AccountLifecycle.Restore(account.Value, now);
            if (ReferenceEquals(after, account.Value)) { return Answer(account, response); }

            var applied = await engine.Apply(account, after.RecordedAsChanged("serviceAccount.restored", account.Value, caller, clock), cancellation);
            if (applied.Saved) { return Answer(applied.Account!, response); }
        }
    }

    public static Ok<ServiceAccountResponse> Answer(Stored<ServiceAccount> account, HttpResponse response)
    {
        response.Headers.ETag = account.ETag;
        return TypedResults.Ok(ServiceAccountResponse.From(account));
    }
}
