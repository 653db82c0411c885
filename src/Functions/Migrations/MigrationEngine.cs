using CustomerFunctions.Access;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Migrations;

/// <summary>What was prepared for a migration is not there yet; its message is for people.</summary>
internal sealed class MigrationNotReadyException(string reason) : Exception(reason);

/// <summary>
/// Does the steps of a migration, each of which may be repeated. <see cref="LifecycleEngine"/> saves each before the next begins, so a process that dies leaves the step that it was at.
/// <list type="table">
/// <item><term>prepare</term><description>the roles at the target are given again; giving one twice makes one.</description></item>
/// <item><term>verify</term><description>reads only: the target's key is read and tried again.</description></item>
/// <item><term>switch</term><description>a rotation, which the rotation timer resumes like any other; for an account without keys of a resource, one write.</description></item>
/// <item><term>retire, undo</term><description>the resource and the roles are let go of again, the record of it last.</description></item>
/// </list>
/// </summary>
internal sealed class MigrationEngine(ServiceAccountStore store, CredentialKinds kinds, SecretVault vault, RoleKeeper roles, RotationTurns turns, RotationEngine rotations, TimeProvider clock)
{
    /// <summary>What the audit log calls it.</summary>
    public static readonly Caller Actor = Caller.Timer("migration");

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMinutes(5);

    /// <summary>Does the step that is due, and returns the account as it is to be saved; this very account when none is.</summary>
    /// <param name="account">An account that nobody else is at.</param>
    /// <param name="plan">Its customer's plan.</param>
    /// <param name="ensureClaimed">Called before each change outside; throws once the caller's claim to the account has ended.</param>
    /// <param name="time">The time that there is for it.</param>
    public async Task<ServiceAccount> Step(ServiceAccount account, string plan, Action ensureClaimed, CancellationToken time)
    {
        var now = clock.GetUtcNow();
        if (account.Migration is not { NextAt: { } due } migration || due > now) { return account; }
        switch (migration.Step)
        {
            case MigrationStep.Prepare:
                // The roles of both scopes are what the account should have now, and have just been given; see LifecycleEngine.
                return MigrationSteps.Next(account, MigrationStep.Verify, now);
            case MigrationStep.Verify:
                await Verify(account, plan, time);
                return MigrationSteps.Next(account, MigrationStep.Switch, clock.GetUtcNow());
            case MigrationStep.Switch: return await Switch(account, now, time);
            case MigrationStep.Retire: return await Retire(account, plan, now, ensureClaimed, time);
            default: return await Undo(account, plan, ensureClaimed, time);
        }
    }

    /// <summary>Carries the rotation that makes the switch as far as it goes now, when it has just been claimed; else the rotation timer does.</summary>
    public async Task<Stored<ServiceAccount>> Rotate(Stored<ServiceAccount> account, CancellationToken cancellation) => (await rotations.Run(account, cancellation)).Account;

    private async Task Verify(ServiceAccount account, string plan, CancellationToken time)
    {
        var kind = kinds.Of(account);
        if (account.Migration!.To is not null)
        {
            var there = MigrationSteps.SeenFromTarget(account);
            if (!await kind.Works(there, await kind.Create(there, time), time)) { throw new MigrationNotReadyException("The target's key was refused when it was tried."); }
        }
        else if (await vault.Newest(account.SecretName, time) is not { } published || !await kind.Works(account, published.Credential, time))
        {
            throw new MigrationNotReadyException("The current credential was refused when it was tried.");
        }
        if (account.Azure is not { Also: not null } access) { return; }
        var missing = (await roles.Check(access, plan, time)).Drift.FirstOrDefault(drift => drift.Kind == DriftKind.Missing);
        if (missing is not null) { throw new MigrationNotReadyException($"Azure does not show the role {missing.Role} at {missing.Scope} yet."); }
    }

    private async Task<ServiceAccount> Switch(ServiceAccount account, DateTimeOffset now, CancellationToken time)
    {
        if (account.Migration!.To is null) { return MigrationSteps.Switched(account, now).RecordedMigration("serviceAccount.migrationSwitched", Actor, clock); }
        // A third live key is more than a resource with two can have, and a pair never changes together.
        if (account.Rotation.Step != RotationStep.Done || account.LeasedUntil > now) { return MigrationSteps.Wait(account, RotationEnds(account, now) + BetweenLooks); }
        if (await turns.Hindrance(account, yields: false, time) is not null) { return MigrationSteps.Wait(account, now + BetweenLooks); }
        return MigrationSteps.Issue(account, Ids.Rotation(clock), Ids.Key(clock), now);
    }

    /// <summary>When the rotation's next work is due, which may end it; now when that is not known, or is so far off that it may well end before.</summary>
    private static DateTimeOffset RotationEnds(ServiceAccount account, DateTimeOffset now) => account.WorkDueAt > now && account.WorkDueAt < now + account.Policy.Overlap ? account.WorkDueAt : now;

    private async Task<ServiceAccount> Retire(ServiceAccount account, string plan, DateTimeOffset now, Action ensureClaimed, CancellationToken time)
    {
        // The old keys are the rotation timer's to retire, which asks Key Vault once more before it does.
        if (account.Keys.Any(key => key is { Place: not null, State: KeyState.Retiring })) { return MigrationSteps.Wait(account, now + BetweenLooks); }
        return MigrationSteps.Finished(await Leave(account, account.Migration!.From, plan, ensureClaimed, time), MigrationStep.Done, clock.GetUtcNow()).RecordedMigration("serviceAccount.migrated", Actor, clock);
    }

    private async Task<ServiceAccount> Undo(ServiceAccount account, string plan, Action ensureClaimed, CancellationToken time) =>
        MigrationSteps.Finished(await Leave(account, account.Migration!.To, plan, ensureClaimed, time), MigrationStep.Canceled, clock.GetUtcNow()).RecordedMigration("serviceAccount.migrationUndone", Actor, clock);

    /// <summary>Ends what the account has at the other end: its roles there, and that the resource is its.</summary>
    private async Task<ServiceAccount> Leave(ServiceAccount account, KeyPlace? place, string plan, Action ensureClaimed, CancellationToken time)
    {
        if (account.Azure is { Also: { } other } access)
        {
            var check = await roles.Repair(access with { Also = other with { Roles = [] } }, plan, ensureClaimed, time);
            account = account with { Azure = access with { Also = null, LastCheck = check, Failure = null } };
        }
        if (place is not null && account.Migration!.To is not null) { await store.GiveUpResource(account, place.ResourceId, time); }
        return account;
    }
}
