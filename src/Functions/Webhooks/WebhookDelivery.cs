using System.Text.Json.Serialization;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Webhooks;

public enum DeliveryStatus
{
    [JsonStringEnumMemberName("pending")] Pending,
    [JsonStringEnumMemberName("delivered")] Delivered,

    /// <summary>Given up: a dead letter, which can be sent again by hand.</summary>
    [JsonStringEnumMemberName("failed")] Failed,
}

/// <summary>One message to one endpoint, and what came of it.</summary>
internal sealed record WebhookDelivery : Document
{
    public const string DocumentType = "webhookDelivery";
    private const int ThirtyDays = 30 * 24 * 60 * 60;

    /// <summary>When the attempts are made, counted from the first: the times of Standard Webhooks 1.0.</summary>
    public static readonly IReadOnlyList<TimeSpan> Schedule =
    [
        TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(30), TimeSpan.FromHours(2),
        TimeSpan.FromHours(5), TimeSpan.FromHours(10), TimeSpan.FromHours(14), TimeSpan.FromHours(20), TimeSpan.FromHours(24),
    ];

    /// <summary>How much earlier than its time an attempt may be made, of the wait before it: so that a receiver that is back is not met by everything at once.</summary>
    private const double Jitter = 0.1;

    public required string CustomerId { get; init; }

    public required string EndpointId { get; init; }

    /// <summary>What it tells of; see <see cref="Notifications.Notices"/>.</summary>
    public required string Event { get; init; }

    /// <summary>The very bytes that are signed, the same at each attempt.</summary>
    public required string Body { get; init; }

    public required DeliveryStatus Status { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>From when the schedule counts.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Absent when none is to come.</summary>
    public DateTimeOffset? NextAttemptAt { get; init; }

    public int Attempts { get; init; }

    public DateTimeOffset? LastAttemptAt { get; init; }

    /// <summary>What the receiver answered last; null when it did not.</summary>
    public int? LastStatus { get; init; }

    public string? LastError { get; init; }

    public static WebhookDelivery Of(WebhookEndpoint endpoint, string id, string type, string body, DateTimeOffset now) => new()
    {
        Id = id,
        Type = DocumentType,
        CustomerId = endpoint.CustomerId,
        EndpointId = endpoint.Id,
        Event = type,
        Body = body,
        Status = DeliveryStatus.Pending,
        CreatedAt = now,
        StartedAt = now,
        NextAttemptAt = now,
        Ttl = ThirtyDays,
    };

    /// <summary>One message for one endpoint has one id, however often it is made.</summary>
    public static string IdOf(string notificationId, string endpointId) => "dlv_" + Ids.Derived(Ids.Ulid(notificationId), endpointId);

    /// <summary>Begins the schedule again.</summary>
    public WebhookDelivery Resend(DateTimeOffset now) =>
        Status == DeliveryStatus.Pending ? this : this with { Status = DeliveryStatus.Pending, StartedAt = now, NextAttemptAt = now, Attempts = 0 };

    /// <summary>Whether the day is over in which it is tried. A receiver that is left alone for a while, or has too much waiting, may not have been offered it ten times by then.</summary>
    public bool IsOverAt(DateTimeOffset now) => now - StartedAt >= Schedule[^1];

    public WebhookDelivery GiveUp() => this with { Status = DeliveryStatus.Failed, NextAttemptAt = null };

    /// <summary>After an attempt. A receiver that asks for more time than the schedule gives gets it; one that says it is gone, or has failed for a day, gets nothing any more.</summary>
    /// <param name="outcome">What came of the attempt.</param>
    /// <param name="now">When that was.</param>
    /// <param name="chance">From 0 to 1: where in its jitter the next attempt is.</param>
    public WebhookDelivery After(SendOutcome outcome, DateTimeOffset now, double chance)
    {
        var tried = this with { Attempts = Attempts + 1, LastAttemptAt = now, LastStatus = outcome.Status, LastError = outcome.Error };
        if (outcome.Delivered) { return tried with { Status = DeliveryStatus.Delivered, NextAttemptAt = null }; }
        if (outcome.IsGone || tried.Attempts >= Schedule.Count || tried.IsOverAt(now)) { return tried.GiveUp(); }
        var (at, wait) = (Schedule[tried.Attempts], Schedule[tried.Attempts] - Schedule[tried.Attempts - 1]);
        var next = StartedAt + at - (wait * Jitter * chance);
        var earliest = now + (outcome.RetryAfter ?? Schedule[1]);
        return tried with { NextAttemptAt = next > earliest ? next : earliest };
    }
}
