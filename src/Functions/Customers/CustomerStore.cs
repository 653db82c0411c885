using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.Shared.Azure;
using Microsoft.Azure.Cosmos;

namespace CustomerFunctions.Customers;

/// <summary>Any document of a customer's partition.</summary>
internal sealed record OwnedDocument : Document;

/// <summary>
/// Customers in the <c>customers</c> container, one partition each. Everything that writes a customer does it here, so
/// this is where the <see cref="CustomerCache"/> learns of it.
/// </summary>
internal sealed class CustomerStore(AzureClients azure, NameClaims names, Outbox outbox, CustomerCache cache, TimeProvider clock)
{
    private readonly Documents documents = new(azure, "customers");

    public async Task<Stored<Customer>?> Read(string id, CancellationToken cancellation) =>
        await documents.Read(id, id, StoreJson.Default.Customer, cancellation) is { Value.Type: Customer.DocumentType } customer ? customer : null;

    /// <summary>The customer, at most <paramref name="maxAge"/> old, and how old it is; with zero it is read.</summary>
    public async ValueTask<(Stored<Customer>? Customer, TimeSpan Age)> ReadRecent(string id, TimeSpan maxAge, CancellationToken cancellation)
    {
        if (cache.Find(id, maxAge) is { } known) { return known; }
        var asked = clock.GetTimestamp();
        var customer = await Read(id, cancellation);
        cache.KeepRead(id, customer, asked);
        return (customer, TimeSpan.Zero);
    }

    /// <summary>Whoever has the email address now.</summary>
    public async Task<Stored<Customer>?> FindByEmail(string email, CancellationToken cancellation)
    {
        var key = Customer.NormalizeEmail(email);
        return await FindAs(key) ?? (EmailAddress.Earlier(key) is { } earlier ? await FindAs(earlier) : null);

        async Task<Stored<Customer>?> FindAs(string kept) =>
            await names.Find(DirectoryStore.EmailId(kept), cancellation) is { } claim && await Read(claim.CustomerId, cancellation) is { } customer && customer.Value.Email == kept ? customer : null;
    }

    /// <summary>
    /// Adds a customer whose email and slug nobody has. A slug that was not asked for by name gets a suffix when it is taken, so it is recorded when all that is settled. With <paramref name="idIsShared"/> other requests add the very same
    /// customer, now or after a crash of this one: whichever comes late gets the one that is there.
    /// </summary>
    public async Task<(Stored<Customer>? Added, Problem? Refusal)> TryAdd(
        Customer customer, bool slugIsChosen, Func<Customer, Customer> record, CancellationToken cancellation, bool idIsShared = false)
    {
        var taken = new List<Stored<Claim>>();
        var mayExist = false;
        try
        {
            if (await TakeEmail(customer, taken, cancellation) is { } emailRefused) { return (null, emailRefused); }
            if (await TakeSlug(customer, taken, cancellation) is { } slugRefused)
            {
                if (slugIsChosen || slugRefused.Kind.Status != StatusCodes.Status409Conflict) { return (null, slugRefused); }
                customer = customer.WithSlug($"{customer.Slug}-{customer.Id[^6..].ToLowerInvariant()}");
                if (await TakeSlug(customer, taken, cancellation) is { } refused) { return (null, refused); }
            }
            var recorded = record(customer);
            mayExist = true;
            var added = await Write(customer.Id, documents.TryCreate(customer.Id, recorded, StoreJson.Default.Customer, cancellation));
            // A request that is repeated finds what it made the first time; see NewIds.
            added ??= await Read(customer.Id, cancellation);
            mayExist = added is not null;
            // Nothing else than a tombstone can be in the way: this request was held up for so long that another took its names over.
            return added is null ? (null, Failures.EmailTaken()) : (await outbox.Flush(documents, customer.Id, added, cancellation), null);
        }
        catch (Exception e) when (Documents.HasRefused(e))
        {
            mayExist = false;
            throw;
        }
        finally
        {
            // A write without an answer may have arrived. Its names stay claimed until somebody else wants them and finds out.
            if (!mayExist && !idIsShared) { await names.Release(taken); }
        }
    }

