using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Migrations;

/// <summary>
/// <c>prepare → verify → switch → retire</c> as pure functions: each returns the account as it is to be saved. Until the switch the account has all it had, and what it is given at the target comes on top;
/// the switch is one write; and what was left behind lasts as long as any old key, the policy's overlap.
/// </summary>
internal static class MigrationSteps
{
    /// <param name="account">The account.</param>
    /// <param name="migration">What is wanted.</param>
    /// <param name="target">The roles that it is to have at the target; null when its roles stay.</param>
    /// <param name="now">The time.</param>
    public static ServiceAccount Begin(ServiceAccount account, Migration migration, RolesAt? target, DateTimeOffset now) => account with
    {
        Migration = migration with { NextAt = now },
        Azure = target is null ? account.Azure : account.Azure! with { Also = target, RepairWanted = true },
        LifecycleDueAt = now,
    };

    /// <summary>A step is done.</summary>
    public static ServiceAccount Next(ServiceAccount account, MigrationStep step, DateTimeOffset now) => account with { Migration = account.Migration! with { Step = step, NextAt = now, LastFailure = null } };

    /// <summary>Whether the target is being prepared or verified, and that is due.</summary>
    public static bool IsPreparing(ServiceAccount account, DateTimeOffset now) => account.Migration is { Step: MigrationStep.Prepare or MigrationStep.Verify, NextAt: { } due } && due <= now;

    /// <summary>As far as the target's keys go, the account as it would be there.</summary>
    public static ServiceAccount SeenFromTarget(ServiceAccount account) => account.Migration is { To: { } to } ? account with { ResourceId = to.ResourceId, DataEndpoint = to.DataEndpoint, Keys = [] } : account;

    /// <summary>Preparing or verifying failed: let go of the account, say why, and come back when <see cref="RotationRetries"/> says, or park the migration. Nothing of the account has changed hands by then.</summary>
    public static ServiceAccount Failed(ServiceAccount account, string reason, double jitter, DateTimeOffset now)
    {
        var migration = account.Migration!;
        var next = now + (RotationRetries.WaitAfter(migration.Attempts + 1) * (1 + (jitter * RotationRetries.Jitter)));
        return account with
        {
            Migration = migration with { Attempts = migration.Attempts + 1, LastFailure = new MigrationFailure(migration.Step, reason, now), ParkedAt = next is null ? now : null, NextAt = next },
            Lifecycle = null,
            LifecycleDueAt = next,
        };
    }

    /// <summary>Takes a parked migration up again at the step that failed, with all its attempts before it.</summary>
    public static ServiceAccount Unpark(ServiceAccount account, DateTimeOffset now) => account with
    {
        Migration = account.Migration! with { ParkedAt = null, Attempts = 0, NextAt = now },
        Azure = account.Azure is { Also: not null } access ? access with { RepairWanted = true } : account.Azure,
        LifecycleDueAt = now,
    };

    /// <summary>The step that is next has to wait for something.</summary>
    public static ServiceAccount Wait(ServiceAccount account, DateTimeOffset until) => account with { Migration = account.Migration! with { NextAt = until } };

    /// <summary>Claims the account for a rotation to the target's key. From here on the rotation's own steps make the switch, whoever takes them.</summary>
    public static ServiceAccount Issue(ServiceAccount account, string rotationId, string keyId, DateTimeOffset now)
    {
        var migration = account.Migration!;
        return KeyRotation.Start(account, RotationTrigger.Migration, migration.RequestedBy, rotationId, keyId, now, migration.To, migration.Reason) with
        {
            Migration = migration with { NextAt = null, RotationBefore = account.Rotation },
        };
    }

    /// <summary>The account of the resource that its new key is of; every other key is of the one that it leaves. The very account when its new key is of its own resource.</summary>
    public static ServiceAccount SwitchedToPendingPlace(ServiceAccount account, DateTimeOffset now)
    {
        if (account.Pending?.Place is not { } place) { return account; }
        var left = account.Migration!.From;
        return Switched(account with
        {
            ResourceId = place.ResourceId,
            DataEndpoint = place.DataEndpoint,
            Keys = [.. account.Keys.Select(key => key.Id == account.Rotation.KeyId ? key with { Place = null } : key with { Place = key.Place ?? left })],
        }, now);
    }

    /// <summary>The account of the target's scope; its roles at the one before stay for an overlap.</summary>
    public static ServiceAccount Switched(ServiceAccount account, DateTimeOffset now)
    {
        var retireAt = account.Rotation.Trigger == RotationTrigger.Emergency ? now : now + account.Policy.Overlap;
        return account with
        {
            Azure = account.Azure is { Also: { } target } access ? access with { Scope = target.Scope, Roles = target.Roles, Also = new RolesAt(access.Scope!, access.Roles) } : account.Azure,
            Migration = account.Migration! with { Step = MigrationStep.Retire, SwitchedAt = now, RetireAt = retireAt, NextAt = retireAt, RotationBefore = null },
            LifecycleDueAt = account.LifecycleDueAt ?? retireAt,
        };
    }

    /// <summary>Goes back to how it was; what was prepared is taken back after that.</summary>
    public static ServiceAccount Cancel(ServiceAccount account, DateTimeOffset now)
    {
        var migration = account.Migration!;
        if (migration.RotationBefore is { } before)
        {
            account = account with
            {
                Rotation = before,
                Keys = [.. account.Keys.Where(key => key != account.Pending)],
                LeasedUntil = null,
                // The target's key may have been sent to Key Vault, and arrive after this.
                LookAt = now + KeyRotation.LateAfter,
            };
            account = account with { WorkDueAt = KeyRotation.IdleUntil(account) };
        }
        return account with
        {
            Migration = migration with { Step = MigrationStep.Undo, NextAt = now, RotationBefore = null, ParkedAt = null, LastFailure = null },
            // What could not be given at the target is not tried again; what was given is taken back with the rest.
            Azure = account.Azure is { Also: not null } access ? access with { RepairWanted = false } : account.Azure,
            LifecycleDueAt = now,
        };
    }

    /// <summary>Nothing is left to do.</summary>
    public static ServiceAccount Finished(ServiceAccount account, MigrationStep step, DateTimeOffset now) => account with
    {
        Migration = account.Migration! with { Step = step, FinishedAt = now, NextAt = null },
    };

    /// <summary>The same roles at another scope: what was below the old one lies at the same place below the new one, and what was on the resource itself on the one that takes its place.</summary>
    public static IReadOnlyList<WantedRole>? Rebased(ServiceAccount account, string scope, KeyPlace? to)
    {
        var access = account.Azure!;
        return access.Roles is null ? null :
        [
            .. access.Roles.Select(role => role with
            {
                Scope = to is not null && string.Equals(role.Scope, account.ResourceId, StringComparison.OrdinalIgnoreCase) ? to.ResourceId : scope + role.Scope[access.Scope!.Length..],
            }),
        ];
    }
}
