using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>Looks after the roles of service accounts in Azure: what they should have, what they have, giving and taking.</summary>
internal sealed class RoleKeeper(AzureClients azure, AppSettings settings, CredentialKinds kinds, Throttles throttles, TimeProvider clock) : IDisposable
{
    /// <summary>Roles and their definitions seldom change.</summary>
    private static readonly TimeSpan CatalogAge = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, (RoleCatalog Catalog, DateTimeOffset ReadAt)> catalogs = new(StringComparer.OrdinalIgnoreCase);
    private readonly SemaphoreSlim oneReader = new(1, 1);

    public RoleBoundary Boundary => settings.Roles.Boundary;

    /// <summary>Why an account is nobody in Azure, for people; null when it is somebody.</summary>
    public string? WhyNobody(ServiceAccount account) => account.Azure is null ? kinds.Of(account).WhyNobody : null;

    /// <summary>What an account should have: its own roles, or those of the customer's plan at its scope.</summary>
    public IReadOnlyList<WantedRole> Wanted(AzureAccess access, string plan) =>
        [.. access.Scope is { } scope ? WantedAt(new RolesAt(scope, access.Roles), plan) : [], .. access.Also is { } also ? WantedAt(also, plan) : []];

    public IReadOnlyList<WantedRole> WantedAt(RolesAt at, string plan) => at.Roles ?? [.. settings.Roles.Of(plan).Select(role => new WantedRole(role, at.Scope))];

    /// <summary>Whether Resource Manager has asked to be left alone about a subscription that an account has something in, for that long yet.</summary>
    public bool Rests(AzureAccess access) => access.Subscriptions.Any(subscription => throttles.RestsUntil(subscription) is not null);

    /// <summary>The roles of a subscription, read once an hour, whoever asks at once.</summary>
    public async Task<RoleCatalog> Catalog(string subscription, CancellationToken cancellation)
    {
        await oneReader.WaitAsync(cancellation);
        try
        {
            if (catalogs.TryGetValue(subscription, out var known) && clock.GetUtcNow() - known.ReadAt < CatalogAge) { return known.Catalog; }
            var read = new RoleCatalog(await Ask(subscription, scope => scope.Roles(cancellation)));
            catalogs[subscription] = (read, clock.GetUtcNow());
            return read;
        }
        finally
        {
            oneReader.Release();
        }
    }

