using CustomerFunctions.Customers;
using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <param name="Step">The step of a rotation that it stands for.</param>
/// <param name="Works">Whether it went well.</param>
/// <param name="Detail">What was done, what was not, and what went wrong.</param>
public sealed record RehearsedStep(RotationStep Step, bool Works, string Detail);

/// <summary>What a rotation would do; nothing was changed.</summary>
/// <param name="Works">Whether everything that could be tried went well.</param>
/// <param name="Steps">What was tried, in the order of a rotation.</param>
/// <param name="StartsAt">When the schedule starts the next rotation.</param>
/// <param name="RetiresAt">When the key that is current now then stops working.</param>
/// <param name="NextRotationAt">When the rotation after that comes.</param>
/// <param name="GivesUpAt">When a rotation that starts then and fails at every attempt is parked.</param>
/// <param name="Deadline">When the current secret expires.</param>
public sealed record RehearsalResponse(
    bool Works, IReadOnlyList<RehearsedStep> Steps, DateTimeOffset StartsAt, DateTimeOffset RetiresAt, DateTimeOffset NextRotationAt, DateTimeOffset GivesUpAt, DateTimeOffset? Deadline);

/// <summary>
/// Tries what a rotation needs, without rotating: nothing that anybody uses is changed. A credential that overlaps is made and thrown away. A resource's key cannot be: making one ends one, so
/// there the keys are read and the one in use is tried, and whether the app's identity may make keys shows only when it does. One that this app checks itself is accepted for as long as it is tried.
/// </summary>
internal sealed class RotationRehearsal(ServiceAccountStore store, CredentialKinds kinds, SecretVault vault, QuietHours quiet, TimeProvider clock)
{
    private const string Needless = "Not tried: a step before it failed.";

    public async Task<RehearsalResponse> Run(ServiceAccount account, Customer customer, CancellationToken cancellation)
    {
        var kind = kinds.Of(account);
        IssuedCredential? inUse = null;
        PublishedKey? published = null;
        var steps = new List<RehearsedStep>
        {
            await Try(RotationStep.Create, kind.IsTwoSlot ? "The resource's keys were read. Making one anew was not tried: it would end that key." : kind.NeedsResource ? "A credential was made and thrown away." : "A credential was made, opened what its users open with it, and was thrown away.", async () =>
            {
                if (kind.IsTwoSlot) { inUse = await kind.Recover(account, account.Current!, cancellation); return true; }
                var made = await kind.Create(account, cancellation);
                if (made.Hash is not null && !await Opens(account, kind, made, cancellation)) { throw new CredentialRefusedException(); }
                if (made.ProviderKeyId is { } id) { await kind.Retire(account, account.Current! with { ProviderKeyId = id }, cancellation); }
                return true;
            }),
            await Try(RotationStep.Store, "The secret's newest version is the current key, and the app may write to it.", async () =>
            {
                published = await vault.Newest(account.SecretName, cancellation);
                if (published?.KeyId != account.Current!.Id) { return false; }
                await vault.Touch(account.SecretName, published.Version, kind.ContentType, cancellation);
                return true;
            }),
        };
        inUse ??= published?.Credential;
        steps.Insert(1, inUse is null
            ? new RehearsedStep(RotationStep.Test, false, Needless)
            : await Try(RotationStep.Test, "The key in use was tried where its users use it, and works.", () => kind.Works(account, inUse, cancellation)));
        return Timetable(account, customer, steps);
    }

    /// <summary>
    /// Tries a credential that is in the account's document only while it is tried. It counts as replaced: should the process die meanwhile, the next rotation retires it, and nobody has ever seen it.
    /// </summary>
    private async Task<bool> Opens(ServiceAccount account, ICredentialKind kind, IssuedCredential made, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var trial = new KeyVersion { Id = Ids.Key(clock), State = KeyState.Retiring, Hash = made.Hash, RotationId = account.Rotation.Id, CreatedAt = now, CreatedBy = "rehearsal", RetireAt = now };
        await Change(account, keys => [.. keys, trial], cancellation);
        try { return await kind.Works(account, made, cancellation); }
        finally
        {
            await Change(account, keys => [.. keys.Where(key => key.Id != trial.Id)], cancellation);
            kind.Forget(account);
        }
    }

    private async Task Change(ServiceAccount account, Func<IReadOnlyList<KeyVersion>, IReadOnlyList<KeyVersion>> change, CancellationToken cancellation)
    {
        while (await store.Read(account.CustomerId, account.Id, cancellation) is { } now && await store.TryReplace(now, now.Value with { Keys = change(now.Value.Keys) }, cancellation) is null) { }
    }

    private RehearsalResponse Timetable(ServiceAccount account, Customer customer, IReadOnlyList<RehearsedStep> steps)
    {
        var now = clock.GetUtcNow();
        var starts = RotationSchedule.MayStart(account.Id, account.Policy.Window, quiet.Of(customer), account.NextRotationAt is { } next && next > now ? next : now);
        return new RehearsalResponse(
            steps.All(step => step.Works), steps, starts, starts + account.Policy.Overlap, RotationSchedule.Next(account.Id, account.Policy, starts), starts + RotationRetries.WorstCase(0), RotationRetries.Deadline(account));
    }

    private static async Task<RehearsedStep> Try(RotationStep step, string detail, Func<Task<bool>> attempt)
    {
        try { return await attempt() ? new RehearsedStep(step, true, detail) : new RehearsedStep(step, false, step == RotationStep.Test ? "The key in use was refused." : "The secret's newest version is not the current key."); }
        catch (Exception e) when (e is not InvalidOperationException) { return new RehearsedStep(step, false, RotationFailures.ReasonFor(e)); }
    }
}
