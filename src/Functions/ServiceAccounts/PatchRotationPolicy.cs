using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Changes how a service account's key rotates, by an RFC 7396 merge patch. Both accounts of a pair say so, the partner first; what was cut off between the two is
/// mended by the next attempt, and until then one of them waits for the other. Neither is changed under the hands of an instance that is at it, which would lose its claim.
/// </summary>
internal static class PatchRotationPolicy
{
    public static async Task<Results<Ok<ServiceAccountResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, CredentialKinds kinds, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        if (Preconditions.Check(context.Request, account.ETag) is { } precondition) { return precondition; }
        if (account.Value.LeasedUntil > clock.GetUtcNow()) { return Failures.RotationInProgress(RotationResponse.Link(account.Value)); }

        var before = account.Value.Policy;
        var (request, unfit) = RequestBody.Patch(RotationPolicyRequest.From(before), patch, ApiJson.Default.RotationPolicyRequest);
        if (request is null) { return unfit!; }
        var checks = new Checks();
        var policy = request.Check(checks, "", kinds.Of(account.Value).IsTwoSlot);
        if (policy.PairWith == serviceAccountId || (policy.PairWith is not null && !Ids.IsValid(policy.PairWith, "sva_"))) { checks.Add("/pairWith", "malformed", "Expected the id of another service account."); }
        if (checks.Refusal is { } invalid) { return invalid; }

        if (policy.PairWith is { } partner && await Pair(customerId, partner, serviceAccountId, store, clock, cancellation) is { } refusal) { return refusal; }
        if (before.PairWith is { } former && former != policy.PairWith && await Pairs.Part(customerId, former, serviceAccountId, store, clock, cancellation) is { } busy) { return Failures.RotationInProgress(RotationResponse.Link(busy)); }
        var after = KeyRotation.Changed(account.Value, policy).RecordedPolicy(account.Value, caller, clock);
        if (await store.TryReplace(account, after, cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(ServiceAccountResponse.From(changed));
    }

    private static async Task<Problem?> Pair(string customerId, string partnerId, string with, ServiceAccountStore store, TimeProvider clock, CancellationToken cancellation)
    {
        while (await store.Read(customerId, partnerId, cancellation) is { } partner)
        {
            if (partner.Value.Policy.PairWith == with) { return null; }
            // Earlier versions left accounts paired with one that was deleted.
            if (partner.Value.Policy.PairWith is { } other && await store.Read(customerId, other, cancellation) is not null) { return Failures.Invalid("/pairWith", "paired-already", "That account is paired with another. Part the two first."); }
            if (partner.Value.LeasedUntil > clock.GetUtcNow()) { return Failures.RotationInProgress(RotationResponse.Link(partner.Value)); }
            if (await store.TryReplace(partner, partner.Value with { Policy = partner.Value.Policy with { PairWith = with } }, cancellation) is not null) { return null; }
        }
        return Failures.Invalid("/pairWith", "unknown-value", "The customer has no such service account.");
    }
}
