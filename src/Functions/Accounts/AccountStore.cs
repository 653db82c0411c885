using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.IdentityProvider;
using CustomerFunctions.Names;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Shared;
using Microsoft.Azure.Cosmos;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.Accounts;

/// <summary>
/// People, in the <c>accounts</c> container, one partition each. An account is remembered for <see cref="Freshness"/> for whoever only wants to know if a session is still good: what
/// this instance changes counts at once, what another changes within that time.
/// </summary>
internal sealed class AccountStore(AzureClients azure, DirectoryStore directory, NameClaims names, Outbox outbox, TimeProvider clock) : IDisposable
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    /// <summary>No ULID that was ever made has the time zero.</summary>
    private static readonly string Nobody = "acc_" + new string('0', Ids.UlidLength);

    private readonly Documents documents = new(azure, "accounts");
    private readonly MemoryCache cache = new(new MemoryCacheOptions { SizeLimit = 20_000 });

    public static string NormalizeEmail(string email) => EmailAddress.Key(email);

    public async Task<Stored<Account>?> Read(string id, CancellationToken cancellation) =>
        await documents.Read(id, id, StoreJson.Default.Account, cancellation) is { Value.Type: Account.DocumentType } account ? account : null;

    /// <summary>The account as it was at most <see cref="Freshness"/> ago.</summary>
    public async ValueTask<Account?> ReadRecent(string id, CancellationToken cancellation)
    {
        return cache.TryGetValue(id, out Account? known) ? known : await ReadNow(id, cancellation);
    }

    /// <summary>The account as it is now, remembered from now on.</summary>
    public async Task<Account?> ReadNow(string id, CancellationToken cancellation)
    {
        cache.TryGetValue(id, out Account? known);
        var account = (await Read(id, cancellation))?.Value;
        // What was changed here while this was reading is newer.
        return cache.TryGetValue(id, out Account? changed) && !ReferenceEquals(changed, known) ? changed : Remember(id, account);
    }

    /// <summary>
    /// The account of an address. For an address that nobody has, as many requests are made as for any other, so that the time tells nothing.
    /// </summary>
    public async Task<Stored<Account>?> FindByEmail(string normalizedEmail, CancellationToken cancellation) =>
        await FindAs(normalizedEmail, cancellation) ?? (EmailAddress.Earlier(normalizedEmail) is { } earlier ? await FindAs(earlier, cancellation) : null);

    private async Task<Stored<Account>?> FindAs(string normalizedEmail, CancellationToken cancellation)
    {
        var claim = await directory.Find(DirectoryStore.AccountEmailId(normalizedEmail), cancellation);
        var account = await Read(claim?.Value.HolderId ?? Nobody, cancellation);
        return account?.Value.Email == normalizedEmail ? account : null;
    }

    /// <summary>The account of an identity provider's user.</summary>
    public async Task<Stored<Account>?> FindByIdentity(string userId, CancellationToken cancellation) =>
        await directory.Find(DirectoryStore.IdentityId(userId), cancellation) is { } claim && await Read(claim.Value.HolderId, cancellation) is { } account && IdentityRules.Carries(account.Value, userId) ? account : null;

    /// <summary>Adds an account that an identity provider speaks for; false when another event of the same user, or somebody with the same address, was faster.</summary>
    public async Task<(bool? Made, Problem? Refusal)> TryAddWithIdentity(Account account, CancellationToken cancellation)
    {
        var (outcome, claim) = await TakeIdentity(account, account.Identity!.UserId, cancellation);
        if (outcome != Taking.Taken) { return outcome == Taking.Held ? (false, null) : (null, Failures.Busy(NameClaims.Grace)); }
        var (added, refusal) = await TryAdd(account, cancellation);
        if (added is not null) { return (true, null); }
        await names.Release([claim!]);
        return refusal!.Kind.Status == StatusCodes.Status409Conflict ? (false, null) : (null, refusal);
    }

    /// <summary>Joins an identity provider's user to an account that was there before it.</summary>
    public async Task<(bool? Made, Problem? Refusal)> TryJoinIdentity(Stored<Account> before, Account after, string userId, CancellationToken cancellation)
    {
        var (outcome, _) = await TakeIdentity(after, userId, cancellation);
        if (outcome != Taking.Taken) { return outcome == Taking.Held ? (false, null) : (null, Failures.Busy(NameClaims.Grace)); }
        return (await TryReplace(before, after, cancellation) is not null, null);
    }

    /// <summary>
    /// Replaces an account whose address may have changed; see <see cref="Customers.CustomerStore.TryChange"/> for what
    /// becomes of the old claim. Links prove the address that they were mailed to, so they end with it.
    /// </summary>
    public async Task<(Stored<Account>? Changed, Problem? Refusal)> TryChangeEmail(Stored<Account> before, Account after, CancellationToken cancellation)
    {
        if (after.Email == before.Value.Email) { return (await TryReplace(before, after, cancellation), null); }
        var left = await names.HeldBy(after.Id, [DirectoryStore.AccountEmailId(before.Value.Email)], cancellation);
        var taken = new List<Stored<Claim>>();
        if (await TakeEmail(after, taken, cancellation) is { } refused) { return (null, refused); }
        var changed = await TryReplace(before, after with { Links = [] }, cancellation);
        await names.Release(changed is null ? taken.Where(claim => !claim.Value.WasOurs) : left);
        return (changed, null);
    }

    /// <summary>Makes the request that a change would have made: what is done for an address that nobody has must not be faster.</summary>
    public Task PretendToReplace(CancellationToken cancellation) =>
        documents.TryReplace(Nobody, new Stored<Account>(Account.Tombstone(Nobody, clock.GetUtcNow()), "\"none\""), Account.Tombstone(Nobody, clock.GetUtcNow()), StoreJson.Default.Account, cancellation);

    /// <summary>Adds an account whose address nobody has.</summary>
    /// <param name="account">The account.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="flush">Whether its events go into the log at once, or are left to the timer.</param>
    public async Task<(Stored<Account>? Added, Problem? Refusal)> TryAdd(Account account, CancellationToken cancellation, bool flush = true)
    {
        var taken = new List<Stored<Claim>>();
        var mayExist = false;
        try
        {
            if (await TakeEmail(account, taken, cancellation) is { } refused) { return (null, refused); }
            mayExist = true;
            // A request that is repeated finds what it made the first time; see NewIds.
            var added = await documents.TryCreate(account.Id, account, StoreJson.Default.Account, cancellation) ?? await Read(account.Id, cancellation);
            mayExist = added is not null;
            // Nothing else than a tombstone can be in the way: this request was held up for so long that another took its name over.
            if (added is null) { return (null, Failures.AccountEmailTaken()); }
            return (flush ? await outbox.Flush(documents, account.Id, added, cancellation) : added, null);
        }
        catch (Exception e) when (Documents.HasRefused(e))
        {
            mayExist = false;
            throw;
        }
        finally
        {
            if (!mayExist) { await names.Release(taken); }
        }
    }

    /// <summary>Takes back an account that was made for something that was then refused; one that has changed since is left alone.</summary>
    public async Task TryRemove(Stored<Account> account, CancellationToken cancellation)
    {
        if (!await documents.TryDelete(account.Value.Id, account, cancellation)) { return; }
        cache.Remove(account.Value.Id);
        await names.GiveUp(DirectoryStore.AccountEmailId(account.Value.Email), account.Value.Id, cancellation);
    }

    /// <summary>Replaces an account as it was read; null when it has changed since.</summary>
    /// <param name="before">As it was read.</param>
    /// <param name="after">As it is to be.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="flush">
    /// Whether the events of this change go into the log at once. Routes that anybody can call leave them to the timer: their time is measured by people who want to know which addresses are
    /// known, and a sign-in is not to wait for the log. Only when very many wait already, the request empties the outbox.
    /// </param>
    public async Task<Stored<Account>?> TryReplace(Stored<Account> before, Account after, CancellationToken cancellation, bool flush = true)
    {
        var changed = await documents.TryReplace(after.Id, before, after with { UpdatedAt = clock.GetUtcNow() }, StoreJson.Default.Account, cancellation);
        if (changed is null) { cache.Remove(after.Id); return null; }
        Remember(after.Id, changed.Value);
        var isNews = after.Outbox?.Count > (before.Value.Outbox?.Count ?? 0);
        return isNews && (flush || after.Outbox!.Count > Outbox.MayWait) ? await outbox.Flush(documents, after.Id, changed, cancellation) : changed;
    }

    /// <summary>
    /// Applies a change to the account as it is now, again when another was faster. <paramref name="change"/> returns null when there is nothing to be changed any more.
    /// </summary>
    public async Task<Stored<Account>?> Change(Stored<Account> account, Func<Account, Account?> change, CancellationToken cancellation, bool flush = true)
    {
        for (var current = account; current is not null; current = await Read(account.Value.Id, cancellation))
        {
            if (change(current.Value) is not { } after) { return null; }
            if (await TryReplace(current, after, cancellation, flush) is { } changed) { return changed; }
        }
        return null;
    }

    /// <summary>One page of all accounts, the oldest first.</summary>
    public Task<Page<Account>> ListAcrossAccounts(string? role, int pageSize, string? continuation, CancellationToken cancellation)
    {
        var query = role is null
            ? new QueryDefinition("SELECT * FROM c WHERE c.type = @type ORDER BY c.type, c.createdAt, c.id")
            : new QueryDefinition("SELECT * FROM c WHERE c.type = @type AND c.role = @role ORDER BY c.type, c.role, c.createdAt, c.id").WithParameter("@role", role);
        return documents.Query(query.WithParameter("@type", Account.DocumentType), partition: null, pageSize, continuation, StoreJson.Default.DocumentFeedAccount, cancellation);
    }

    /// <summary>The next accounts that have mail to send, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Account>>> MailDueAcrossAccounts(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("mailDueAt", now, count, StoreJson.Default.DocumentFeedAccount, cancellation);

    /// <summary>The next accounts whose log has events that are too old, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Account>>> AuditPurgesDueAcrossAccounts(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("auditPurgeDueAt", now, count, StoreJson.Default.DocumentFeedAccount, cancellation);

    public Task PostponeAuditPurge(string id, DateTimeOffset until, CancellationToken cancellation) =>
        documents.TryPatch(id, id, [PatchOperation.Set("/auditPurgeDueAt", InstantConverter.Text(until))], "FROM c WHERE IS_DEFINED(c.auditPurgeDueAt)", cancellation);

    /// <summary>Takes the claim that only one account ever has: the first administrator's.</summary>
    public async Task<bool> TryBecomeFirstAdmin(string accountId, CancellationToken cancellation) =>
        (await names.TryTake(DirectoryStore.FirstAdminId, accountId, accountId, Holder(account => account.IsFirstAdmin), cancellation)).Outcome == Taking.Taken;

    public void Dispose() => cache.Dispose();

    private async Task<Problem?> TakeEmail(Account account, List<Stored<Claim>> taken, CancellationToken cancellation)
    {
        var (outcome, claim) = await names.TryTake(DirectoryStore.AccountEmailId(account.Email), account.Id, account.Id, Holder(other => other.Email == account.Email), cancellation);
        if (outcome == Taking.Taken) { taken.Add(claim!); }
        return outcome switch { Taking.Taken => null, Taking.Held => Failures.AccountEmailTaken(), _ => Failures.Busy(NameClaims.Grace) };
    }

    private Task<(Taking Outcome, Stored<Claim>? Claim)> TakeIdentity(Account account, string userId, CancellationToken cancellation) => names.TryTake(
        DirectoryStore.IdentityId(userId), account.Id, account.Id, Holder(other => IdentityRules.Carries(other, userId)), cancellation);

    private ClaimHolder Holder(Func<Account, bool> carries) => new(
        async (claim, cancellation) => await Read(claim.HolderId, cancellation) is { } holder && carries(holder.Value),
        async (claim, cancellation) =>
        {
            var holder = await documents.Read(claim.HolderId, claim.HolderId, StoreJson.Default.Account, cancellation);
            if (holder is null) { return await documents.TryCreate(claim.HolderId, Account.Tombstone(claim.HolderId, clock.GetUtcNow()), StoreJson.Default.Account, cancellation) is not null; }
            return !carries(holder.Value) && await TryReplace(holder, holder.Value, cancellation) is not null;
        });

    private Account? Remember(string id, Account? account) => cache.Set(id, account, new MemoryCacheEntryOptions { AbsoluteExpirationRelativeToNow = Freshness, Size = 1 });
}
