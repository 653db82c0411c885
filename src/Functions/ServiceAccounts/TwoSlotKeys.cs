using System.Net;
using System.Text.Json;
using Azure;
using Azure.Core;
using CustomerFunctions.Edge;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The two keys of an Azure resource. The first credential is the first slot's key as it stands, so that taking a resource on breaks nobody; every rotation makes the idle slot anew, and
/// when the overlap is over the slot that was current before.
/// </summary>
internal sealed class TwoSlotKeys(TwoSlotResource resource, AzureClients azure, TimeProvider clock) : ICredentialKind
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(4);

    public string Name => resource.Kind;

    public bool NeedsResource => true;

    public bool IsTwoSlot => true;

    public string? WhyNobody => $"Whoever has one of its keys opens the {resource.Noun}, without anybody signing in to Azure. So there is nobody to give roles to, and no role would confine the key.";

    public string ContentType => resource.ContentType;

    public TimeSpan Propagation => TimeSpan.Zero;

    public async Task<(FoundResource? Found, Problem? Refusal)> Inspect(string resourceId, CancellationToken cancellation)
    {
        if (Parse(resourceId) is not { } id) { return (null, Failures.Invalid("/resourceId", "malformed", $"Expected the resource id of one {resource.Noun}: /subscriptions/…/resourceGroups/…/providers/{resource.IdExample}")); }
        try
        {
            using var found = await At(id).Get(cancellation);
            if (!resource.OpensParent) { return (new FoundResource(Endpoint(found)), null); }
            using var opened = await At(id.Parent!).Get(cancellation);
            return (new FoundResource(Endpoint(opened)), null);
        }
        catch (RequestFailedException e) when (e.Status is 403 or 404)
        {
            return (null, Failures.ResourceUnusable(e.Status == 404 ? $"There is no such {resource.Noun}." : $"This app's identity may not read the {resource.Noun}."));
        }
    }

    public Task<IReadOnlyList<string>?> Prepare(ServiceAccount account, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>?>(null);

    public async Task<IssuedCredential> Create(ServiceAccount account, CancellationToken cancellation)
    {
        var (first, second) = resource.Slots;
        var place = account.Place!;
        // The first key of a resource is taken as it stands, also of one that the account is being migrated to.
        if (account.Current is not { } current || account.Pending?.Place is not null) { return await Listed(place, first, cancellation); }
        var slot = current.Slot == first ? second : first;
        using var keys = await Regenerate(place, slot, account.Pending!, cancellation);
        return keys is null ? await Listed(place, slot, cancellation) : new IssuedCredential(resource.KeyIn(keys.RootElement, slot), slot);
    }

    public async Task<IssuedCredential?> Recover(ServiceAccount account, KeyVersion key, CancellationToken cancellation) => await Listed(key.Place ?? account.Place!, key.Slot!, cancellation);

    /// <summary>Both keys as they stand: the account's current one, and the idle one that a rotation makes anew.</summary>
    public async Task<(IssuedCredential InUse, IssuedCredential Idle)> Both(ServiceAccount account, CancellationToken cancellation)
    {
        var (first, second) = resource.Slots;
        var slot = account.Current!.Slot!;
        using var keys = await At(Id(account.Place!)).ListKeys(TwoSlotResource.ListAction, cancellation);
        var idle = slot == first ? second : first;
        return (new IssuedCredential(resource.KeyIn(keys.RootElement, slot), slot), new IssuedCredential(resource.KeyIn(keys.RootElement, idle), idle));
    }

    /// <summary>The actions of a rotation that this app's identity may not do with the resource; null when it may not see what it may do.</summary>
    public async Task<IReadOnlyList<string>?> Forbidden(ServiceAccount account, CancellationToken cancellation)
    {
        try
        {
            var permissions = await At(Id(account.Place!)).Permissions(cancellation);
            return [.. new[] { TwoSlotResource.ListAction, resource.RegenerateAction }.Select(action => $"{resource.Type}/{action}/action").Where(action => !ActionPattern.Allow(permissions, action))];
        }
        catch (RequestFailedException e) when (e.Status == 403)
        {
            return null;
        }
    }

    public async Task<bool> Works(ServiceAccount account, IssuedCredential credential, CancellationToken cancellation)
    {
        var place = account.Place!;
        using var request = resource.Request(new KeyTrial(place.DataEndpoint, Id(place).Name, credential.Reveal(), clock.GetUtcNow()));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(AnswerTime);
        using var response = await azure.Http.SendAsync(request, time.Token);
        if (response.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized) { return resource.IsOfAValidKey(await response.Content.ReadAsStringAsync(time.Token)); }
        CredentialTrial.EnsureAnswered(response);
        return true;
    }

    public async Task Retire(ServiceAccount account, KeyVersion key, CancellationToken cancellation)
    {
        if (key.Place is null && key.Slot == account.Current?.Slot) { throw new InvalidOperationException("The slot of the current key must not be made anew."); }
        try
        {
            using var keys = await Regenerate(key.Place ?? account.Place!, key.Slot!, key, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404 && key.Place is not null)
        {
            // What a migration has left is gone, and its keys with it.
        }
    }

    /// <summary>There are two keys, never more.</summary>
    public Task RemoveStrays(ServiceAccount account, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Nothing is remembered of keys that somebody else checks.</summary>
    public void Forget(ServiceAccount account)
    {
    }

    private async Task<IssuedCredential> Listed(KeyPlace place, string slot, CancellationToken cancellation)
    {
        using var keys = await At(Id(place)).ListKeys(TwoSlotResource.ListAction, cancellation);
        return new IssuedCredential(resource.KeyIn(keys.RootElement, slot), slot);
    }

    /// <summary>Makes a slot anew for a key, or goes on with that where it was begun. Returns the keys where the answer has them.</summary>
    private async Task<JsonDocument?> Regenerate(KeyPlace place, string slot, KeyVersion key, CancellationToken cancellation)
    {
        if (key.Renewal is { EndedAt: not null }) { return null; }
        var found = At(Id(place));
        var (keys, running) = key.Renewal is { Operation: { } operation } ? (null, await found.Look(operation, cancellation)) : await Begin(found, slot, key, cancellation);
        if (running is null) { return keys; }
        if (clock.GetUtcNow() - key.Renewal?.Since > SlotRenewal.Longest) { throw new OperationFailedException("Azure Resource Manager has not made the key anew within a day."); }
        throw new StillRenewingException(key.Id, running.Address, running.RetryAfter);
    }

    private async Task<(JsonDocument? Keys, RunningOperation? Running)> Begin(KeyedResource found, string slot, KeyVersion key, CancellationToken cancellation)
    {
        try
        {
            return await found.Regenerate(resource.RegenerateAction, $$"""{"{{resource.SlotProperty}}":"{{slot}}"}""", cancellation);
        }
        // Another operation of the resource is under way, which may be ours: one whose acceptance nobody has heard.
        catch (RequestFailedException e) when (e.Status == 412 && !(clock.GetUtcNow() - key.Renewal?.Since > SlotRenewal.Longest))
        {
            throw new StillRenewingException(key.Id, operation: null, retryAfter: null);
        }
    }

    private Uri Endpoint(JsonDocument opened) => new(resource.DataEndpoint(opened.RootElement.GetProperty("properties"))!);

    private KeyedResource At(ResourceIdentifier id) => new(azure.ResourceManager, id, resource.ApiVersion);

    private ResourceIdentifier Id(KeyPlace place) => Parse(place.ResourceId) ?? throw new InvalidOperationException("The account's resource id is malformed.");

    private ResourceIdentifier? Parse(string text) =>
        ResourceIdentifier.TryParse(text, out var id) && id is { SubscriptionId: not null, ResourceGroupName: not null }
        && id.ResourceType == resource.Type && (resource.OpensParent ? id.Parent!.Parent : id.Parent)?.ResourceType == "Microsoft.Resources/resourceGroups"
        && !text.AsSpan().ContainsAny("?#%\\ ") ? id : null;
}
