using CustomerFunctions.Edge;
using CustomerFunctions.Migrations;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>A service account as callers see it. Its credential is the newest version of the Key Vault secret <c>secretName</c>.</summary>
/// <param name="State">
/// <c>provisioning</c> until the first credential is in Key Vault, then <c>active</c>. <c>suspending</c>, <c>restoring</c> and <c>deleting</c> while something outside still has to follow; <c>suspended</c>.
/// </param>
/// <param name="NextRotationAt">When the schedule rotates its key next.</param>
/// <param name="LatestRotation">The rotation under way, or the last one.</param>
public sealed record ServiceAccountResponse(
    string Id, string Etag, string Name, string Kind, string? ResourceId, string SecretName, string State, RotationPolicy Rotation, DateTimeOffset? NextRotationAt,
    RotationResponse LatestRotation, DateTimeOffset CreatedAt, string CreatedBy)
{
    public string? DisplayName { get; init; }

    public string? Description { get; init; }

    public IReadOnlyDictionary<string, string?>? Metadata { get; init; }

    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Why, since when and by whom it is suspended; absent when it is not.</summary>
    public Suspension? Suspension { get; init; }

    /// <summary>The migration under way, or the last one; absent when there was none.</summary>
    public MigrationResponse? LatestMigration { get; init; }

    /// <summary>What its service principal keeps in Azure although the account is suspended or being deleted, because this app may not take it; absent when there is nothing.</summary>
    public IReadOnlyList<HeldRole>? RolesLeft { get; init; }

    /// <summary>What its service principal had in Azure before it was suspended and could not be given back, because the place or the role is gone, or this app may not; absent when there is nothing, and when its roles have been asked for anew since.</summary>
    public IReadOnlyList<HeldRole>? RolesLost { get; init; }

    /// <summary>What went wrong last with suspending, restoring or deleting it; absent when nothing did.</summary>
    public string? LifecycleFailure { get; init; }

    internal static ServiceAccountResponse From(Stored<ServiceAccount> stored)
    {
        var account = stored.Value;
        return new ServiceAccountResponse(
            account.Id, stored.ETag, account.Name, account.Kind, account.ResourceId, account.SecretName, account.State, account.Policy,
            account.NextRotationAt, RotationResponse.From(account), account.CreatedAt, account.CreatedBy)
        {
            DisplayName = account.Fields?.DisplayName,
            Description = account.Fields?.Description,
            Metadata = account.Fields?.Metadata,
            Tags = account.Fields?.Tags,
            Suspension = account.Suspension,
            LatestMigration = account.Migration is null ? null : MigrationResponse.Of(account),
            RolesLeft = account.RolesLeft,
            RolesLost = account.RolesLost,
            LifecycleFailure = account.Lifecycle?.Failure,
        };
    }
}

/// <summary>A rotation as a job of the Azure REST guidelines: it has succeeded when its key is current; the old key's overlap goes on after that.</summary>
/// <param name="Status">Running, Succeeded, or Failed when it is parked.</param>
/// <param name="Reason">Why, when somebody has said, or the current key was lost.</param>
/// <param name="Step">What comes next: create, test, store, promote, settle, retire or done.</param>
/// <param name="OverlapEndsAt">Until when the old key is good; absent when there is none.</param>
/// <param name="Attempts">Failed attempts at whichever steps, of at most nine until the key is current, and as many until the old one is retired.</param>
/// <param name="Failure">What went wrong last.</param>
public sealed record RotationResponse(
    string Id, string Status, RotationTrigger Trigger, string RequestedBy, string? Reason, RotationStep Step, string KeyId, DateTimeOffset StartedAt, DateTimeOffset? PromotedAt,
    DateTimeOffset? OverlapEndsAt, DateTimeOffset? FinishedAt, int Attempts, string? Failure, DateTimeOffset? NextAttemptAt)
{
    internal static RotationResponse From(ServiceAccount account)
    {
        var rotation = account.Rotation;
        return new RotationResponse(
            rotation.Id, rotation.PromotedAt is not null ? "Succeeded" : rotation.ParkedAt is null ? "Running" : "Failed", rotation.Trigger, rotation.RequestedBy, rotation.Reason, rotation.Step, rotation.KeyId, rotation.StartedAt, rotation.PromotedAt,
            account.Keys.Where(key => key.State == KeyState.Retiring).Max(key => key.RetireAt), rotation.FinishedAt, rotation.Attempts, rotation.LastFailure?.Reason,
            (rotation.LastFailure is not null || account.Pending?.Renewal is not null) && rotation.ParkedAt is null ? account.WorkDueAt : null);
    }

    /// <summary>The same, with an answer that says when to look again while it runs.</summary>
    internal RotationResponse LookedAt(HttpContext context, TimeProvider clock)
    {
        if (Status == "Running") { JobHeaders.LookAgain(context, NextAttemptAt, clock); }
        return this;
    }

    internal static string Link(ServiceAccount account) => $"/api/customers/{account.CustomerId}/service-accounts/{account.Id}/rotations/{account.Rotation.Id}";
}

/// <summary>A version of the credential as callers see it; never its value.</summary>
/// <param name="HeldSince">When its overlap was over, if it was kept because somebody still used it.</param>
/// <param name="LastUsedAt">When it was last used, as known when its overlap was over; of API credentials only.</param>
/// <param name="LastUsedFrom">The address of that use.</param>
/// <param name="Trigger">What the rotation was for that made it; absent of keys from before that was kept.</param>
/// <param name="Reason">Why somebody has asked for it, in their words.</param>
/// <param name="ExpiresAt">When its secret ends by itself, unless it has retired before.</param>
public sealed record KeyVersionResponse(
    string Id, KeyState State, string? Slot, string? VaultVersion, string RotationId, DateTimeOffset CreatedAt, string CreatedBy, DateTimeOffset? ActivatedAt,
    DateTimeOffset? RetireAt, DateTimeOffset? RetiredAt, DateTimeOffset? HeldSince, DateTimeOffset? LastUsedAt, string? LastUsedFrom,
    RotationTrigger? Trigger, string? Reason, DateTimeOffset? ExpiresAt)
{
    internal static KeyVersionResponse From(KeyVersion key) =>
        new(key.Id, key.State, key.Slot, key.VaultVersion, key.RotationId, key.CreatedAt, key.CreatedBy, key.ActivatedAt, key.RetireAt, key.RetiredAt, key.HeldSince, key.LastUsedAt, key.LastUsedFrom,
            key.Trigger, key.Reason, key.ExpiresAt);
}
