using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Migrations;
using CustomerFunctions.Roles;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

public enum KeyState
{
    /// <summary>Made by a rotation that has not finished. Accepted already: it may reach its users any moment.</summary>
    [JsonStringEnumMemberName("pending")] Pending,

    /// <summary>The newest version of the Key Vault secret.</summary>
    [JsonStringEnumMemberName("current")] Current,

    /// <summary>Replaced, and still good until its overlap is over.</summary>
    [JsonStringEnumMemberName("retiring")] Retiring,

    /// <summary>Its overlap is over; it no longer works.</summary>
    [JsonStringEnumMemberName("retired")] Retired,

    [JsonStringEnumMemberName("revoked")] Revoked,
}

/// <summary>A resource that has keys, and where they are tried.</summary>
internal sealed record KeyPlace(string ResourceId, Uri DataEndpoint);

/// <summary>One version of a service account's credential. Never its value: that is in Key Vault.</summary>
internal sealed record KeyVersion
{
    public required string Id { get; init; }

    public required KeyState State { get; init; }

    /// <summary>Which of a resource's two keys it is; null for kinds without slots.</summary>
    public string? Slot { get; init; }

    /// <summary>The resource whose key it is, where that is not the account's own: the one that a migration goes to, or has left.</summary>
    public KeyPlace? Place { get; init; }

    /// <summary>SHA-256 of an API credential; null for credentials that somebody else checks.</summary>
    public string? Hash { get; init; }

    /// <summary>What its maker calls it, where that is not us: by this it is removed. Saved before it is published.</summary>
    public string? ProviderKeyId { get; init; }

    /// <summary>The version of the Key Vault secret that holds it.</summary>
    public string? VaultVersion { get; init; }

    /// <summary>Whether that is certainly the only version that holds it.</summary>
    public bool IsPublishedOnce { get; init; }

    /// <summary>The secret that holds it, where the account has moved to another since; null where it is the account's.</summary>
    public string? SecretName { get; init; }

    public required string RotationId { get; init; }

    /// <summary>What that rotation was for; null where that was not kept yet.</summary>
    public RotationTrigger? Trigger { get; init; }

    /// <summary>Why somebody has asked for it, in their words; null where nobody has said.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>When its maker made it, or was last asked for it; null before, and where that was not kept.</summary>
    public DateTimeOffset? IssuedAt { get; init; }

    public DateTimeOffset? ActivatedAt { get; init; }

    public DateTimeOffset? RetireAt { get; init; }

    public DateTimeOffset? RetiredAt { get; init; }

    /// <summary>When its overlap was over, while it is kept because somebody still uses it.</summary>
    public DateTimeOffset? HeldSince { get; init; }

    /// <summary>When and from where it was last used, as far as was known when its overlap was over.</summary>
    public DateTimeOffset? LastUsedAt { get; init; }

    public string? LastUsedFrom { get; init; }

    /// <summary>When it stops working by itself: one that a rehearsal has made to be thrown away; null for every other.</summary>
    public DateTimeOffset? EndsAt { get; init; }

    /// <summary>That its slot is being made anew and is not finished, or that others are not; null otherwise.</summary>
    public SlotRenewal? Renewal { get; init; }

    /// <summary>When it was found in public; from then on it has no overlap, unless <see cref="HasGrace"/>.</summary>
    public DateTimeOffset? LeakedAt { get; init; }

    /// <summary>Whether it keeps its overlap although it was found in public, because its customer wants it so.</summary>
    public bool HasGrace { get; init; }

    /// <summary>When its secret ends by itself; null where it was published before that was kept.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }
}

public enum RotationTrigger
{
    [JsonStringEnumMemberName("initial")] Initial,
    [JsonStringEnumMemberName("scheduled")] Scheduled,
    [JsonStringEnumMemberName("manual")] Manual,
    [JsonStringEnumMemberName("leak")] Leak,
    [JsonStringEnumMemberName("emergency")] Emergency,
    [JsonStringEnumMemberName("migration")] Migration,
}

/// <summary>Where a rotation is: the step that comes next. See <see cref="KeyRotation"/>.</summary>
public enum RotationStep
{
    [JsonStringEnumMemberName("create")] Create,
    [JsonStringEnumMemberName("test")] Test,
    [JsonStringEnumMemberName("store")] Store,
    [JsonStringEnumMemberName("promote")] Promote,
    [JsonStringEnumMemberName("settle")] Settle,
    [JsonStringEnumMemberName("retire")] Retire,
    [JsonStringEnumMemberName("done")] Done,
}

/// <summary>What went wrong last: at which step, in words without secrets.</summary>
internal sealed record RotationFailure(RotationStep Step, string Reason, DateTimeOffset At);

/// <summary>One rotation, from its claim to the old key's retirement. The account's document holds the latest.</summary>
internal sealed record Rotation
{
    public required string Id { get; init; }

    public required RotationTrigger Trigger { get; init; }

