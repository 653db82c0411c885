using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Notifications;

/// <summary>Lists what a customer's people were told in the last 90 days, newest first.</summary>
internal static class ListNotifications
{
    private static readonly string[] Parameters = ["unread", "maxpagesize", "continuation"];

    public static async Task<Results<Ok<PageOf<NotificationResponse>>, Problem>> Handle(
        string customerId, string? unread, string? maxpagesize, string? continuation, NotificationStore store, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        if (unread is not (null or "true" or "false")) { checks.Add("?unread", "unknown-value", "Expected true or false."); }
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var list = $"notifications|{customerId}|{unread}";
        if (!Paging.TryContinuation(continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var page = await store.List(customerId, unread == "true", size, from, cancellation);
        return TypedResults.Ok(new PageOf<NotificationResponse>([.. page.Items.Select(item => NotificationResponse.From(item.Value))], Paging.NextLink(request, list, page.Continuation)));
    }
}
