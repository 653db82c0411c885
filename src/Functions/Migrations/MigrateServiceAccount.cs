using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Migrations;

/// <param name="ResourceId">The resource of the same type whose keys are to be rotated from then on, for kinds that have two keys.</param>
/// <param name="Scope">The subscription or resource group to which its roles move, for accounts with a service principal.</param>
/// <param name="Roles">Its roles there, at most 20; the same as now when absent.</param>
/// <param name="Reason">Why, for people: at most 500 characters.</param>
public sealed record MigrateRequest(string? ResourceId = null, string? Scope = null, IReadOnlyList<WantedRoleRequest>? Roles = null, string? Reason = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        if (ResourceId is null && Scope is null) { checks.Add("/resourceId", "required", "Say which resource the keys are to be of (resourceId), where the roles are to be (scope), or both."); }
        if (Scope is not null) { AzurePermissionsRequest.CheckPlace(checks, "", Scope, Roles); }
        else if (Roles is not null) { checks.Add("/scope", "required", "Roles are at a scope."); }
        checks.Text("/reason", Reason, 500);
        return checks.Refusal;
    }
}

/// <summary>
/// Moves a service account to another resource, resource group or subscription: prepares the target, verifies it, switches, and ends what was left when the overlap is over. The current secret works at every
/// instant. What something that did not answer has left is a timer's; the same request again finds the migration that is under way. Staff only: this app's identity may reach resources of many customers.
/// </summary>
internal static class MigrateServiceAccount
{
    public static async Task<Results<Accepted<MigrationResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string? whatIf, MigrateRequest request, CustomerInPath customer, Caller caller, ServiceAccountStore store, MigrationTargets targets, LifecycleEngine engine, NewIds ids, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (request.Check() is { } invalid) { return invalid; }
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            if (IsAlready(account.Value, request)) { return asked ? TypedResults.Ok(WhatIfResponse.Of([])) : Answer(account.Value, context, clock); }
            if (RefusalOf(account.Value) is { } refusal) { return refusal; }
            var (target, unfit) = await targets.Find(account.Value, request, customer.Value.Plan, cancellation);
            if (target is null) { return unfit!; }
            var now = clock.GetUtcNow();
            if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfMigrating(account.Value, target, now))); }
            if (target.Keys is { } place && await store.TakeResource(account.Value, place.ResourceId, cancellation) is { } taken) { return taken; }

            var begun = MigrationSteps.Begin(account.Value, Draft(account.Value, request, target, ids, caller.Id, now), target.Roles, now).RecordedMigration("serviceAccount.migrationStarted", caller, clock);
            var applied = await engine.Apply(account, begun, cancellation);
            if (applied.Saved) { return Answer(applied.Account!.Value, context, clock); }
        }
    }

    /// <summary>Says where to follow the migration.</summary>
    public static Accepted<MigrationResponse> Answer(ServiceAccount account, HttpContext context, TimeProvider clock) =>
        TypedResults.Accepted(JobHeaders.Follow(context, MigrationResponse.Link(account)), MigrationResponse.Of(account).LookedAt(context, clock));

    private static Migration Draft(ServiceAccount account, MigrateRequest request, MigrationTarget target, NewIds ids, string by, DateTimeOffset now) => new()
    {
        Id = ids.Migration(),
        Step = MigrationStep.Prepare,
        To = target.Keys,
        From = account.Place,
        ToScope = target.Roles?.Scope,
        FromScope = target.Roles is null ? null : account.Azure!.Scope,
        RequestedBy = by,
        Reason = request.Reason?.Trim(),
        StartedAt = now,
    };

    /// <summary>Whether the latest migration is, or was, to this very target.</summary>
    private static bool IsAlready(ServiceAccount account, MigrateRequest request) =>
        account.Migration is { Step: not (MigrationStep.Undo or MigrationStep.Canceled) } migration && Same(migration.To?.ResourceId, request.ResourceId) && Same(migration.ToScope, request.Scope)
        && (migration.IsOpen || ((request.ResourceId is null || Same(account.ResourceId, request.ResourceId)) && (request.Scope is null || Same(account.Azure?.Scope, request.Scope))));

    private static Problem? RefusalOf(ServiceAccount account) => account switch
    {
        _ when RepairPermissions.RefusalOf(account) is { } refusal => refusal,
        { Migration.IsOpen: true } => Failures.MigrationInProgress(MigrationResponse.Link(account)),
        { Current: null } => Failures.RotationInProgress(RotationResponse.Link(account)),
        _ => null,
    };

    private static bool Same(string? one, string? other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