    /// <summary>
    /// Replaces a customer as it was read, claiming its new names first. A change of the address that nobody vouches
    /// for is told both addresses by mail, in the same write. The claims that it has left, or taken in vain, are given
    /// back; see <see cref="NameClaims.HeldBy"/>.
    /// </summary>
    /// <param name="before">As it was read.</param>
    /// <param name="after">As it is to be.</param>
    /// <param name="cancellation">Ends the attempt.</param>
    /// <param name="mayAdmit">Whether the caller makes members; see <see cref="EmailLink.Admits"/>.</param>
    public async Task<(Stored<Customer>? Changed, Problem? Refusal)> TryChange(Stored<Customer> before, Customer after, CancellationToken cancellation, bool mayAdmit = false)
    {
        var isProven = EmailProofs.Of(after) is { By: EmailProofBy.Link } && EmailProofs.Of(before.Value) is null;
        string?[] old =
        [
            after.Email == before.Value.Email ? null : DirectoryStore.EmailId(before.Value.Email),
            after.Slug == before.Value.Slug ? null : DirectoryStore.SlugId(before.Value.Slug),
        ];
        var left = await names.HeldBy(after.Id, old.OfType<string>(), cancellation);
        var taken = new List<Stored<Claim>>();
        if (await Take() is { } refusal) { await names.Release(taken.Where(claim => !claim.Value.WasOurs)); return (null, refusal); }
        if (await TryReplace(before, EmailProofs.Told(before.Value, after, mayAdmit, clock), cancellation) is not { } changed)
        {
            await names.Release(taken.Where(claim => !claim.Value.WasOurs));
            return (null, Failures.Stale());
        }
        await names.Release(left);
        return (changed, null);

        async Task<Problem?> Take() =>
            (after.Email != before.Value.Email || isProven ? await TakeEmail(after, taken, cancellation) : null)
            ?? (after.Slug != before.Value.Slug ? await TakeSlug(after, taken, cancellation) : null);
    }

    /// <summary>
    /// Replaces a customer none of whose names changed; null when it has changed since it was read. Mail that was sent
    /// meanwhile is no change.
    /// </summary>
    public async Task<Stored<Customer>?> TryReplace(Stored<Customer> before, Customer after, CancellationToken cancellation)
    {
        var (planBefore, now) = (before.Value.Plan, clock.GetUtcNow());
        after = EmailProofs.Kept(before.Value, after);
        var changed = await Write(after.Id, documents.TryReplace(after.Id, before, after.Keeping(planBefore, now).FollowedFrom(planBefore, now), StoreJson.Default.Customer, cancellation));
        if (changed is not null) { return await outbox.Flush(documents, after.Id, changed, cancellation); }
        if (before.Value.Mail.Count == 0 || await Read(after.Id, cancellation) is not { Value.Mail.Count: 0 } current || current.Value.WriteId != before.Value.WriteId) { return null; }

        var left = after.Mail.ExceptBy(before.Value.Mail.Select(sent => sent.Id), mail => mail.Id).ToList();
        return await TryReplace(current, after with { Mail = left, MailDueAt = left.Count == 0 ? null : after.MailDueAt }, cancellation);
    }

    /// <summary>Whether the customer's address leads to it, and not to another one that has taken it since.</summary>
    public async Task<bool> HasItsEmail(Customer customer, CancellationToken cancellation) =>
        await names.Find(DirectoryStore.EmailId(customer.Email), cancellation) is { } claim && claim.HolderId == customer.Id;

    /// <summary>Writes the events that a customer still carries, if the log takes them.</summary>
    public Task<Stored<Customer>> FlushEvents(Stored<Customer> customer, CancellationToken cancellation) => outbox.Flush(documents, customer.Value.Id, customer, cancellation);