    public required string RequestedBy { get; init; }

    /// <summary>The request that asked for it; a repeat of that one finds it here.</summary>
    public string? RequestId { get; init; }

    /// <summary>Why, when somebody has said.</summary>
    public string? Reason { get; init; }

    public required RotationStep Step { get; init; }

    /// <summary>The key version that this rotation makes.</summary>
    public required string KeyId { get; init; }

    /// <summary>The ids of all credentials that the provider had before this rotation added one; null where credentials are not added elsewhere.</summary>
    public IReadOnlyList<string>? ProviderKeys { get; init; }

    /// <summary>The fresh secret that this rotation moves the account to, because the old one is full; null when it stays where it is.</summary>
    public string? FreshSecret { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? PromotedAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>Failed attempts at whichever steps, counted until the key is current, and anew until the old one is retired.</summary>
    public int Attempts { get; init; }

    public RotationFailure? LastFailure { get; init; }

    /// <summary>Since when it is no longer tried, because every attempt has failed; null while it is.</summary>
    public DateTimeOffset? ParkedAt { get; init; }
}

/// <summary>A machine identity of a customer. Everything about its rotation is in this one document, so its ETag guards all of it.</summary>
internal sealed record ServiceAccount : Document
{
    public const string DocumentType = "serviceAccount";
    public const string TombstoneType = "tombstone";

    public required string CustomerId { get; init; }

    /// <summary>Unique within the customer; see <see cref="NameKey"/>.</summary>
    public required string Name { get; init => field = PlainText.Clean(value); }

    /// <summary>The name of an <see cref="ICredentialKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The Azure resource whose keys these are; null for kinds without one.</summary>
    public string? ResourceId { get; init; }

    /// <summary>Where a key of the resource is tried.</summary>
    public Uri? DataEndpoint { get; init; }

    /// <summary>The Key Vault secret; its newest version is the current credential, so a consumer needs one stable name.</summary>
    public required string SecretName { get; init; }

    /// <summary>How many versions the secret has; null until they have been counted.</summary>
    public int? SecretVersions { get; init; }

    /// <summary>The secrets that it had before, which are full, oldest first. They go when the account does.</summary>
    public IReadOnlyList<string>? FullSecrets { get; init; }

    public required RotationPolicy Policy { get; init; }

    public IReadOnlyList<KeyVersion> Keys { get; init; } = [];

    public required Rotation Rotation { get; init; }

    /// <summary>Until when an instance has this account's work to itself; null when none has.</summary>
    public DateTimeOffset? LeasedUntil { get; init; }

    /// <summary>When the next scheduled rotation starts; null while the first one has not finished.</summary>
    public DateTimeOffset? NextRotationAt { get; init; }

    /// <summary>Since when a scheduled rotation has been due that its window, quiet hours or its pair keep waiting; null when none does.</summary>
    public DateTimeOffset? WaitingSince { get; init; }

    /// <summary>When the rotation timer must look at this account: what it queries for. A lease moves it to the lease's end, so a dead instance's work comes due by itself.</summary>
    public required DateTimeOffset WorkDueAt { get; init; }

    /// <summary>
    /// When Key Vault is asked once more what it hands out, because an attempt was cut off and a call of it may arrive
    /// late; null when none can.
    /// </summary>
    public DateTimeOffset? LookAt { get; init; }

    /// <summary>When it was found that the attempts that are left may come too late; null since the last rotation.</summary>
    public DateTimeOffset? MarginAlarmedAt { get; init; }

