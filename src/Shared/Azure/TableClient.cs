using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using EntityPage = Azure.Page<CustomerFunctions.Shared.Azure.TableEntity>;

namespace CustomerFunctions.Shared.Azure;

/// <summary>
/// One table of Table Storage, as far as this app uses it, over Azure.Core's pipeline: token, retries, diagnostics. <c>Azure.Data.Tables</c> cannot be had from the package source that this
/// is built against; the methods have that package's names and meaning (learn.microsoft.com, "Table service REST API", version 2020-12-06).
/// </summary>
public sealed class TableClient(Uri endpoint, string name, HttpPipeline pipeline)
{
    private const string Json = "application/json;odata=minimalmetadata";

    private readonly string root = endpoint.ToString().TrimEnd('/');

    /// <summary>Makes the table; one that is there is left as it is.</summary>
    public async Task CreateIfNotExistsAsync(CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetBytes(new JsonObject { ["TableName"] = name }.ToJsonString());
        using var message = Message(RequestMethod.Post, "Tables", body, "application/json");
        message.Request.Headers.Add("Prefer", "return-no-content");
        await pipeline.SendAsync(message, cancellation);
        if (message.Response.Status != 409) { ThrowIfFailed(message.Response); }
    }

    /// <summary>Adds an entity; a <see cref="RequestFailedException"/> with 409 when there is one with its keys, with 404 when there is no table.</summary>
    public async Task AddEntityAsync(TableEntity entity, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Post, name, entity.ToJson(), "application/json");
        message.Request.Headers.Add("Prefer", "return-no-content");
        await pipeline.SendAsync(message, cancellation);
        ThrowIfFailed(message.Response);
    }

    /// <summary>Adds an entity, or replaces the one with its keys.</summary>
    public async Task UpsertEntityAsync(TableEntity entity, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Put, Address(entity), entity.ToJson(), "application/json");
        await pipeline.SendAsync(message, cancellation);
        ThrowIfFailed(message.Response);
    }

    /// <summary>The entity with these keys; null when there is none, or no table.</summary>
    public async Task<TableEntity?> GetEntityIfExistsAsync(string partitionKey, string rowKey, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Get, Address(new TableEntity(partitionKey, rowKey)));
        await pipeline.SendAsync(message, cancellation);
        if (message.Response.Status == 404) { return null; }
        ThrowIfFailed(message.Response);
        using var document = await JsonDocument.ParseAsync(message.Response.ContentStream!, cancellationToken: cancellation);
        return TableEntity.FromJson(document.RootElement);
    }

    /// <summary>Deletes an entity whatever its ETag; one that is gone already counts as deleted.</summary>
    public async Task DeleteEntityAsync(string partitionKey, string rowKey, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Delete, Address(new TableEntity(partitionKey, rowKey)));
        message.Request.Headers.Add("If-Match", "*");
        await pipeline.SendAsync(message, cancellation);
        if (message.Response.Status != 404) { ThrowIfFailed(message.Response); }
    }

    /// <summary>
    /// The entities that a filter finds, in the order of their keys. The service looks at no more than a thousand of them for one page, so a page may be empty and yet not be the last.
    /// </summary>
    public AsyncPageable<TableEntity> QueryAsync(string filter, int? maxPerPage = null, CancellationToken cancellation = default) => new Entities(this, filter, maxPerPage, cancellation);

    /// <summary>Does all or nothing; a <see cref="RequestFailedException"/> with the status of the part that failed.</summary>
    public async Task SubmitTransactionAsync(IReadOnlyCollection<TableTransactionAction> actions, CancellationToken cancellation)
    {
        var batch = $"batch_{Guid.NewGuid()}";
        using var message = Message(RequestMethod.Post, "$batch", Encoding.UTF8.GetBytes(Multipart(batch, actions)), $"multipart/mixed; boundary={batch}");
        await pipeline.SendAsync(message, cancellation);
        ThrowIfFailed(message.Response);
        var answer = message.Response.Content.ToString();
        if (FailedPart(answer) is { } status) { throw new RequestFailedException(status, $"The transaction failed with {status.ToString(CultureInfo.InvariantCulture)}.", ErrorCode(answer), null); }
    }

    /// <summary>A text as it stands in a filter.</summary>
    public static string Quote(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private async Task<EntityPage> ReadPage(string filter, int? maxPerPage, string? continuation, CancellationToken cancellation)
    {
        var query = $"{name}()?$filter={Uri.EscapeDataString(filter)}";
        if (maxPerPage is { } top) { query += $"&$top={top.ToString(CultureInfo.InvariantCulture)}"; }
        if (continuation is not null) { query += NextPage(continuation); }
        using var message = Message(RequestMethod.Get, query);
        await pipeline.SendAsync(message, cancellation);
        if (message.Response.Status == 400 && continuation is not null) { throw new ContinuationRefusedException(); }
        // There is no table before its first entity.
        if (message.Response.Status == 404) { return EntityPage.FromValues([], null, message.Response); }
        ThrowIfFailed(message.Response);
        using var document = await JsonDocument.ParseAsync(message.Response.ContentStream!, cancellationToken: cancellation);
        var entities = document.RootElement.GetProperty("value").EnumerateArray().Select(TableEntity.FromJson).ToList();
        return EntityPage.FromValues(entities, Continuation(message.Response), message.Response);
    }

    private static string? Continuation(Response response)
    {
        if (!response.Headers.TryGetValue("x-ms-continuation-NextPartitionKey", out var partition)) { return null; }
        return response.Headers.TryGetValue("x-ms-continuation-NextRowKey", out var row) ? $"{partition} {row}" : partition;
    }

    /// <summary>A continuation may come from a caller: it gets into the address as these two values and nothing else.</summary>
    private static string NextPage(string continuation)
    {
        var keys = continuation.Split(' ', 2);
        var token = $"&NextPartitionKey={Uri.EscapeDataString(keys[0])}";
        return keys.Length == 1 ? token : $"{token}&NextRowKey={Uri.EscapeDataString(keys[1])}";
    }

    /// <summary>The one change set that the service takes, as "Performing entity group transactions" describes it.</summary>
    private string Multipart(string batch, IReadOnlyCollection<TableTransactionAction> actions)
    {
        var changes = $"changeset_{Guid.NewGuid()}";
        var text = new StringBuilder($"--{batch}\r\nContent-Type: multipart/mixed; boundary={changes}\r\n\r\n");
        foreach (var (type, entity) in actions)
        {
            var (method, path) = type switch
            {
                TableTransactionActionType.Add => ("POST", name),
                TableTransactionActionType.UpsertReplace => ("PUT", Address(entity)),
                _ => ("DELETE", Address(entity)),
            };
            text.Append(CultureInfo.InvariantCulture, $"--{changes}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\n{method} {root}/{path} HTTP/1.1\r\n");
            text.Append(CultureInfo.InvariantCulture, $"Accept: {Json}\r\nDataServiceVersion: 3.0\r\n");
            text.Append(type == TableTransactionActionType.Delete
                ? "If-Match: *\r\n\r\n\r\n"
                : $"Content-Type: application/json\r\nPrefer: return-no-content\r\n\r\n{Encoding.UTF8.GetString(entity.ToJson())}\r\n");
        }
        return text.Append(CultureInfo.InvariantCulture, $"--{changes}--\r\n--{batch}--\r\n").ToString();
    }

    /// <summary>When one part fails, the answer has that part only.</summary>
    private static int? FailedPart(string answer)
    {
        const string StatusLine = "HTTP/1.1 ";
        for (var at = answer.IndexOf(StatusLine, StringComparison.Ordinal); at >= 0; at = answer.IndexOf(StatusLine, at + 1, StringComparison.Ordinal))
        {
            if (int.TryParse(answer.AsSpan(at + StatusLine.Length, 3), NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status >= 400) { return status; }
        }
        return null;
    }

    private static string? ErrorCode(string answer)
    {
        const string Code = "\"code\":\"";
        var from = answer.IndexOf(Code, StringComparison.Ordinal);
        if (from < 0) { return null; }
        from += Code.Length;
        return answer[from..answer.IndexOf('"', from)];
    }

    private HttpMessage Message(RequestMethod method, string pathAndQuery, byte[]? body = null, string? contentType = null)
    {
        var message = pipeline.CreateMessage();
        var request = message.Request;
        request.Method = method;
        request.Uri.Reset(new Uri($"{root}/{pathAndQuery}"));
        request.Headers.Add("x-ms-version", "2020-12-06");
        request.Headers.Add("DataServiceVersion", "3.0");
        request.Headers.Add("Accept", Json);
        if (body is not null)
        {
            request.Headers.Add("Content-Type", contentType!);
            request.Content = RequestContent.Create(body);
        }
        return message;
    }

    private string Address(TableEntity entity) => $"{name}(PartitionKey={Key(entity.PartitionKey)},RowKey={Key(entity.RowKey)})";

    private static string Key(string text) => Uri.EscapeDataString(Quote(text));

    private static void ThrowIfFailed(Response response)
    {
        if (response.IsError) { throw new RequestFailedException(response.Status, $"Table Storage answered {response.Status.ToString(CultureInfo.InvariantCulture)}.", ErrorCode(response.Content.ToString()), null); }
    }

    private sealed class Entities(TableClient table, string filter, int? maxPerPage, CancellationToken cancellation) : AsyncPageable<TableEntity>(cancellation)
    {
        public override async IAsyncEnumerable<EntityPage> AsPages(string? continuationToken = null, int? pageSizeHint = null)
        {
            do
            {
                var page = await table.ReadPage(filter, pageSizeHint ?? maxPerPage, continuationToken, CancellationToken);
                yield return page;
                continuationToken = page.ContinuationToken;
            }
            while (continuationToken is not null);
        }
    }
}
