using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Notifications;

/// <summary>
/// Lists what a customer's people were told in the last 90 days: newest first, or, for a receiver of webhooks that has missed some, from a notification on and in the order they were told.
/// </summary>
internal static class ListNotifications
{
    private static readonly string[] Parameters = ["unread", "after", "maxpagesize", "continuation"];

    public static async Task<Results<Ok<PageOf<NotificationResponse>>, Problem>> Handle(
        string customerId, string? unread, string? after, string? maxpagesize, string? continuation, NotificationStore store, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (unread is not (null or "true" or "false")) { checks.Add("?unread", "unknown-value", "Expected true or false."); }
        if (after is not null && unread is not null) { checks.Add("?after", "not-allowed", "Expected one of after and unread: what somebody has read was told all the same."); }
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var list = $"notifications|{customerId}|{unread}|{after}";
        if (!Paging.TryContinuation(request, continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var anchor = Ids.IsValid(after, "ntf_") ? await store.Read(customerId, after!, cancellation) : null;
        if (after is not null && anchor is null) { return Failures.Invalid("?after", "unknown-value", "Expected the id of a notification that is kept. Without it the list has all of them."); }

        var page = anchor is null
            ? await store.List(customerId, unread == "true", size, from, cancellation)
            : await store.ListAfter(anchor.Value, size, from, cancellation);
        return TypedResults.Ok(new PageOf<NotificationResponse>([.. page.Items.Select(item => NotificationResponse.From(item.Value))], Paging.NextLink(request, list, page.Continuation), size));
    }
}