    /// <summary>One page of all customers, for staff.</summary>
    public Task<Page<Customer>> ListAcrossCustomers(CustomerFilter filter, int pageSize, string? continuation, CancellationToken cancellation)
    {
        // Every property that is compared for equality also leads the order, which is how one composite index serves filter and order together.
        var direction = filter.Descending ? "DESC" : "ASC";
        var where = "c.type = @type";
        var order = $"c.type {direction}";
        if (filter.Status is null) { where += " AND c.status != @closed"; }
        else { where += " AND c.status = @status"; order += $", c.status {direction}"; }
        if (filter.Plan is not null) { where += " AND c.plan = @plan"; if (filter.Status is null) { order += $", c.plan {direction}"; } }
        for (var i = 0; i < filter.Terms.Count; i++) { where += $" AND ARRAY_CONTAINS(c.search, @term{i})"; }
        if (filter.SalesRep is not null) { where += " AND ARRAY_CONTAINS(c.salesReps, @salesRep)"; }

        var query = new QueryDefinition($"SELECT * FROM c WHERE {where} ORDER BY {order}, c.{filter.OrderBy} {direction}, c.id {direction}")
            .WithParameter("@type", Customer.DocumentType);
        if (filter.Status is null) { query.WithParameter("@closed", "closed"); }
        else { query.WithParameter("@status", filter.Status); }
        if (filter.Plan is not null) { query.WithParameter("@plan", filter.Plan); }
        for (var i = 0; i < filter.Terms.Count; i++) { query.WithParameter($"@term{i}", filter.Terms[i]); }
        if (filter.SalesRep is not null) { query.WithParameter("@salesRep", filter.SalesRep); }
        return documents.Query(query, partition: null, pageSize, continuation, StoreJson.Default.DocumentFeedCustomer, cancellation);
    }

    /// <summary>The next customers whose trial is over, longest overdue first. Reads those and no others: the index holds running trials only.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> TrialsDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("trialDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>The next customers whose subscription is to be renewed, ended or suspended, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> SubscriptionsDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("subscriptionDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>The next customers whose audit log has events to delete, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> AuditPurgesDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("auditPurgeDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>Says when its audit log is to be looked at next. No change of the customer: its ETag stays.</summary>
    public Task PostponeAuditPurge(string id, DateTimeOffset until, CancellationToken cancellation) =>
        documents.TryPatch(id, id, [PatchOperation.Set("/auditPurgeDueAt", Shared.InstantConverter.Text(until))], "FROM c WHERE IS_DEFINED(c.auditPurgeDueAt)", cancellation);

    /// <summary>The next customers whose restore window is over, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> PurgesDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("purgeDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>The next customers whose service accounts may not have followed their standing, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> StandingsDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("standingDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>Says that the service accounts have followed, unless the standing has changed again meanwhile. No change of the customer: the ETag that callers see stays.</summary>
    public Task SettleStanding(Customer followed, CancellationToken cancellation) => documents.TryPatch(
        followed.Id, followed.Id, [PatchOperation.Remove("/standingDueAt")], $"FROM c WHERE c.standingDueAt = '{Shared.InstantConverter.Text(followed.StandingDueAt!.Value)}'", cancellation);

