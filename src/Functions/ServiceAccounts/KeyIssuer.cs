using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The first half of a rotation: <c>create → test → store → promote</c>. What happens when the process dies: the lease runs out, the account comes due, and the next instance comes here.
/// <list type="table">
/// <item><term>before Created is saved</term><description>nobody has seen the credential: make it again.</description></item>
/// <item><term>while a slot is being made anew, which may take hours</term><description>the operation is kept with the key, and is asked about again.</description></item>
/// <item><term>before it is published</term><description>go on with its value where that can be read again; where it is lost, give it up and make another (<see cref="KeyRotation.Reissue"/>).</description></item>
/// <item><term>after it is published</term><description>Key Vault's newest version carries its key id: promote it.</description></item>
/// </list>
/// </summary>
internal sealed class KeyIssuer(ServiceAccountStore store, CredentialKinds kinds, SecretVault vault, SecretRepair repair, TimeProvider clock)
{
    public async Task Issue(RotationWork work)
    {
        var kind = kinds.Of(work.Account);
        IssuedCredential? credential = null;
        // Then the key may have been published before: its version may have a twin.
        var isRepeated = work.Account.Rotation is { Step: not RotationStep.Create } or { LastFailure: not null };
        if (work.Account.Rotation.Step != RotationStep.Create)
        {
            // A run that got this far and has come back may have published its key before it died. Key Vault knows.
            work.Step = RotationStep.Store;
            var published = await vault.Newest(work.Account.SecretToSet, work.Time);
            if (published?.KeyId == work.Account.Rotation.KeyId) { await Promote(work, new PublishedVersion(published.Version, IsSole: false, published.ExpiresAt)); return; }
            credential = await kind.Recover(work.Account, work.Account.Pending!, work.Time);
            if (credential is null) { await work.Save(KeyRotation.Reissue(work.Account, Ids.Key(clock), clock.GetUtcNow())); }
        }
        credential ??= await Create(kind, work);

        work.Step = RotationStep.Test;
        if (work.Account.Policy.Verify) { await CredentialTrial.Pass(kind, work, credential, clock); }

        work.Step = RotationStep.Store;
        var version = await repair.Publish(work, kind.ContentType, credential);
        await Promote(work, version with { IsSole = version.IsSole && !isRepeated });
    }

    private async Task<IssuedCredential> Create(ICredentialKind kind, RotationWork work)
    {
        work.Step = RotationStep.Create;
        if (work.Account is { SecretVersions: >= SecretVault.FullAt, Rotation.FreshSecret: null })
        {
            await work.Save(KeyRotation.Moving(work.Account, await store.TakeNextSecret(work.Account, work.Time), clock.GetUtcNow()));
        }
        work.EnsureLeased();
        if (await kind.Prepare(work.Account, work.Time) is { } known) { await work.Save(KeyRotation.Prepared(work.Account, known, clock.GetUtcNow())); }
        var credential = await kind.Create(work.Account, work.Time);
        await work.Save(KeyRotation.Created(work.Account, credential.Slot, credential.Hash, clock.GetUtcNow(), credential.ProviderKeyId, credential.EndsAt));
        return credential;
    }

    private Task Promote(RotationWork work, PublishedVersion version)
    {
        work.Step = RotationStep.Promote;
        var promoted = KeyRotation.Promoted(work.Account, version.Version, clock.GetUtcNow(), version.IsSole, version.ExpiresAt);
        promoted = AccountLifecycle.Published(promoted, version.Version).Recorded("serviceAccount.rotated", RotationWork.Actor, clock).RecordedIfSwitched(work.Account, RotationWork.Actor, clock);
        return work.Save(promoted.SecretName == work.Account.SecretName ? promoted : promoted.RecordedAsChanged("serviceAccount.secretMoved", work.Account, RotationWork.Actor, clock));
    }
}
