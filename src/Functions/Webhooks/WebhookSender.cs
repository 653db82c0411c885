using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Azure;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Webhooks;

/// <summary>Makes one attempt to deliver one message.</summary>
internal sealed class WebhookSender(PublicHttp http, EndpointSecrets secrets, TimeProvider clock)
{
    /// <summary>A receiver has this long to answer.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(15);

    /// <summary>Nobody is left alone for longer, whatever he asks.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromHours(24);

    public async Task<SendOutcome> Send(WebhookEndpoint endpoint, WebhookDelivery delivery, CancellationToken cancellation)
    {
        if (await Keys(endpoint, cancellation) is not { } keys) { return new SendOutcome(null, "no-secret"); }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Timeout);
        try
        {
            using var request = Request(endpoint, delivery, keys);
            using var response = await http.Send(request, limit.Token);
            return new SendOutcome((int)response.StatusCode, RetryAfter: RetryAfter(response.Headers.RetryAfter));
        }
        // A refused address is unreachable, like a name that nobody has: the caller does not learn which internal names resolve.
        catch (Exception e) when (!cancellation.IsCancellationRequested && ExceptionEdge.IsDependencyFailure(e)) { return new SendOutcome(null, limit.IsCancellationRequested ? "timeout" : "unreachable"); }
    }

    /// <summary>What it is signed by; null when Key Vault has it no more, or gives it to nobody: no repetition of ours mends that, so it counts as an attempt.</summary>
    private async Task<List<byte[]>?> Keys(WebhookEndpoint endpoint, CancellationToken cancellation)
    {
        var keys = new List<byte[]>();
        try
        {
            foreach (var version in endpoint.SigningVersions(clock.GetUtcNow())) { keys.Add(await secrets.Read(endpoint.Id, version, cancellation)); }
            return keys;
        }
        catch (RequestFailedException e) when (e.Status is StatusCodes.Status403Forbidden or StatusCodes.Status404NotFound) { return null; }
    }

    private HttpRequestMessage Request(WebhookEndpoint endpoint, WebhookDelivery delivery, List<byte[]> keys)
    {
        var body = Encoding.UTF8.GetBytes(delivery.Body);
        var timestamp = clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var request = new HttpRequestMessage(HttpMethod.Post, endpoint.Url) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("CustomerFunctions-Webhooks/1.0");
        request.Headers.Add(StandardWebhook.IdHeader, delivery.Id);
        request.Headers.Add(StandardWebhook.TimestampHeader, timestamp);
        request.Headers.Add(StandardWebhook.SignatureHeader, string.Join(' ', keys.Select(key => StandardWebhook.Sign(key, delivery.Id, timestamp, body))));
        return request;
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header)
    {
        if ((header?.Delta ?? header?.Date - clock.GetUtcNow()) is not { } wait || wait <= TimeSpan.Zero) { return null; }
        return wait < LongestRetryAfter ? wait : LongestRetryAfter;
    }
}
