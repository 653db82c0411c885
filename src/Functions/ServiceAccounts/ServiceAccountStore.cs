using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Service accounts, in their customer's partition. Five names lead to one: its own within its customer, its Key Vault secret's, the ULID in its credentials, the resource whose keys it rotates, and the principal that is given its roles.</summary>
internal sealed class ServiceAccountStore(AzureClients azure, DirectoryStore directory, NameClaims names, Outbox outbox, KeyHolderCache holders, TimeProvider clock)
{
    private readonly Documents documents = new(azure, "customers");

    public async Task<Stored<ServiceAccount>?> Read(string customerId, string id, CancellationToken cancellation) =>
        await documents.Read(customerId, id, StoreJson.Default.ServiceAccount, cancellation) is { Value.Type: ServiceAccount.DocumentType } account ? account : null;

    /// <summary>Adds an account, recorded when its secret's name is settled; the one that is there when this request has made it before; the refusal when its name or its resource is taken.</summary>
    public async Task<(Stored<ServiceAccount>? Added, bool IsNew, Problem? Refusal)> TryAdd(
        ServiceAccount account, bool hasApiKey, Func<ServiceAccount, ServiceAccount> record, CancellationToken cancellation)
    {
        var taken = new List<Stored<Claim>>();
        var mayExist = false;
        try
        {
            var key = ServiceAccount.NameKey(account.Name);
            var (ownName, _) = await Take(DirectoryStore.AccountNameId(account.CustomerId, key), account, other => ServiceAccount.NameKey(other.Name) == key, taken, cancellation);
            if (Refusal(ownName, Failures.ServiceAccountNameTaken) is { } namesake) { return (null, false, namesake); }

            var (secret, holder) = await Take(DirectoryStore.SecretId(account.SecretName), account, static _ => true, taken, cancellation);
            var name = account.SecretName;
            for (var generation = 2; secret == Taking.Held && holder!.CustomerId == account.CustomerId && holder.ReservedUntil is not null; generation++)
            {
                // The secret of a deleted namesake: Key Vault keeps it for a while, and takes no new one of that name.
                account = account with { SecretName = SecretNames.Numbered(name, generation) };
                (secret, holder) = await Take(DirectoryStore.SecretId(account.SecretName), account, static _ => true, taken, cancellation);
            }
            if (secret == Taking.Held && !await IsNamesake(holder!, account.CustomerId, key, cancellation))
            {
                // Slug and name of another customer make the same secret name ("a-b" + "c", "a" + "b-c"), and so do two names that differ in what a secret's name cannot have; two accounts must
                // never share a secret.
                account = account with { SecretName = SecretNames.Apart(account.SecretName, account.Id) };
                (secret, _) = await Take(DirectoryStore.SecretId(account.SecretName), account, static _ => true, taken, cancellation);
            }
            if (Refusal(secret, Failures.ServiceAccountNameTaken) is { } nameRefused) { return (null, false, nameRefused); }

            if (account.ResourceId is { } resourceId)
            {
                var (resource, _) = await Take(DirectoryStore.ResourceId(resourceId), account, other => Has(other, resourceId), taken, cancellation);
                if (Refusal(resource, Failures.ResourceTaken) is { } resourceRefused) { return (null, false, resourceRefused); }
            }
            if (account.Azure?.PrincipalId is { } principalId)
            {
                var (principal, _) = await Take(DirectoryStore.PrincipalId(principalId), account, other => other.Azure?.PrincipalId == principalId, taken, cancellation);
                if (Refusal(principal, Failures.PrincipalTaken) is { } principalRefused) { return (null, false, principalRefused); }
            }
            if (hasApiKey) { await directory.TryClaim(DirectoryStore.KeyId(Ids.Ulid(account.Id)), account.CustomerId, account.Id, cancellation); }
            var recorded = record(account);
            mayExist = true;
            var added = await documents.TryCreate(account.CustomerId, recorded, StoreJson.Default.ServiceAccount, cancellation);
            // A request that is repeated finds what it made the first time; see NewIds.
            var isNew = added is not null;
            added ??= await Read(account.CustomerId, account.Id, cancellation);
            mayExist = added is not null;
            return added is null ? (null, false, Failures.ServiceAccountNameTaken()) : (await outbox.Flush(documents, account.CustomerId, added, cancellation), isNew, null);
        }
        catch (Exception e) when (Documents.HasRefused(e))
        {
            mayExist = false;
            throw;
        }
        finally
        {
            // A write without an answer may have arrived; see CustomerStore.
            if (!mayExist) { await names.Release(taken); }
        }
    }

