using System.ComponentModel.DataAnnotations;
using System.Net;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Webhooks;

/// <summary>What callers set about an endpoint.</summary>
/// <param name="Url">An https address that is out on the internet.</param>
/// <param name="Description">What it is for: at most 200 characters.</param>
/// <param name="Events">The notices that it gets, such as <c>trial.ended</c>; all, when absent.</param>
/// <param name="Enabled">False sends nothing until it is true again.</param>
public sealed record WebhookFields([property: Required] string? Url = null, string? Description = null, IReadOnlyList<string>? Events = null, bool? Enabled = null)
{
    private const int MaxUrl = 2_000;

    internal Problem? Check(bool allowLocal)
    {
        var checks = new Checks();
        if (Url is null) { checks.Add("/url", "required", "The field is required."); }
        else if (checks.Url("/url", Url, MaxUrl, allowHttp: allowLocal) is { } url) { CheckPlace(checks, url, allowLocal); }
        checks.Text("/description", Description, 200);
        if (Events is { Count: 0 }) { checks.Add("/events", "empty", "Leave the field out for all events."); }
        for (var i = 0; i < Events?.Count; i++)
        {
            if (Events[i] is not { } type || !WebhookEndpoint.IsEvent(type)) { checks.Add($"/events/{i}", "unknown-value", "There is no such notice; the table in docs/notifications.md lists them."); break; }
        }
        return checks.Refusal;
    }

    private static void CheckPlace(Checks checks, Uri url, bool allowLocal)
    {
        if (url.Fragment.Length > 0) { checks.Add("/url", "malformed-url", "The URL may not have a fragment."); }
        // A name is resolved when something is sent, each time anew.
        else if (!allowLocal && (url.IsLoopback || (IPAddress.TryParse(url.DnsSafeHost, out var address) && !PublicAddress.Includes(address)))) { checks.Add("/url", "address-not-public", "Expected an address that is out on the internet."); }
    }

    internal IReadOnlyList<string>? DistinctEvents => Events is null ? null : [.. Events.Distinct()];

    internal string? TrimmedDescription => Description is null ? null : PlainText.Clean(Description);
}
