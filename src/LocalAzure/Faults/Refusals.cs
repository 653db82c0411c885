using System.Globalization;
using System.Text.Json;
using LocalAzure.Azurite;
using LocalAzure.Stripe;

namespace LocalAzure.Faults;

/// <summary>How each service says that it is asked too much, not available or too slow: status, headers and body as its clients know them.</summary>
internal static class Refusals
{
    /// <summary>
    /// Cosmos DB: 429 with substatus 3200 and x-ms-retry-after-ms. Key Vault: 429 "Throttled". Resource Manager: 429 with Retry-After.
    /// Storage: 503 "ServerBusy", which is its throttling (learn.microsoft.com: "Scalability targets for Table storage", "Blob service error codes").
    /// </summary>
    public static Task Throttle(string service, HttpContext context, TimeSpan retryAfter) => service switch
    {
        "cosmos" => Cosmos(context, 429, "TooManyRequests", "Request rate is large. More Request Units may be needed, so no changes were made. Please retry this request later.", retryAfter, subStatus: 3200),
        "keyVault" => Send(context, 429, Arm("Throttled", "Request was not processed because too many requests were received. Reason: VaultRequestTypeLimitReached"), retryAfter),
        "tables" => Send(context, 503, TableError.Body("ServerBusy", "Operations per second is over the account limit."), retryAfter, "ServerBusy"),
        "blob" => Xml(context, 503, "ServerBusy", "Operations per second is over the account limit.", retryAfter),
        "identity" => Send(context, 429, Identity(429, "Too many requests"), retryAfter),
        "stripe" => Send(context, 429, StripeRefusal.TooMany().Body, retryAfter),
        _ => Send(context, 429, Arm("TooManyRequests", "The request is being throttled as the limit has been reached for the subscription."), retryAfter),
    };

    public static Task Unavailable(string service, HttpContext context, TimeSpan retryAfter) => service switch
    {
        "cosmos" => Cosmos(context, 503, "ServiceUnavailable", "The request failed because the service is currently unavailable.", retryAfter, subStatus: 0),
        "tables" => Send(context, 503, TableError.Body("ServerBusy", "The server is currently unable to receive requests. Please retry your request."), retryAfter, "ServerBusy"),
        "blob" => Xml(context, 503, "ServerBusy", "The server is currently unable to receive requests. Please retry your request.", retryAfter),
        "identity" => Send(context, 503, Identity(503, "Service unavailable"), retryAfter),
        "stripe" => Send(context, 503, StripeRefusal.Unavailable().Body, retryAfter),
        _ => Send(context, 503, Arm("ServiceUnavailable", "The service is temporarily unavailable. Please retry later."), retryAfter),
    };

    /// <summary>
    /// Cosmos DB: 403 with substatus 1014, a logical partition that is full (learn.microsoft.com: "Diagnose and troubleshoot Azure Cosmos DB forbidden exceptions"). The others: a role assignment that is missing; of a restricted key of Stripe's, a permission.
    /// </summary>
    public static Task Forbidden(string service, HttpContext context) => service switch
    {
        "cosmos" => Cosmos(context, 403, "Forbidden", "Partition key reached maximum size of 20 GB.", retryAfter: null, subStatus: 1014),
        "keyVault" => Send(context, 403, new { error = new { code = "Forbidden", message = "Caller is not authorized to perform action on resource.", innererror = new { code = "ForbiddenByRbac" } } }, retryAfter: null),
        "tables" => Send(context, 403, TableError.Body("AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission."), retryAfter: null, "AuthorizationPermissionMismatch"),
        "blob" => Xml(context, 403, "AuthorizationPermissionMismatch", "This request is not authorized to perform this operation using this permission.", retryAfter: null),
        "graph" => Send(context, 403, Arm("Authorization_RequestDenied", "Insufficient privileges to complete the operation."), retryAfter: null),
        "identity" => Send(context, 403, Identity(403, "Forbidden"), retryAfter: null),
        "stripe" => Send(context, 403, StripeRefusal.NotPermitted().Body, retryAfter: null),
        _ => Send(context, 403, Arm("AuthorizationFailed", "The client does not have authorization to perform the action, or the scope is invalid."), retryAfter: null),
    };

    /// <summary>Cosmos DB's gateway says when it gave up; the others just never answer.</summary>
    public static Task CosmosTimeout(HttpContext context) =>
        Cosmos(context, 408, "RequestTimeout", "Request timed out.", retryAfter: null, subStatus: 0);

    private static Task Cosmos(HttpContext context, int status, string code, string message, TimeSpan? retryAfter, int subStatus)
    {
        var headers = context.Response.Headers;
        var activity = context.Request.Headers["x-ms-activity-id"].ToString() is { Length: > 0 } given ? given : Guid.NewGuid().ToString();
        headers["x-ms-activity-id"] = activity;
        headers["x-ms-substatus"] = subStatus.ToString(CultureInfo.InvariantCulture);
        headers["x-ms-request-charge"] = "0";
        if (retryAfter is { } wait) { headers["x-ms-retry-after-ms"] = wait.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture); }
        return Send(context, status, new { code, message = $"{message}\r\nActivityId: {activity}" }, retryAfter: null);
    }

    private static object Arm(string code, string message) => new { error = new { code, message } };

    private static object Identity(int statusCode, string message) => new { statusCode, message, correlationId = Guid.NewGuid() };

    private static Task Send(HttpContext context, int status, object body, TimeSpan? retryAfter, string? storageCode = null)
    {
        Begin(context, status, retryAfter, storageCode);
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(JsonSerializer.Serialize(body));
    }

    private static Task Xml(HttpContext context, int status, string code, string message, TimeSpan? retryAfter)
    {
        Begin(context, status, retryAfter, code);
        context.Response.ContentType = "application/xml";
        return context.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{code}</Code><Message>{message}</Message></Error>");
    }

    private static void Begin(HttpContext context, int status, TimeSpan? retryAfter, string? storageCode)
    {
        context.Response.StatusCode = status;
        if (retryAfter is { } wait) { context.Response.Headers.RetryAfter = Math.Ceiling(wait.TotalSeconds).ToString(CultureInfo.InvariantCulture); }
        if (storageCode is not null) { context.Response.Headers["x-ms-error-code"] = storageCode; }
    }
}
