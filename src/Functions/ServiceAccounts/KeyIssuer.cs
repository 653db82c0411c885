using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The first half of a rotation: <c>create → test → store → promote</c>. What happens when the process dies: the lease runs out, the account comes due, and the next instance comes here.
/// <list type="table">
/// <item><term>before Created is saved</term><description>nobody has seen the credential: make it again.</description></item>
/// <item><term>before it is published</term><description>go on with its value where that can be read again; where it is lost, give it up and make another (<see cref="KeyRotation.Reissue"/>).</description></item>
/// <item><term>after it is published</term><description>Key Vault's newest version carries its key id: promote it.</description></item>
/// </list>
/// </summary>
internal sealed class KeyIssuer(CredentialKinds kinds, SecretVault vault, TimeProvider clock)
{
    public async Task Issue(RotationWork work)
    {
        var kind = kinds.Of(work.Account);
        IssuedCredential? credential = null;
        if (work.Account.Rotation.Step != RotationStep.Create)
        {
            // A run that got this far and has come back may have published its key before it died. Key Vault knows.
            work.Step = RotationStep.Store;
            var published = await vault.Newest(work.Account.SecretName, work.Time);
            if (published?.KeyId == work.Account.Rotation.KeyId) { await Promote(work, published.Version); return; }
            credential = await kind.Recover(work.Account, work.Account.Pending!, work.Time);
            if (credential is null) { await work.Save(KeyRotation.Reissue(work.Account, Ids.Key(clock), clock.GetUtcNow())); }
        }
        credential ??= await Create(kind, work);

        work.Step = RotationStep.Test;
        if (work.Account.Policy.Verify) { await CredentialTrial.Pass(kind, work, credential, clock); }

        work.Step = RotationStep.Store;
        work.EnsureLeased();
        await Promote(work, await vault.Publish(work.Account, kind.ContentType, credential, clock.GetUtcNow(), work.Time));
    }

    private async Task<IssuedCredential> Create(ICredentialKind kind, RotationWork work)
    {
        work.Step = RotationStep.Create;
        work.EnsureLeased();
        if (await kind.Prepare(work.Account, work.Time) is { } known) { await work.Save(KeyRotation.Prepared(work.Account, known, clock.GetUtcNow())); }
        var credential = await kind.Create(work.Account, work.Time);
        await work.Save(KeyRotation.Created(work.Account, credential.Slot, credential.Hash, clock.GetUtcNow(), credential.ProviderKeyId));
        return credential;
    }

    private Task Promote(RotationWork work, string vaultVersion)
    {
        work.Step = RotationStep.Promote;
        return work.Save(KeyRotation.Promoted(work.Account, vaultVersion, clock.GetUtcNow()).Recorded("serviceAccount.rotated", RotationWork.Actor, clock));
    }
}
