using System.Text.Json.Serialization;

namespace CustomerFunctions.Notifications;

public enum NoticeLevel
{
    /// <summary>Good to know.</summary>
    [JsonStringEnumMemberName("info")] Info,

    /// <summary>Somebody should do something about it some day.</summary>
    [JsonStringEnumMemberName("warning")] Warning,

    /// <summary>Something has stopped, or is about to.</summary>
    [JsonStringEnumMemberName("critical")] Critical,
}

/// <param name="Type">The event's action; also the type that webhooks carry and filter by.</param>
/// <param name="Level">How much it matters.</param>
/// <param name="Title">The same for people.</param>
internal sealed record Notice(string Type, NoticeLevel Level, string Title);

/// <summary>The events that people are told of, in one table. Whatever records an event of such an action tells of it, and need not know.</summary>
internal static class Notices
{
    private static readonly Notice[] Table =
    [
        new("trial.willEnd", NoticeLevel.Warning, "The trial ends soon"),
        new("trial.extended", NoticeLevel.Info, "The trial was extended"),
        new("trial.ended", NoticeLevel.Critical, "The trial has ended"),
        new("quota.warning", NoticeLevel.Warning, "A quota is almost used up"),
        new("quota.reached", NoticeLevel.Critical, "A quota is used up"),
        new("subscription.changed", NoticeLevel.Info, "The subscription was changed"),
        new("subscription.changeScheduled", NoticeLevel.Info, "The plan changes at the next renewal"),
        new("subscription.renewed", NoticeLevel.Info, "The subscription was renewed"),
        new("subscription.cancelScheduled", NoticeLevel.Warning, "The subscription ends with its period"),
        new("subscription.resumed", NoticeLevel.Info, "The subscription goes on"),
        new("subscription.canceled", NoticeLevel.Critical, "The subscription has ended"),
        new("subscription.pastDue", NoticeLevel.Critical, "A payment failed"),
        new("subscription.suspended", NoticeLevel.Critical, "Access has stopped until the open invoice is paid"),
        new("subscription.paid", NoticeLevel.Info, "A payment arrived"),
        new("customer.suspended", NoticeLevel.Critical, "Access has stopped"),
        new("customer.restored", NoticeLevel.Info, "A hold was lifted"),
        new("member.lastOwnerDisabled", NoticeLevel.Critical, "No owner can sign in any more"),
        new("apiKey.rolled", NoticeLevel.Info, "An API key was rolled"),
        new("apiKey.leaked", NoticeLevel.Critical, "An API key was found in public"),
        new("serviceAccount.rotated", NoticeLevel.Info, "A service account has a new key"),
        new("serviceAccount.keyLeaked", NoticeLevel.Critical, "A service account's key was found in public"),
        new("serviceAccount.migrationParked", NoticeLevel.Critical, "A migration keeps failing and waits for somebody"),
        new("serviceAccount.migrationSwitched", NoticeLevel.Info, "A service account has moved"),
        new("serviceAccount.rotationMarginGone", NoticeLevel.Warning, "A rotation is late, and the key that is in use ends soon"),
        new("serviceAccount.rotationParked", NoticeLevel.Critical, "A rotation keeps failing and waits for somebody"),
        new("serviceAccount.secretEnabled", NoticeLevel.Warning, "The secret of a service account was disabled, and is enabled again"),
        new("serviceAccount.secretRecovered", NoticeLevel.Warning, "The secret of a service account was deleted, and is there again"),
        new("serviceAccount.secretMoved", NoticeLevel.Critical, "A service account has a new secret: read that within the overlap"),
        new("serviceAccount.keyPutBack", NoticeLevel.Warning, "The secret of a service account had something else in it, and has its key again"),
        new("serviceAccount.keyLost", NoticeLevel.Critical, "The key of a service account was gone from Key Vault, and is being replaced"),
        new("webhook.disabled", NoticeLevel.Critical, "A webhook gets nothing any more: its receiver is gone, or the plan has none"),
    ];

    private static readonly Dictionary<string, Notice> ByType = Table.ToDictionary(notice => notice.Type);

    public static IEnumerable<string> Types => Table.Select(notice => notice.Type);

    /// <summary>What people are told of an event of this action; null when they are not.</summary>
    public static Notice? Find(string action) => ByType.GetValueOrDefault(action);
}
