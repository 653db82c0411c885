using System.Text.Json.Serialization;
using CustomerFunctions.Audit;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Notifications;

public enum NotificationStatus
{
    [JsonStringEnumMemberName("unread")] Unread,
    [JsonStringEnumMemberName("read")] Read,
}

/// <summary>One thing that a customer's people are told. Its id follows from the event's, so that an event that is delivered twice is told once.</summary>
internal sealed record Notification : Document
{
    public const string DocumentType = "notification";
    private const int NinetyDays = 90 * 24 * 60 * 60;

    public required string CustomerId { get; init; }

    /// <summary>What it is about: an action of <see cref="Notices"/>.</summary>
    public required string Notice { get; init; }

    public required NoticeLevel Level { get; init; }

    public required string Title { get; init; }

    public required IReadOnlyList<AuditTarget> Targets { get; init; }

    public IReadOnlyDictionary<string, string>? Details { get; init; }

    /// <summary>Of the thing it is about: a later change of the same thing has a higher one.</summary>
    public long? ResourceVersion { get; init; }

    public required NotificationStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was told, which is later than when it happened if something failed in between: so nothing is ever told behind what was read already. Absent in notifications of earlier versions.</summary>
    public DateTimeOffset? ToldAt { get; init; }

    public DateTimeOffset? ReadAt { get; init; }

    public string? ReadBy { get; init; }

    public static Notification Of(AuditEvent happened, Notice notice, DateTimeOffset now) => new()
    {
        Id = IdOf(happened.Id),
        Type = DocumentType,
        CustomerId = happened.CustomerId!,
        Notice = notice.Type,
        Level = notice.Level,
        Title = notice.Title,
        Targets = happened.Targets,
        Details = happened.Metadata,
        ResourceVersion = happened.ResourceVersion,
        Status = NotificationStatus.Unread,
        CreatedAt = happened.OccurredAt,
        ToldAt = now,
        Ttl = NinetyDays,
    };

    public static string IdOf(string eventId) => "ntf_" + Ids.Ulid(eventId);

    /// <summary>Notes who of the customer's people was the first to read it.</summary>
    public Notification MarkRead(string by, DateTimeOffset now) => Status == NotificationStatus.Read ? this : this with { Status = NotificationStatus.Read, ReadAt = now, ReadBy = by };
}
