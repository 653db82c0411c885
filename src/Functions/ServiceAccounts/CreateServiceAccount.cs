using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="Name">1 to 60 characters; unique among the customer's service accounts.</param>
/// <param name="Kind"><c>apiCredential</c>, <c>entraApplication</c>, <c>storageAccountKeys</c>, <c>cosmosAccountKeys</c>, <c>serviceBusKeys</c> or <c>eventHubKeys</c>.</param>
/// <param name="ResourceId">The Azure resource id, for kinds that rotate a resource's keys; the application (client) id for <c>entraApplication</c>. Staff only.</param>
/// <param name="Rotation">How its key changes.</param>
/// <param name="PrincipalId">The object id of the service principal that the account acts as in Azure, for kinds that have none of their own; it gets the roles of the customer's plan. Staff only.</param>
public sealed record CreateServiceAccountRequest([property: Required] string? Name = null, [property: Required] string? Kind = null, string? ResourceId = null, RotationPolicyRequest? Rotation = null, string? PrincipalId = null);

/// <summary>
/// Makes a service account and runs its first rotation, so that the answer normally finds the credential in Key Vault. When a dependency fails on the way, the account
/// exists all the same and the timer finishes the rotation; <c>state</c> says <c>provisioning</c> until then.
/// </summary>
internal static class CreateServiceAccount
{
    public static async Task<Results<Created<ServiceAccountResponse>, Problem>> Handle(
        string customerId, CustomerInPath customer, CreateServiceAccountRequest request, Caller caller, ServiceAccountStore store, CredentialKinds kinds, RotationEngine engine, LifecycleEngine lifecycle, AppSettings settings, NewIds ids, TimeProvider clock, CancellationToken cancellation)
    {
        if (Check(request, kinds, out var kind, out var policy) is { } invalid) { return invalid; }
        if (policy != RotationPolicy.Default && FeatureFlags.Refuses(FeatureFlags.KeyRotation, customer.Value) is { } lacking) { return lacking; }
        // The app's identity may reach resources of many customers; only staff say whose resource is whose.
        if (kind.NeedsResource && !caller.IsStaff) { return Failures.ForbiddenHere("Only staff make service accounts of kinds that rotate an Azure resource's keys."); }
        if (request.PrincipalId is not null && !caller.IsStaff) { return Failures.ForbiddenHere("Only staff say who in Azure a service account is."); }

        var id = ids.ServiceAccount();
        FoundResource? found = null;
        if (kind.NeedsResource)
        {
            (found, var unusable) = await kind.Inspect(request.ResourceId!, cancellation);
            // A request that is repeated may have made its account before that was so: an application is disabled during a hold.
            if (unusable is not null) { return await store.Read(customerId, id, cancellation) is { } made ? Answer(made) : unusable; }
        }
        var account = Draft(id, request, kind, policy, customer.Value, found, settings.KeyEnvironment, caller.Id, ids, clock.GetUtcNow());
        var (result, isNew, refusal) = await store.TryAdd(account, hasApiKey: !kind.NeedsResource, made => made.RecordedAsNew(caller, clock), cancellation);
        if (result is null) { return refusal!; }

        // A request that is repeated has no claim on what it finds: its first try, or the timer, may be at it.
        if (isNew) { (_, result) = await engine.Run(result, cancellation); }
        else if (KeyRotation.Due(result.Value, clock.GetUtcNow()) == DueWork.Resume && await store.TryReplace(result, KeyRotation.Claim(result.Value, clock.GetUtcNow()), cancellation) is { } claimed)
        {
            (_, result) = await engine.Run(claimed, cancellation);
        }
        // Its roles, or what it may not have while its customer is suspended, by what its customer is now; what does not answer is left to the timer.
        if (result.Value.LifecycleDueAt is not null) { result = await lifecycle.GoOn(result, cancellation); }
        return Answer(result);
    }

    private static Created<ServiceAccountResponse> Answer(Stored<ServiceAccount> account) =>
        TypedResults.Created($"/api/customers/{account.Value.CustomerId}/service-accounts/{account.Value.Id}", ServiceAccountResponse.From(account));

    private static ServiceAccount Draft(
        string id, CreateServiceAccountRequest request, ICredentialKind kind, RotationPolicy policy, Customer customer, FoundResource? found, string environment, string by, NewIds ids, DateTimeOffset now)
    {
        var principal = (found?.PrincipalId ?? request.PrincipalId)?.ToLowerInvariant();
        var hasRoles = principal is not null && customer.AzureScope is not null;
        var rotation = new Rotation { Id = ids.Rotation(), Trigger = RotationTrigger.Initial, RequestedBy = by, Step = RotationStep.Create, KeyId = "", StartedAt = now };
        var account = new ServiceAccount
        {
            Id = id,
            Type = ServiceAccount.DocumentType,
            CustomerId = customer.Id,
            Name = request.Name!.Trim(),
            Kind = kind.Name,
            ResourceId = request.ResourceId,
            DataEndpoint = found?.DataEndpoint,
            SecretName = SecretNames.Of(customer.Slug, environment, request.Name!),
            Policy = policy,
            Rotation = rotation,
            WorkDueAt = now,
            Azure = principal is null ? null : new AzureAccess { PrincipalId = principal, Scope = customer.AzureScope, RepairWanted = hasRoles },
            // Its customer may have been suspended, or put somewhere in Azure, since it was read; whoever did that has not seen this account.
            LifecycleDueAt = principal is not null || kind.NeedsResource ? now : null,
            PermissionsDueAt = hasRoles ? now + AuditServiceAccountPermissions.Interval : null,
            CreatedAt = now,
            CreatedBy = by,
        };
        return KeyRotation.Start(account, RotationTrigger.Initial, by, rotation.Id, ids.Key(), now);
    }

    private static Problem? Check(CreateServiceAccountRequest request, CredentialKinds kinds, out ICredentialKind kind, out RotationPolicy policy)
    {
        var checks = new Checks();
        checks.Text("/name", request.Name, 60);
        kind = kinds.Find(request.Kind!)!;
        if (kind is null) { checks.Add("/kind", "unknown-value", $"Expected one of {string.Join(", ", kinds.Names)}."); }
        else if (kind.NeedsResource && request.ResourceId is null) { checks.Add("/resourceId", "required", $"The kind {kind.Name} needs the id of the Azure resource."); }
        else if (!kind.NeedsResource && request.ResourceId is not null) { checks.Add("/resourceId", "not-allowed", $"The kind {kind.Name} has no resource."); }
        if (request.PrincipalId is not null && kind is { WhyNobody: null }) { checks.Add("/principalId", "not-allowed", $"An account of the kind {kind.Name} is its application's service principal."); }
        else if (request.PrincipalId is not null && !Guid.TryParseExact(request.PrincipalId, "D", out _)) { checks.Add("/principalId", "malformed", "Expected the object id of a service principal."); }

        policy = (request.Rotation ?? new RotationPolicyRequest()).Check(checks, "/rotation", kind?.IsTwoSlot == true);
        // A pair is made of two that exist; see PatchRotationPolicy.
        if (policy.PairWith is not null) { checks.Add("/rotation/pairWith", "not-allowed", "Pair an account when it exists, through its rotation-policy."); }
        return checks.Refusal;
    }
}
