using System.Text.Json.Nodes;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Changes what callers say of a service account, by an RFC 7396 merge patch. Its name, kind and resource stay: its secret is found by them.</summary>
internal static class PatchServiceAccount
{
    public static async Task<Results<Ok<ServiceAccountResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        if (Preconditions.Check(context.Request, account.ETag) is { } precondition) { return precondition; }
        if (account.Value.Deletion is not null) { return Failures.ServiceAccountDeleting(); }
        // A change under the hands of the instance that is at it would take its claim away.
        if (account.Value.LeasedUntil > clock.GetUtcNow()) { return Failures.RotationInProgress(RotationResponse.Link(account.Value)); }

        var (fields, invalid) = Merged(account.Value.Fields, patch);
        if (fields is null) { return invalid!; }
        var after = account.Value with { Fields = fields };
        if (await store.TryReplace(account, after.RecordedAsChanged("serviceAccount.updated", account.Value, caller, clock), cancellation) is not { } changed) { return Failures.Stale(); }

        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(ServiceAccountResponse.From(changed));
    }

    private static (ServiceAccountFields? Fields, Problem? Refusal) Merged(ServiceAccountFields? before, JsonObject patch)
    {
        var (patched, unfit) = RequestBody.Patch(before ?? ServiceAccountFields.None, patch, ApiJson.Default.ServiceAccountFields);
        if (patched is null) { return (null, unfit); }
        var fields = patched.Composed();
        return fields.Check() is { } invalid ? (null, invalid) : (fields, null);
    }
}
