using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Audit;

/// <summary>A customer's or an account's audit log, as its readers see it and as somebody with access to the table could get at it.</summary>
internal sealed class AuditTrail(App app, string owner)
{
    public string Owner => owner;

    private string Path => $"/api/{(owner.StartsWith("acc_", StringComparison.Ordinal) ? "accounts" : "customers")}/{owner}/audit-log";

    /// <summary>All events, newest first, page by page.</summary>
    public async Task<IReadOnlyList<JsonObject>> Events(string query = "maxpagesize=200")
    {
        var events = new List<JsonObject>();
        for (var next = $"{Path}?{query}"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            events.AddRange(page["value"]!.AsArray().Select(item => item!.AsObject()));
            next = (string?)page["nextLink"];
        }
        return events;
    }

    public async Task<IReadOnlyList<string>> Actions(string query = "maxpagesize=200") => [.. (await Events(query)).Select(happened => (string)happened["action"]!)];

    /// <summary>What a whole verification comes to.</summary>
    public async Task<(int Checked, JsonObject? Broken)> Verify()
    {
        var count = 0;
        for (var next = $"{Path}/verify"; ;)
        {
            var answer = (await app.Admin.Get(next)).ShouldBe(200);
            count += (int)answer["checked"]!;
            ((bool)answer["intact"]!).Should().Be(answer["broken"] is null);
            if (answer["broken"] is { } broken) { return (count, broken.AsObject()); }
            if ((string?)answer["nextLink"] is not { } link) { return (count, null); }
            next = link;
        }
    }

    public async Task ShouldBeIntact(int events) => (await Verify()).Should().Be((events, null));

    /// <summary>The rows as they are stored, in the order of their keys.</summary>
    public async Task<IReadOnlyList<JsonObject>> Rows()
    {
        using var answer = await Send(HttpMethod.Get, $"audit()?$filter={Uri.EscapeDataString($"PartitionKey eq '{owner}'")}");
        answer.EnsureSuccessStatusCode();
        return [.. (await answer.Content.ReadFromJsonAsync<JsonObject>())!["value"]!.AsArray().Select(row => row!.AsObject())];
    }

    /// <summary>The row of an event by its sequence.</summary>
    public async Task<JsonObject> Row(long sequence) => (await Rows()).Single(row => (string)row["RowKey"]! == Key(sequence));

    public async Task Put(JsonObject row)
    {
        var body = new JsonObject(row.Where(property => !property.Key.StartsWith("odata", StringComparison.Ordinal) && property.Key != "Timestamp").Select(property => KeyValuePair.Create(property.Key, property.Value?.DeepClone())));
        using var answer = await Send(HttpMethod.Put, Address((string)row["RowKey"]!), body);
        answer.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    public async Task Remove(string rowKey)
    {
        using var answer = await Send(HttpMethod.Delete, Address(rowKey));
        answer.StatusCode.Should().Be(HttpStatusCode.NoContent);
    }

    public static string Key(long sequence) => $"{long.MaxValue - sequence:D19}";

    private string Address(string rowKey) => $"audit(PartitionKey='{owner}',RowKey='{Uri.EscapeDataString(rowKey)}')";

    private async Task<HttpResponseMessage> Send(HttpMethod method, string path, JsonObject? body = null)
    {
        using var request = new HttpRequestMessage(method, $"{app.Cloud.Endpoint("tables")}/{path}");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", app.Cloud.Token("https://storage.azure.com"));
        request.Headers.Add("x-ms-version", "2020-12-06");
        request.Headers.Accept.ParseAdd("application/json;odata=nometadata");
        if (method == HttpMethod.Delete) { request.Headers.TryAddWithoutValidation("If-Match", "*"); }
        if (body is not null) { request.Content = JsonContent.Create(body); }
        return await app.Azure.SendAsync(request);
    }
}