    /// <summary>The next customers that have mail to send, longest overdue first.</summary>
    public Task<IReadOnlyList<Stored<Customer>>> MailDueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation) =>
        documents.Due("mailDueAt", now, count, StoreJson.Default.DocumentFeedCustomer, cancellation);

    /// <summary>
    /// Takes out the mail that was sent or given up, unless more has come since. No change of the customer: the ETag
    /// that callers see stays.
    /// </summary>
    public Task RemoveMail(Customer sent, CancellationToken cancellation) => documents.TryPatch(
        sent.Id, sent.Id, [PatchOperation.Remove("/mail"), PatchOperation.Remove("/mailDueAt")], MailIsAsIn(sent), cancellation);

    /// <summary>Says when mail that could not be sent is tried again.</summary>
    public Task PostponeMail(Customer failed, DateTimeOffset until, CancellationToken cancellation) => documents.TryPatch(
        failed.Id, failed.Id, [PatchOperation.Set("/mailDueAt", Shared.InstantConverter.Text(until)), PatchOperation.Set("/mailAttempts", failed.MailAttempts + 1)], MailIsAsIn(failed), cancellation);

    /// <summary>Every mail has an id of its own, and every attempt another instant.</summary>
    private static string MailIsAsIn(Customer customer) =>
        $"FROM c WHERE c.mailDueAt = '{Shared.InstantConverter.Text(customer.MailDueAt!.Value)}' AND ARRAY_LENGTH(c.mail) = {customer.Mail.Count} AND c.mail[{customer.Mail.Count - 1}].id = '{customer.Mail[^1].Id}'";

    /// <summary>Removes every document of a customer's partition but the customer itself, whatever kind it is.</summary>
    public async Task RemoveOwned(string customerId, int pageSize, CancellationToken cancellation)
    {
        var query = new QueryDefinition("SELECT * FROM c WHERE c.type != @type").WithParameter("@type", Customer.DocumentType);
        while (await documents.Query(query, customerId, pageSize, continuation: null, StoreJson.Default.DocumentFeedOwnedDocument, cancellation) is { Items: { Count: > 0 } items })
        {
            foreach (var item in items) { await documents.TryDelete(customerId, item, cancellation); }
        }
    }

    /// <summary>Gives a customer's names back and removes its document: in this order, since nothing would lead to the names without it. False when it has changed since it was read.</summary>
    public async Task<bool> TryRemove(Stored<Customer> customer, CancellationToken cancellation)
    {
        await names.GiveUp(DirectoryStore.EmailId(customer.Value.Email), customer.Value.Id, cancellation);
        await names.GiveUp(DirectoryStore.SlugId(customer.Value.Slug), customer.Value.Id, cancellation);
        if (!await documents.TryDelete(customer.Value.Id, customer, cancellation)) { return false; }
        cache.KeepRemoved(customer.Value);
        return true;
    }

    /// <summary>Lets the cache know what became of a write, also of one whose answer does not come.</summary>
    private async Task<Stored<Customer>?> Write(string id, Task<Stored<Customer>?> write)
    {
        Stored<Customer>? written = null;
        try { return written = await write; }
        finally { cache.KeepWritten(id, written); }
    }

    /// <summary>
    /// Takes the address. Who reads it, an owner or the opener of a link, takes it from a customer that is closed or for
    /// which it was never proven; that one keeps it as the address that it is written to. Everybody else, staff too,
    /// is refused as long as any customer has it.
    /// </summary>
    private Task<Problem?> TakeEmail(Customer customer, List<Stored<Claim>>? taken, CancellationToken cancellation)
    {
        var isReaders = EmailProofs.Of(customer) is { By: EmailProofBy.Owner or EmailProofBy.Link };
        return Take(
            DirectoryStore.EmailId(customer.Email), customer.Id, other => other.Email == customer.Email, Failures.EmailTaken, taken, cancellation, isReaders ? other => other.DeletedAt is not null || EmailProofs.Of(other) is null : null);
    }

    private Task<Problem?> TakeSlug(Customer customer, List<Stored<Claim>>? taken, CancellationToken cancellation) =>
        Take(DirectoryStore.SlugId(customer.Slug), customer.Id, other => other.Slug == customer.Slug, Failures.SlugTaken, taken, cancellation);

    private async Task<Problem?> Take(
        string claimId, string customerId, Func<Customer, bool> carries, Func<Problem> held, List<Stored<Claim>>? taken, CancellationToken cancellation, Func<Customer, bool>? yields = null)
    {
        var (outcome, claim) = await names.TryTake(claimId, customerId, customerId, Holder(carries, yields), cancellation);
        if (outcome == Taking.Taken) { taken?.Add(claim!); }
        return outcome switch { Taking.Taken => null, Taking.Held => held(), _ => Failures.Busy(NameClaims.Grace) };
    }

    private ClaimHolder Holder(Func<Customer, bool> carries, Func<Customer, bool>? yields)
    {
        bool Keeps(Customer holder) => carries(holder) && yields?.Invoke(holder) != true;
        return new ClaimHolder(
            async (claim, cancellation) => await Read(claim.CustomerId, cancellation) is { } holder && Keeps(holder.Value),
            async (claim, cancellation) =>
            {
                var holder = await documents.Read(claim.CustomerId, claim.CustomerId, StoreJson.Default.Customer, cancellation);
                if (holder is null) { return await documents.TryCreate(claim.CustomerId, Customer.Tombstone(claim.CustomerId, clock.GetUtcNow()), StoreJson.Default.Customer, cancellation) is not null; }
                // The same content under a new ETag: a change that was on its way with the old one now fails. Unless
                // that change has just arrived.
                return !Keeps(holder.Value) && await TryReplace(holder, holder.Value, cancellation) is not null;
            })
        {
            Yields = yields is null ? null : async (claim, cancellation) => await Read(claim.CustomerId, cancellation) is { } holder && carries(holder.Value) && yields(holder.Value),
        };
    }
}
