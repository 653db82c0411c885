using CustomerFunctions.Customers;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="Step">The step of a rotation that it stands for.</param>
/// <param name="Works">Whether it went well.</param>
/// <param name="Detail">What was done, or what went wrong.</param>
public sealed record RehearsedStep(RotationStep Step, bool Works, string Detail);

/// <param name="Step">The step of a rotation that it belongs to.</param>
/// <param name="What">What was not done, and why that can't be tried.</param>
public sealed record UnrehearsedStep(RotationStep Step, string What);

/// <summary>What a rotation would do; nothing that anybody uses was changed.</summary>
/// <param name="Works">Whether everything that could be tried went well.</param>
/// <param name="Steps">What was tried, in the order of a rotation.</param>
/// <param name="NotRehearsed">What a rotation does besides, and only a rotation shows.</param>
/// <param name="StartsAt">When the schedule starts the next rotation.</param>
/// <param name="RetiresAt">When the key that is current now then stops working.</param>
/// <param name="NextRotationAt">When the rotation after that comes.</param>
/// <param name="GivesUpAt">When a rotation that starts then and fails at every attempt is parked.</param>
/// <param name="Deadline">When the current secret expires.</param>
public sealed record RehearsalResponse(
    bool Works, IReadOnlyList<RehearsedStep> Steps, IReadOnlyList<UnrehearsedStep> NotRehearsed, DateTimeOffset StartsAt, DateTimeOffset RetiresAt, DateTimeOffset NextRotationAt, DateTimeOffset GivesUpAt, DateTimeOffset? Deadline);

/// <summary>
/// Tries what a rotation needs, without rotating. A credential that overlaps is made, tried and thrown away: <see cref="ThrowawayTrial"/>. A resource's key cannot be, since making one ends one: its keys are read and
/// tried, and Resource Manager is asked whether the app may make them anew. What that leaves out, the answer says.
/// </summary>
internal sealed class RotationRehearsal(CredentialKinds kinds, ThrowawayTrial throwaway, SecretVault vault, QuietHours quiet, TimeProvider clock)
{
    public async Task<RehearsalResponse> Run(ServiceAccount account, Customer customer, CancellationToken cancellation)
    {
        var left = new List<UnrehearsedStep>();
        var kind = kinds.Of(account);
        List<RehearsedStep> steps =
        [
            .. kind is TwoSlotKeys slots ? await TrySlots(account, slots, left, cancellation) : await TryAnother(account, (IOverlappingKind)kind, left, cancellation),
            await Try(RotationStep.Store, "The secret's newest version is the current key, and the app may write to it.", () => TryVault(account, kind, cancellation)),
        ];
        left.Add(new UnrehearsedStep(RotationStep.Store, "No version of the secret was set: the newest one is what its users read."));
        if (kind.IsTwoSlot) { left.Add(new UnrehearsedStep(RotationStep.Retire, $"{account.Current!.Slot}, which is in use, was not made anew.")); }
        return Timetable(account, customer, steps, left);
    }

    private static async Task<IReadOnlyList<RehearsedStep>> TrySlots(ServiceAccount account, TwoSlotKeys slots, List<UnrehearsedStep> left, CancellationToken cancellation)
    {
        (IssuedCredential InUse, IssuedCredential Idle)? keys = null;
        IReadOnlyList<string>? forbidden = null;
        var create = await Try(RotationStep.Create, "The resource's two keys were read, and Resource Manager says that the app may make them anew.", async () =>
        {
            keys = await slots.Both(account, cancellation);
            left.Add(new UnrehearsedStep(RotationStep.Create, $"{keys.Value.Idle.Slot} was not made anew: that would end the key in it, and there is no third to try it with."));
            forbidden = await slots.Forbidden(account, cancellation);
            return forbidden is { Count: > 0 } ? $"This app's identity may not do {string.Join(" nor ", forbidden)}." : null;
        });
        if (create.Works && forbidden is null)
        {
            create = create with { Detail = "The resource's two keys were read." };
            left.Add(new UnrehearsedStep(RotationStep.Create, "Whether the app may make a key anew was not seen: its identity may not read its own permissions (Microsoft.Authorization/permissions/read)."));
        }
        if (keys is not { } both) { return [create, new RehearsedStep(RotationStep.Test, false, "Not tried: the keys could not be read.")]; }
        return [create, await Try(RotationStep.Test, "Both keys were tried where their users use them, and work.", async () =>
            !await slots.Works(account, both.InUse, cancellation) ? $"The key in use, {both.InUse.Slot}, was refused." : !await slots.Works(account, both.Idle, cancellation) ? $"The idle key, {both.Idle.Slot}, was refused." : null)];
    }

    private async Task<IReadOnlyList<RehearsedStep>> TryAnother(ServiceAccount account, IOverlappingKind kind, List<UnrehearsedStep> left, CancellationToken cancellation)
    {
        bool? works = null;
        var create = await Try(RotationStep.Create, "A credential was made, opened what its users open with it, and was thrown away.", async () =>
        {
            works = await throwaway.Run(account, kind, cancellation);
            return works == false ? "A new credential was refused when it was tried, and was thrown away." : null;
        });
        if (create.Works && works is null)
        {
            create = create with { Detail = "A credential was made and thrown away." };
            left.Add(new UnrehearsedStep(RotationStep.Test, "The new credential was not seen to work: its maker had not spread it within seconds. A rotation waits for that longer."));
        }
        return [create, await Try(RotationStep.Test, "The key in use was tried where its users use it, and works.", async () =>
            await vault.Newest(account.SecretName, cancellation) is not { } published ? "Not tried: the secret cannot be read." : await kind.Works(account, published.Credential, cancellation) ? null : "The key in use was refused.")];
    }

    private async Task<string?> TryVault(ServiceAccount account, ICredentialKind kind, CancellationToken cancellation)
    {
        if (await vault.Newest(account.SecretName, cancellation) is not { } published || published.KeyId != account.Current!.Id) { return "The secret's newest version is not the current key."; }
        await vault.Touch(account.SecretName, published.Version, kind.ContentType, cancellation);
        return null;
    }

    private RehearsalResponse Timetable(ServiceAccount account, Customer customer, IReadOnlyList<RehearsedStep> steps, IReadOnlyList<UnrehearsedStep> left)
    {
        var now = clock.GetUtcNow();
        var starts = RotationSchedule.StartOf(account, quiet.Of(customer), now);
        return new RehearsalResponse(
            steps.All(step => step.Works), steps, [.. left.OrderBy(one => one.Step)], starts, starts + account.Policy.Overlap, RotationSchedule.Next(account.Id, account.Policy, starts), starts + RotationRetries.WorstCase(0), RotationRetries.Deadline(account));
    }

    /// <param name="step">The step that is tried.</param>
    /// <param name="done">What was done, when it goes well.</param>
    /// <param name="attempt">Says what went wrong; null when nothing did.</param>
    private static async Task<RehearsedStep> Try(RotationStep step, string done, Func<Task<string?>> attempt)
    {
        try { return await attempt() is { } wrong ? new RehearsedStep(step, false, wrong) : new RehearsedStep(step, true, done); }
        catch (Exception e) when (e is not InvalidOperationException) { return new RehearsedStep(step, false, RotationFailures.ReasonFor(e)); }
    }
}