    /// <summary>Claims the name of a fresh secret for an account whose secret is full: the first one's name with the next number. It is the account's whether it is then used or not.</summary>
    public async Task<string> TakeNextSecret(ServiceAccount account, CancellationToken cancellation)
    {
        var used = account.AllSecrets.ToList();
        for (var number = used.Count + 1; ; number++)
        {
            var name = SecretNames.Numbered(used[0], number);
            if (used.Contains(name)) { continue; }
            var (outcome, _) = await names.TryTake(DirectoryStore.SecretId(name), account.CustomerId, account.Id, Holder(account, static _ => true), cancellation);
            if (outcome == Taking.Taken) { return name; }
            if (outcome == Taking.Awaited) { throw new IOException("Another request is about to have the name of the secret."); }
        }
    }

    /// <summary>Replaces an account as it was read; null when it has changed since. A write that takes or renews a claim is refused while this instance's clock cannot be trusted.</summary>
    /// <exception cref="ClockSkewException">This instance's clock is too far off.</exception>
    public async Task<Stored<ServiceAccount>?> TryReplace(Stored<ServiceAccount> before, ServiceAccount after, CancellationToken cancellation)
    {
        if (Claims(before.Value.LeasedUntil, after.LeasedUntil) || Claims(before.Value.Lifecycle?.LeasedUntil, after.Lifecycle?.LeasedUntil)) { azure.Clock.EnsureClose(); }
        Stored<ServiceAccount>? changed;
        try { changed = await documents.TryReplace(after.CustomerId, before, after, StoreJson.Default.ServiceAccount, cancellation); }
        finally { holders.Forget(Ids.Ulid(after.Id)); }
        return changed is null ? null : await outbox.Flush(documents, after.CustomerId, changed, cancellation);

        static bool Claims(DateTimeOffset? before, DateTimeOffset? after) => after is not null && after != before;
    }

    /// <summary>
    /// Removes an account for good, its names first; false when it has changed since it was read. Its secret's name stays reserved: Key Vault keeps a deleted secret for its retention, and refuses to set one of that name.
    /// </summary>
    public async Task<bool> TryRemove(Stored<ServiceAccount> stored, DateTimeOffset secretReservedUntil, CancellationToken cancellation)
    {
        var account = stored.Value;
        foreach (var secret in account.AllSecrets) { await names.Reserve(DirectoryStore.SecretId(secret), account.Id, secretReservedUntil, cancellation); }
        foreach (var resourceId in new[] { account.ResourceId }.OfType<string>().Union(account.Migration?.Resources ?? [])) { await GiveUpResource(account, resourceId, cancellation); }
        if (account.Azure is { } azure) { await names.GiveUp(DirectoryStore.PrincipalId(azure.PrincipalId), account.Id, cancellation); }
        await names.GiveUp(DirectoryStore.AccountNameId(account.CustomerId, ServiceAccount.NameKey(account.Name)), account.Id, cancellation);
        await names.GiveUp(DirectoryStore.KeyId(Ids.Ulid(account.Id)), account.Id, cancellation);
        var isRemoved = await documents.TryDelete(account.CustomerId, stored, cancellation);
        holders.Forget(Ids.Ulid(account.Id));
        return isRemoved;
    }

    /// <summary>Writes the events that an account still carries, if the log takes them.</summary>
    public Task<Stored<ServiceAccount>> FlushEvents(Stored<ServiceAccount> account, CancellationToken cancellation) => outbox.Flush(documents, account.Value.CustomerId, account, cancellation);

    /// <summary>A customer's service accounts in the order they were made.</summary>
    public Task<Page<ServiceAccount>> List(string customerId, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type = @type ORDER BY c.createdAt").WithParameter("@type", ServiceAccount.DocumentType);
        return documents.Query(query, customerId, pageSize, continuation, StoreJson.Default.DocumentFeedServiceAccount, cancellation);
    }

    /// <summary>The next accounts with something to do, longest overdue first. Its cost follows what is due, not how many accounts there are.</summary>
    public Task<IReadOnlyList<Stored<ServiceAccount>>> DueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("workDueAt", now, count, StoreJson.Default.DocumentFeedServiceAccount, cancellation);

    /// <summary>The next accounts whose suspension, restoration or deletion is not complete, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<ServiceAccount>>> UnsettledAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("lifecycleDueAt", now, count, StoreJson.Default.DocumentFeedServiceAccount, cancellation);

