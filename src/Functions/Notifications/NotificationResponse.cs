using CustomerFunctions.Audit;

namespace CustomerFunctions.Notifications;

/// <summary>A notification as callers see it.</summary>
/// <param name="Id">The notification; the event it tells of has the same id with <c>evt_</c>.</param>
/// <param name="Type">What happened, such as <c>trial.ended</c>.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Title">The same for people.</param>
/// <param name="Targets">What it is about.</param>
/// <param name="ResourceVersion">Grows with every change of the first target; what comes with a lower one is stale.</param>
/// <param name="Details">What else is worth knowing.</param>
/// <param name="Status">Whether anybody of the customer's people has read it.</param>
/// <param name="CreatedAt">When it happened.</param>
/// <param name="ReadAt">When it was first read.</param>
/// <param name="ReadBy">By whom.</param>
public sealed record NotificationResponse(
    string Id, string Type, NoticeLevel Level, string Title, IReadOnlyList<AuditTarget> Targets, long? ResourceVersion, IReadOnlyDictionary<string, string>? Details,
    NotificationStatus Status, DateTimeOffset CreatedAt, DateTimeOffset? ReadAt, string? ReadBy)
{
    internal static NotificationResponse From(Notification of) =>
        new(of.Id, of.Notice, of.Level, of.Title, of.Targets, of.ResourceVersion, of.Details, of.Status, of.CreatedAt, of.ReadAt, of.ReadBy);
}