    /// <summary>Since when its work rests, because it is suspended or its customer is suspended or closed; null when it does not.</summary>
    public DateTimeOffset? PausedAt { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>What callers say of it.</summary>
    public ServiceAccountFields? Fields { get; init; }

    /// <summary>Names of the permissions of this API that it is confined to; null for all that a service account may.</summary>
    public IReadOnlyList<string>? ApiScopes { get; init; }

    /// <summary>Who it is in Azure; null when it is nobody there.</summary>
    public AzureAccess? Azure { get; init; }

    /// <summary>When the audit of permissions must look at it; absent when it is nobody in Azure, so the index holds those that are.</summary>
    public DateTimeOffset? PermissionsDueAt { get; init; }

    /// <summary>The latest migration to another resource, resource group or subscription; null when there was none.</summary>
    public Migration? Migration { get; init; }

    /// <summary>Why it may not be used; null when it may.</summary>
    public Suspension? Suspension { get; init; }

    /// <summary>What it had outside when that was taken away; null when nothing is.</summary>
    public Withdrawal? Withdrawal { get; init; }

    /// <summary>That it is being deleted.</summary>
    public Deletion? Deletion { get; init; }

    /// <summary>Who is bringing what it has outside in line with all that; null when nothing is to be done.</summary>
    public LifecycleWork? Lifecycle { get; init; }

    /// <summary>When a timer must look after that; absent when nothing is to be done, so the index holds those accounts only.</summary>
    public DateTimeOffset? LifecycleDueAt { get; init; }

    /// <summary>Whether what it has outside is to be changed, or a migration goes on; not if its closed secret is only looked at once more.</summary>
    [JsonIgnore]
    public bool IsUnsettled => LifecycleDueAt is not null && LifecycleDueAt != Withdrawal?.LooksAgainAt;

    /// <summary>Whether it has anything that this app does not check itself.</summary>
    [JsonIgnore]
    public bool HasSomethingOutside => Azure is not null || ResourceId is not null;

    /// <summary>What its service principal keeps although all should be taken, because this app may not take it; null for nothing.</summary>
    [JsonIgnore]
    public IReadOnlyList<HeldRole>? RolesLeft => Deletion?.RolesLeft ?? Withdrawal?.Azure?.Left;

    /// <summary>What its service principal had before it was suspended and could not be given back; null for nothing.</summary>
    [JsonIgnore]
    public IReadOnlyList<HeldRole>? RolesLost => Azure?.RolesLost;

    /// <summary>Whether what opens its resource may be read by nobody now. A credential of this API is refused by it, and its secret is left alone.</summary>
    [JsonIgnore]
    public bool IsSecretWithdrawn => Withdrawal is not null && ResourceId is not null;

    /// <summary>What callers are told of its standing.</summary>
    [JsonIgnore]
    public string State => this switch
    {
        { Deletion: not null } => "deleting",
        { Suspension: not null, IsUnsettled: true } or { Withdrawal.FinishedAt: null } => "suspending",
        { Suspension: not null } => "suspended",
        { Withdrawal: not null, IsUnsettled: false } => "suspended",
        { Withdrawal: not null } => "restoring",
        { Rotation.ParkedAt: not null } => "parked",
        { Current: null } => "provisioning",
        _ => "active",
    };

    /// <summary>Since when the next scheduled rotation has been due, or when it will be, however long it then has to wait.</summary>
    [JsonIgnore]
    public DateTimeOffset? DueSince => WaitingSince ?? NextRotationAt;

    /// <summary>Where the rotation under way publishes its key.</summary>
    [JsonIgnore]
    public string SecretToSet => Rotation.FreshSecret ?? SecretName;

    /// <summary>All that it ever had, oldest first.</summary>
    [JsonIgnore]
    public IEnumerable<string> AllSecrets => (FullSecrets ?? []).Append(SecretName).Append(SecretToSet).Distinct();

    [JsonIgnore]
    public KeyVersion? Current => Keys.FirstOrDefault(key => key.State == KeyState.Current);

    /// <summary>The version that the rotation under way has made or is making.</summary>
    [JsonIgnore]
    public KeyVersion? Pending => Keys.FirstOrDefault(key => key.State == KeyState.Pending && key.Id == Rotation.KeyId);

    /// <summary>The resource at which keys are made and tried now; null for kinds without one.</summary>
    [JsonIgnore]
    public KeyPlace? Place => Pending?.Place ?? (ResourceId is { } resource && DataEndpoint is { } endpoint ? new KeyPlace(resource, endpoint) : null);

    /// <summary>A name as it is compared: without white space around it, in Normalization Form C and lower case.</summary>
    public static string NameKey(string name) => PlainText.Clean(name).ToLowerInvariant();

    /// <summary>
    /// Stands where an account would have been whose creation stopped half-way, so that a late write of it fails; see <see cref="Names.NameClaims"/>. Nothing of it is ever due: timers find what is due by that, not by its type. Gone after a day.
    /// </summary>
    public static ServiceAccount Tombstone(string id, string customerId, DateTimeOffset now) => new()
    {
        Id = id,
        Type = TombstoneType,
        CustomerId = customerId,
        Name = "",
        Kind = "",
        SecretName = "",
        Policy = RotationPolicy.Default,
        Rotation = new Rotation { Id = "", Trigger = RotationTrigger.Initial, RequestedBy = "", Step = RotationStep.Done, KeyId = "", StartedAt = now },
        WorkDueAt = DateTimeOffset.MaxValue,
        CreatedAt = now,
        CreatedBy = "",
        Ttl = 24 * 60 * 60,
    };

    public KeyHolder AsKeyHolder() => new(
        new Principal(PrincipalKind.ServiceAccount, Id, Role.ServiceAccount, CustomerId) { Scopes = ApiScopes?.Select(Permissions.Find).OfType<Permission>().ToHashSet() },
        [.. Keys.Where(key => key.Hash is not null).Select(key => new HeldKey(key.Hash!, RefusalOf(key.State), key.EndsAt) { VersionId = key.Id })]);

    private Func<Problem>? RefusalOf(KeyState state) => state switch
    {
        KeyState.Retired => Failures.KeyRotated,
        KeyState.Revoked => Failures.KeyRevoked,
        _ => Suspension is null ? null : Failures.ServiceAccountSuspended,
    };
}
