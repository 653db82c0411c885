using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using LocalAzure.Cosmos.Storage;

namespace LocalAzure.Cosmos.Rest;

/// <summary>An answer on its way out, with the headers that the SDKs read.</summary>
internal sealed class CosmosReply
{
    public int Status { get; init; } = StatusCodes.Status200OK;
    public ReadOnlyMemory<byte> Body { get; init; }
    public double Charge { get; init; } = 1;
    public string? ETag { get; init; }
    public string? Continuation { get; init; }
    public int? ItemCount { get; init; }
    public int SubStatus { get; init; }
    public TimeSpan? RetryAfter { get; init; }
    /// <summary>The container that the answer speaks of: names the owner and carries the session token.</summary>
    public (Database Database, Container Container)? Owner { get; init; }

    public static CosmosReply Json(JsonNode json, int status = StatusCodes.Status200OK, Guid? etag = null) =>
        new() { Status = status, Body = Encoding.UTF8.GetBytes(json.ToJsonString()), ETag = etag is { } tag ? Quote(tag) : null };

    public static CosmosReply NoContent() => new() { Status = StatusCodes.Status204NoContent };

    public static CosmosReply Refused(CosmosRefusal refusal) => new()
    {
        Status = (int)refusal.Status,
        SubStatus = refusal.SubStatus,
        RetryAfter = refusal.RetryAfter,
        Body = Encoding.UTF8.GetBytes(new JsonObject { ["code"] = refusal.Code, ["message"] = refusal.Message }.ToJsonString()),
    };

    public static string Quote(Guid etag) => $"\"{etag}\"";

    public async Task Send(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        WriteHeaders(response.Headers);
        if (Status is StatusCodes.Status204NoContent or StatusCodes.Status304NotModified) { return; }
        response.ContentLength = Body.Length;
        if (Body.Length == 0) { return; }
        response.ContentType = "application/json";
        await response.Body.WriteAsync(Body, context.RequestAborted);
    }

    private void WriteHeaders(IHeaderDictionary headers)
    {
        headers["x-ms-activity-id"] = Guid.NewGuid().ToString();
        headers["x-ms-request-charge"] = Charge.ToString("0.##", CultureInfo.InvariantCulture);
        headers["x-ms-gatewayversion"] = "version=2.14.0";
        headers["x-ms-schemaversion"] = "1.18";
        headers["x-ms-substatus"] = SubStatus == 0 ? default : SubStatus.ToString(CultureInfo.InvariantCulture);
        headers["x-ms-continuation"] = Continuation;
        headers["x-ms-item-count"] = ItemCount?.ToString(CultureInfo.InvariantCulture);
        headers["x-ms-retry-after-ms"] = RetryAfter is { } wait ? Math.Ceiling(wait.TotalMilliseconds).ToString(CultureInfo.InvariantCulture) : default;
        headers.ETag = ETag;
        if (Owner is not { } owner) { return; }
        var lsn = owner.Container.Store.LastLsn;
        headers["lsn"] = lsn.ToString(CultureInfo.InvariantCulture);
        headers["x-ms-session-token"] = $"0:-1#{lsn}";
        headers["x-ms-documentdb-partitionkeyrangeid"] = "0";
        headers["x-ms-alt-content-path"] = $"dbs/{Uri.EscapeDataString(owner.Database.Id)}/colls/{Uri.EscapeDataString(owner.Container.Store.Settings.Id)}";
        headers["x-ms-content-path"] = owner.Container.Name.Rid;
    }
}
