using System.Text.Json.Serialization;
using CustomerFunctions.Notifications;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

public enum WebhookStatus
{
    [JsonStringEnumMemberName("active")] Active,
    [JsonStringEnumMemberName("disabled")] Disabled,

    /// <summary>Removed; the store forgets it in a day, by when its secret has gone.</summary>
    [JsonStringEnumMemberName("deleted")] Deleted,
}

/// <summary>A version of an endpoint's secret that was replaced, and until when it signs.</summary>
internal sealed record RetiredSecret(string Version, DateTimeOffset Until);

/// <summary>An address of a customer's to which notices are sent. Its secret is in Key Vault; here are the versions that sign.</summary>
internal sealed record WebhookEndpoint : Document
{
    public const string DocumentType = "webhookEndpoint";
    private const int OneDay = 24 * 60 * 60;

    /// <summary>So many secrets that were replaced sign beside the current one, each for its day.</summary>
    public const int MostRetired = 3;

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

    /// <summary>The rotation that made it: asked for again, because its answer was lost, it is no further one.</summary>
    public string? SecretRotation { get; init; }

    public string? PreviousSecretVersion { get; init; }

    public DateTimeOffset? PreviousSecretUntil { get; init; }

    /// <summary>Those before the previous one, if they were replaced within the same day: the newest first.</summary>
    public IReadOnlyList<RetiredSecret> OlderSecrets { get => field ?? []; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    /// <summary>When the timer must look at this endpoint's deliveries; absent when none is left, so the index holds endpoints with work only.</summary>
    public DateTimeOffset? DeliveryDueAt { get; init; }

    /// <summary>Until when its receiver is left alone: it asked for that, or it did not answer.</summary>
    public DateTimeOffset? ThrottledUntil { get; init; }

    public bool Wants(string notice) => Status == WebhookStatus.Active && Events?.Contains(notice) != false;

    /// <summary>With another secret. Those that it had go on signing until their day is over, however soon one rotation follows another.</summary>
    public WebhookEndpoint RotateSecret(string version, string rotation, DateTimeOffset now) => this with
    {
        SecretVersion = version,
        SecretRotation = rotation,
        PreviousSecretVersion = SecretVersion,
        PreviousSecretUntil = now + SecretOverlap,
        OlderSecrets = [.. Retired(now)],
    };

    /// <summary>The versions of its secret that sign at <paramref name="now"/>, the newest first.</summary>
    public IEnumerable<string> SigningVersions(DateTimeOffset now) => [SecretVersion, .. Retired(now).Select(secret => secret.Version)];

    /// <summary>Whether one more secret can be retired.</summary>
    public bool MayRotateSecret(DateTimeOffset now) => Retired(now).Count() < MostRetired;

    private IEnumerable<RetiredSecret> Retired(DateTimeOffset now) =>
        (PreviousSecretUntil is { } until ? OlderSecrets.Prepend(new RetiredSecret(PreviousSecretVersion!, until)) : OlderSecrets).Where(secret => secret.Until > now);

    /// <summary>Sends nothing any more until somebody enables it; what waits, waits.</summary>
    public WebhookEndpoint Disable(string? reason) => this with { Status = WebhookStatus.Disabled, DisabledReason = reason, DeliveryDueAt = null };

    /// <summary>Sends again, beginning with what waits.</summary>
    public WebhookEndpoint Enable(DateTimeOffset now) =>
        Status == WebhookStatus.Active ? this : this with { Status = WebhookStatus.Active, DisabledReason = null, DeliveryDueAt = now, ThrottledUntil = null };

    /// <summary>Sends nothing for good. The timer looks at it once more, for its secret.</summary>
    public WebhookEndpoint Delete(DateTimeOffset now) => this with { Status = WebhookStatus.Deleted, DeliveryDueAt = now, Ttl = OneDay };

    public static string SecretName(string id) => "webhook-" + Shared.Ids.Ulid(id).ToLowerInvariant();

    /// <summary>What a caller may filter by: every notice.</summary>
    public static bool IsEvent(string type) => Notices.Find(type) is not null;
}