    /// <summary>Finds the roles of a scope's subscription, and what stands against giving an account these; both for <paramref name="at"/>, the place in the request.</summary>
    public async Task<(RoleCatalog? Catalog, Problem? Refusal)> Judge(string at, string scope, IReadOnlyList<WantedRole> wanted, bool areOwn, CancellationToken cancellation)
    {
        RoleCatalog catalog;
        try { catalog = await Catalog(AzureAccess.SubscriptionOf(scope), cancellation); }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound)
        {
            return (null, Failures.Invalid(at + "/scope", "unusable", e.Status == 404 ? "There is no such subscription." : "This app's identity may not read the subscription's roles."));
        }
        var checks = new Checks();
        RoleRules.Check(checks, at, wanted, scope, areOwn, catalog, Boundary);
        return (catalog, checks.Refusal);
    }

    /// <summary>Compares what an account has with what it should have.</summary>
    public async Task<RoleCheck> Check(AzureAccess access, string plan, CancellationToken cancellation)
    {
        var (wanted, withheld, found, drift) = (Wanted(access, plan), new List<WantedRole>(), new List<HeldRole>(), new List<Drift>());
        foreach (var subscription in access.Subscriptions)
        {
            var catalog = await Catalog(subscription, cancellation);
            var held = RoleRules.Held(await Ask(subscription, scope => scope.GrantsOf(access.PrincipalId, cancellation)), catalog);
            found.AddRange(held);
            IReadOnlyList<WantedRole> here = [.. wanted.Where(role => RoleRules.IsWithin(role.Scope, subscription))];
            withheld.AddRange(here.Where(role => Boundary.IsBeyond(role.Role, role.Scope, catalog)));
            drift.AddRange(RoleRules.Between(here, held, access.Scopes, catalog, Boundary));
        }
        // What is given above the subscriptions is seen in each.
        return new RoleCheck(clock.GetUtcNow(), [.. found.DistinctBy(role => role.AssignmentId)], [.. drift.DistinctBy(one => (one.AssignmentId, one.Role, one.Scope))], withheld.Count == 0 ? null : withheld);
    }

    /// <summary>Gives what is missing, and only then takes what should not be there, as far as this app may; says what it looks like afterwards.</summary>
    /// <param name="access">Who it is, and what it should have.</param>
    /// <param name="plan">Its customer's plan.</param>
    /// <param name="ensureClaimed">Called before each change; throws once the caller's claim to the account has ended.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<RoleCheck> Repair(AzureAccess access, string plan, Action ensureClaimed, CancellationToken cancellation)
    {
        var found = await Check(access, plan, cancellation);
        if (found.Drift.Count == 0) { return found; }
        foreach (var missing in found.Drift.Where(drift => drift.Kind == DriftKind.Missing))
        {
            var subscription = AzureAccess.SubscriptionOf(missing.Scope);
            var catalog = await Catalog(subscription, cancellation);
            ensureClaimed();
            await Ask(subscription, scope => scope.Give(RoleRules.Grant(new WantedRole(missing.Role, missing.Scope), access.PrincipalId, catalog), access.PrincipalId, cancellation));
        }
        foreach (var drift in found.Drift.Where(drift => drift.AssignmentId is not null))
        {
            ensureClaimed();
            await TryTake(drift.Scope, drift.AssignmentId!, cancellation);
        }
        return await Check(access, plan, cancellation);
    }

    /// <summary>All that a principal has now, to be written down before it is taken.</summary>
    public async Task<WithdrawnAccess> Look(AzureAccess access, CancellationToken cancellation) => new(
        await Grants(access, cancellation), await azure.Graph.IsServicePrincipalEnabled(access.PrincipalId, cancellation) == true);

    /// <summary>Stops the principal and takes what was written down, as far as this app may; notes what it may not.</summary>
    public async Task<WithdrawnAccess> Withdraw(AzureAccess access, WithdrawnAccess withdrawn, Action ensureClaimed, CancellationToken cancellation)
    {
        ensureClaimed();
        await azure.Graph.SetServicePrincipalEnabled(access.PrincipalId, enabled: false, cancellation);
        return withdrawn with { Left = await TakeAll(withdrawn.Grants, ensureClaimed, cancellation) };
    }

    /// <summary>Gives back what was written down, each under its old name, as far as it can be given; and then lets the principal sign in if it could.</summary>
    /// <returns>What can be given no more; null when all was given back.</returns>
    public async Task<IReadOnlyList<HeldRole>?> GiveBack(AzureAccess access, WithdrawnAccess withdrawn, Action ensureClaimed, CancellationToken cancellation)
    {
        var lost = new List<RoleGrant>();
        foreach (var grant in withdrawn.Grants.Where(grant => withdrawn.Left?.Any(left => left.AssignmentId == grant.AssignmentId) != true))
        {
            ensureClaimed();
            if (!await TryGive(grant, access.PrincipalId, cancellation)) { lost.Add(grant); }
        }
        ensureClaimed();
        if (withdrawn.WasEnabled) { await azure.Graph.SetServicePrincipalEnabled(access.PrincipalId, enabled: true, cancellation); }
        return await Named(lost, cancellation);
    }

    /// <summary>Takes everything that the principal has, for good.</summary>
    /// <returns>What this app may not take; null when nothing is left.</returns>
    public async Task<IReadOnlyList<HeldRole>?> End(AzureAccess access, Action ensureClaimed, CancellationToken cancellation) =>
        await TakeAll(await Grants(access, cancellation), ensureClaimed, cancellation);

    public void Dispose() => oneReader.Dispose();

    private async Task<IReadOnlyList<RoleGrant>> Grants(AzureAccess access, CancellationToken cancellation)
    {
        var grants = new List<RoleGrant>();
        foreach (var subscription in access.Subscriptions) { grants.AddRange(await Ask(subscription, scope => scope.GrantsOf(access.PrincipalId, cancellation))); }
        return [.. grants.DistinctBy(grant => grant.AssignmentId)];
    }

    /// <summary>Takes one after another. What somebody else has given, beyond what this app was entitled to give, stays, and keeps nobody from taking the rest.</summary>
    private async Task<IReadOnlyList<HeldRole>?> TakeAll(IReadOnlyList<RoleGrant> grants, Action ensureClaimed, CancellationToken cancellation)
    {
        var left = new List<RoleGrant>();
        foreach (var grant in grants)
        {
            ensureClaimed();
            if (!await TryTake(grant.Scope, grant.AssignmentId, cancellation)) { left.Add(grant); }
        }
        return await Named(left, cancellation);
    }

    /// <summary>The roles by the names that people know; by their definitions where those cannot be read. Null for none.</summary>
    private async Task<IReadOnlyList<HeldRole>?> Named(List<RoleGrant> grants, CancellationToken cancellation)
    {
        if (grants.Count == 0) { return null; }
        try { return RoleRules.Held(grants, await Catalog(AzureAccess.SubscriptionOf(grants[0].Scope), cancellation)); }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound) { return RoleRules.Held(grants, new RoleCatalog([])); }
    }

    /// <summary>Gives a role back; false when that can be done no more, because the place, the role or the principal is gone, or this app may not. No other attempt would change that.</summary>
    private async Task<bool> TryGive(RoleGrant grant, string principalId, CancellationToken cancellation)
    {
        try
        {
            await Ask(AzureAccess.SubscriptionOf(grant.Scope), scope => scope.Give(grant, principalId, cancellation));
            return true;
        }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound || e.ErrorCode is "RoleDefinitionDoesNotExist" or "InvalidRoleAssignmentScope" or "PrincipalNotFound")
        {
            return false;
        }
    }

    /// <summary>Takes a role; false when this app may not.</summary>
    private async Task<bool> TryTake(string at, string assignmentId, CancellationToken cancellation)
    {
        try
        {
            await Ask(AzureAccess.SubscriptionOf(at), scope => scope.Take(assignmentId, cancellation));
            return true;
        }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status403Forbidden)
        {
            return false;
        }
    }

    /// <summary>A refusal for too many requests counts for everybody who would ask about the subscription.</summary>
    private async Task<T> Ask<T>(string subscription, Func<RoleScope, Task<T>> question)
    {
        try { return await question(new RoleScope(azure.ResourceManager, new ResourceIdentifier(subscription))); }
        catch (RequestFailedException e) when (e.Status == StatusCodes.Status429TooManyRequests)
        {
            throttles.NoteAt(subscription, e);
            throw;
        }
    }

    private async Task Ask(string subscription, Func<RoleScope, Task> request) => await Ask(subscription, async scope =>
    {
        await request(scope);
        return subscription;
    });
}
