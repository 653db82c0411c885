using System.Text.Json.Serialization;
using CustomerFunctions.Notifications;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

public enum WebhookStatus
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>Removed; the store forgets it in a day.</summary>
    [JsonStringEnumMemberName("deleted")] Deleted,
}

/// <summary>An address of a customer's to which notices are sent. Its secret is in Key Vault; here are the versions that sign.</summary>
internal sealed record WebhookEndpoint : Document
{
    public const string DocumentType = "webhookEndpoint";
    private const int OneDay = 24 * 60 * 60;

    /// <summary>After a rotation messages carry a signature by the old secret too, for this long.</summary>
    public static readonly TimeSpan SecretOverlap = TimeSpan.FromHours(24);

    public required string CustomerId { get; init; }

    public required string Url { get; init; }

    public string? Description { get; init; }

    /// <summary>The notices that it wants; null for all.</summary>
    public IReadOnlyList<string>? Events { get; init; }

    public required WebhookStatus Status { get; init; }

    /// <summary>Why the app itself disabled it.</summary>
    public string? DisabledReason { get; init; }

    public required string SecretVersion { get; init; }

    public string? PreviousSecretVersion { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>When the timer must look at this endpoint's deliveries; absent when none is left, so the index holds endpoints with work only.</summary>
    public DateTimeOffset? DeliveryDueAt { get; init; }

    /// <summary>Until when its receiver is left alone: it asked for that, or it did not answer.</summary>
    public DateTimeOffset? ThrottledUntil { get; init; }

    public bool Wants(string notice) => Status == WebhookStatus.Active && Events?.Contains(notice) != false;

    public WebhookEndpoint RotateSecret(string version, DateTimeOffset now) => this with { SecretVersion = version, PreviousSecretVersion = SecretVersion, PreviousSecretUntil = now + SecretOverlap };

    /// <summary>The versions of its secret that sign at <paramref name="now"/>, the newest first.</summary>
    public IEnumerable<string> SigningVersions(DateTimeOffset now) => PreviousSecretUntil > now ? [SecretVersion, PreviousSecretVersion!] : [SecretVersion];

    /// <summary>Sends nothing any more until somebody enables it; what waits, waits.</summary>
    public WebhookEndpoint Disable(string? reason) => this with { Status = WebhookStatus.Disabled, DisabledReason = reason, DeliveryDueAt = null };

    /// <summary>Sends again, beginning with what waits.</summary>
    public WebhookEndpoint Enable(DateTimeOffset now) =>
        Status == WebhookStatus.Active ? this : this with { Status = WebhookStatus.Active, DisabledReason = null, DeliveryDueAt = now, ThrottledUntil = null };

    public WebhookEndpoint Delete() => this with { Status = WebhookStatus.Deleted, DeliveryDueAt = null, Ttl = OneDay };

    public static string SecretName(string id) => "webhook-" + Shared.Ids.Ulid(id).ToLowerInvariant();

    /// <summary>What a caller may filter by: every notice.</summary>
    public static bool IsEvent(string type) => Notices.Find(type) is not null;
}