    /// <summary>The accounts of all customers with something to do in a span, in the order of that.</summary>
    public Task<Page<ServiceAccount>> DueBetween(DateTimeOffset from, DateTimeOffset to, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.workDueAt >= @from AND c.workDueAt < @to ORDER BY c.workDueAt")
            .WithParameter("@from", InstantConverter.Text(from)).WithParameter("@to", InstantConverter.Text(to));
        return documents.Query(query, partition: null, pageSize, continuation, StoreJson.Default.DocumentFeedServiceAccount, cancellation);
    }

    /// <summary>The next accounts whose roles in Azure are to be looked at, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<ServiceAccount>>> PermissionsDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("permissionsDueAt", now, count, StoreJson.Default.DocumentFeedServiceAccount, cancellation);

    /// <summary>Claims a service principal for an account that is about to be saved with it; the refusal when it is another's. Two accounts would take each other's roles away.</summary>
    public async Task<Problem?> TakePrincipal(ServiceAccount account, string principalId, CancellationToken cancellation)
    {
        var (outcome, _) = await names.TryTake(DirectoryStore.PrincipalId(principalId), account.CustomerId, account.Id, Holder(account, other => other.Azure?.PrincipalId == principalId), cancellation);
        return Refusal(outcome, Failures.PrincipalTaken);
    }

    /// <summary>Claims a resource for an account that is about to be migrated to it; the refusal when another rotates its keys.</summary>
    public async Task<Problem?> TakeResource(ServiceAccount account, string resourceId, CancellationToken cancellation)
    {
        var (outcome, _) = await names.TryTake(DirectoryStore.ResourceId(resourceId), account.CustomerId, account.Id, Holder(account, other => Has(other, resourceId)), cancellation);
        return Refusal(outcome, Failures.ResourceTaken);
    }

    /// <summary>Lets go of a resource that an account's migration has left, or that it will not come to.</summary>
    public Task GiveUpResource(ServiceAccount account, string resourceId, CancellationToken cancellation) => names.GiveUp(DirectoryStore.ResourceId(resourceId), account.Id, cancellation);

    /// <summary>Whether a secret is of an account of the same name: earlier versions claimed no names but those of secrets.</summary>
    private async Task<bool> IsNamesake(Claim holder, string customerId, string key, CancellationToken cancellation) =>
        holder.CustomerId == customerId && await Read(customerId, holder.HolderId, cancellation) is { } other && ServiceAccount.NameKey(other.Value.Name) == key;

    private async Task<(Taking Outcome, Claim? Holder)> Take(string claimId, ServiceAccount account, Func<ServiceAccount, bool> carries, List<Stored<Claim>> taken, CancellationToken cancellation)
    {
        var (outcome, claim) = await names.TryTake(claimId, account.CustomerId, account.Id, Holder(account, carries), cancellation);
        if (outcome == Taking.Taken) { taken.Add(claim!); }
        return (outcome, claim?.Value);
    }

    private static bool Has(ServiceAccount account, string resourceId) =>
        new[] { account.ResourceId }.Concat(account.Migration?.Resources ?? []).Contains(resourceId, StringComparer.OrdinalIgnoreCase);

    /// <summary>Of an account that exists the document says whether it has the name; one that does not is fenced off by a tombstone.</summary>
    private ClaimHolder Holder(ServiceAccount account, Func<ServiceAccount, bool> carries) => new(
        async (claim, cancellation) => await Read(claim.CustomerId, claim.HolderId, cancellation) is { } other && carries(other.Value),
        async (claim, cancellation) =>
        {
            // The same content under a new ETag: a change that was on its way with the old one now fails. Unless that change has just arrived.
            if (await Read(claim.CustomerId, claim.HolderId, cancellation) is { } other) { return !carries(other.Value) && await TryReplace(other, other.Value, cancellation) is not null; }
            // It may stand there already: the dead writer had claimed two names, and this is the second.
            return await documents.TryCreate(claim.CustomerId, ServiceAccount.Tombstone(claim.HolderId, claim.CustomerId, clock.GetUtcNow()), StoreJson.Default.ServiceAccount, cancellation) is not null
                || await documents.Read(claim.CustomerId, claim.HolderId, StoreJson.Default.ServiceAccount, cancellation) is { Value.Type: ServiceAccount.TombstoneType };
        });

    private static Problem? Refusal(Taking outcome, Func<Problem> held) => outcome switch { Taking.Taken => null, Taking.Held => held(), _ => Failures.Busy(NameClaims.Grace) };
}
