using Azure;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>
/// Timer: looks once a day at what each service account has in Azure, and reports what differs from what it should have. It costs what there are accounts with roles; one that was looked at is not due
/// again, so a run that was cut off goes on where it stopped. An account whose roles are those of a plan that its customer has no longer, and that was not reached when that changed, gets those of the new one. A subscription whose Resource Manager asks for time is left alone for that long.
/// </summary>
internal static partial class AuditServiceAccountPermissions
{
    public static readonly TimeSpan Interval = TimeSpan.FromDays(1);
    private static readonly Caller Actor = Caller.Timer(nameof(AuditServiceAccountPermissions));
    private static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);
    private const string Throttled = "throttled";

    public static Task<TimerResult> Handle(ServiceAccountStore store, CustomerStore customers, RoleKeeper keeper, TimeProvider clock, TimerPass pass, ILogger<RoleKeeper> log, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(nameof(AuditServiceAccountPermissions), (count, token) => store.PermissionsDueAcrossCustomers(now, count, token), Look, cancellation);

        async Task<string> Look(Stored<ServiceAccount> account, CancellationToken token)
        {
            if (account.Value.Azure is not { } access || RepairPermissions.RefusalOf(account.Value) is not null || await customers.Read(account.Value.CustomerId, token) is not { Value.Status: CustomerStatus.Active } customer)
            {
                return await store.TryReplace(account, account.Value with { PermissionsDueAt = clock.GetUtcNow() + Interval }, token) is null ? TimerPass.Skipped : "resting";
            }
            if (access.IsOfAnotherPlan(customer.Value.Plan))
            {
                // No drift of Azure's: the customer has changed. What follows outside is LifecycleEngine's.
                var follows = FollowingPlan(account.Value, Actor, clock) with { LifecycleDueAt = now };
                return await store.TryReplace(account, follows, token) is null ? TimerPass.Skipped : "followsPlan";
            }
            if (keeper.Rests(access)) { return Throttled; }
            try
            {
                var check = await keeper.Check(access, customer.Value.Plan, token);
                if (await store.TryReplace(account, Checked(account.Value, check, Actor, clock), token) is null) { return TimerPass.Skipped; }
                if (IsNew(account.Value, check)) { Drifted(log, account.Value.Id, check.Drift.Count, string.Join(", ", check.Drift.Select(drift => $"{drift.Kind} {drift.Role}"))); }
                return check.Drift.Count == 0 ? "asExpected" : "drifted";
            }
            catch (RequestFailedException e) when (e.Status == StatusCodes.Status429TooManyRequests) { return Throttled; }
            catch (RequestFailedException e)
            {
                await store.TryReplace(account, account.Value with { Azure = access with { Failure = RotationFailures.ReasonFor(e) }, PermissionsDueAt = clock.GetUtcNow() + AfterFailure }, token);
                return TimerPass.Failed;
            }
        }
    }

    /// <summary>The account about to get the roles of the plan that its customer has now.</summary>
    public static ServiceAccount FollowingPlan(ServiceAccount account, Caller caller, TimeProvider clock)
    {
        var follows = account with { Azure = account.Azure! with { RepairWanted = true }, PermissionsDueAt = clock.GetUtcNow() + Interval };
        return follows.RecordedAsChanged("serviceAccount.permissionsFollowPlan", account, caller, clock);
    }

    /// <summary>The account with what was found; new drift is recorded, the same as the last time is not.</summary>
    public static ServiceAccount Checked(ServiceAccount account, RoleCheck check, Caller caller, TimeProvider clock)
    {
        var after = account with { Azure = account.Azure! with { LastCheck = check, Failure = null }, PermissionsDueAt = check.At + Interval };
        return IsNew(account, check) ? after.RecordedDrift(check.Drift, caller, clock) : after;
    }

    /// <summary>Whether what was found differs from what the last look found.</summary>
    private static bool IsNew(ServiceAccount account, RoleCheck check) => check.Drift.Count > 0 && account.Azure!.LastCheck?.Drift.SequenceEqual(check.Drift) != true;

    [LoggerMessage(1221, LogLevel.Warning, "Service account {AccountId} differs in {Count} roles from what it should have: {Drift}")]
    private static partial void Drifted(ILogger log, string accountId, int count, string drift);
}
