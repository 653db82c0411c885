using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests.Azurite;

/// <summary>Entities that Table Storage refuses.</summary>
public sealed class TableEntityTests(RunningHost host) : IClassFixture<RunningHost>, IAsyncLifetime
{
    private const string Table = "limits";
    private HttpClient tables = null!;

    public static TheoryData<string, string, string?> Entities => new()
    {
        { "253 properties", Entity(Enumerable.Range(0, 253).Select(i => ($"p{i}", (object)i))), "TooManyProperties" },
        { "252 properties", Entity(Enumerable.Range(0, 252).Select(i => ($"p{i}", (object)i))), null },
        { "over 1 MiB", Entity(Enumerable.Range(0, 17).Select(i => ($"p{i}", (object)new string('x', 31_000)))), "EntityTooLarge" },
        { "under 1 MiB", Entity(Enumerable.Range(0, 16).Select(i => ($"p{i}", (object)new string('x', 31_000)))), null },
        { "a dash in a name", Entity([("a-b", 1)]), "PropertyNameInvalid" },
        { "a digit first", Entity([("1a", 1)]), "PropertyNameInvalid" },
        { "a space in a name", Entity([("a b", 1)]), "PropertyNameInvalid" },
        { "a name of 256 characters", Entity([(new string('n', 256), 1)]), "PropertyNameTooLong" },
        { "a name of 255 characters", Entity([(new string('n', 255), 1)]), null },
        { "letters of any script", Entity([("größe_1", 1)]), null },
        { "the year 1600", Entity([("d", "1600-12-31T23:59:59Z"), ("d@odata.type", "Edm.DateTime")]), "OutOfRangeInput" },
        { "the year 1601", Entity([("d", "1601-01-01T00:00:00Z"), ("d@odata.type", "Edm.DateTime")]), null },
        { "a text that looks like a date", Entity([("d", "1600-12-31T23:59:59Z")]), null },
        { "a slash in a key", Entity([], key: "a/b"), "OutOfRangeInput" },
        { "a key over 1 KiB", Entity([], key: new string('k', 513)), "KeyValueTooLarge" },
    };

    public async Task InitializeAsync()
    {
        tables = new HttpClient(LoopbackServer.Trusting(host.Cloud.Endpoints.CaCertificate));
        var token = (await host.Cloud.Get<JsonElement>("/token?audience=https://storage.azure.com")).GetProperty("token").GetString();
        tables.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        tables.DefaultRequestHeaders.Add("x-ms-version", "2020-12-06");
        tables.DefaultRequestHeaders.Accept.ParseAdd("application/json;odata=nometadata");
        (await tables.PostAsJsonAsync(Url("Tables"), new { TableName = Table })).Dispose();
    }

    public Task DisposeAsync()
    {
        tables.Dispose();
        return Task.CompletedTask;
    }

    [Theory]
    [MemberData(nameof(Entities))]
    public async Task An_entity_that_Table_Storage_refuses_gets_the_documented_error(string what, string entity, string? code)
    {
        using var inserted = await tables.PostAsync(Url(Table), Json(entity));
        var body = await inserted.Content.ReadAsStringAsync();

        inserted.StatusCode.Should().Be(code is null ? HttpStatusCode.Created : HttpStatusCode.BadRequest, what);
        if (code is null) { return; }
        JsonDocument.Parse(body).RootElement.GetProperty("odata.error").GetProperty("code").GetString().Should().Be(code);
        inserted.Headers.GetValues("x-ms-error-code").Should().Equal(code);
    }

    [Fact]
    public async Task Every_way_to_write_an_entity_is_checked()
    {
        var bad = Entity([("a-b", 1)], key: "w");
        foreach (var method in new[] { "PUT", "PATCH", "MERGE" })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Url($"{Table}(PartitionKey='w',RowKey='w')")) { Content = Json(bad) };
            using var answer = await tables.SendAsync(request);
            answer.StatusCode.Should().Be(HttpStatusCode.BadRequest, method);
        }
    }

    [Fact]
    public async Task A_transaction_with_such_an_entity_changes_nothing_and_names_it_by_its_place()
    {
        using var answer = await tables.PostAsync(Url("$batch"), Batch(Entity([], key: "t"), Entity([("a-b", 1)], key: "t2")));
        var body = await answer.Content.ReadAsStringAsync();
        using var first = await tables.GetAsync(Url($"{Table}(PartitionKey='t',RowKey='t')"));

        answer.StatusCode.Should().Be(HttpStatusCode.Accepted);
        body.Should().Contain("HTTP/1.1 400").And.Contain("PropertyNameInvalid").And.Contain("\"1:The property name");
        first.StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    private string Url(string resource) => $"{host.Cloud.Endpoints.Tables}/{resource}";

    private static StringContent Json(string json) => new(json, Encoding.UTF8, "application/json");

    private MultipartContent Batch(params string[] entities)
    {
        var changes = new MultipartContent("mixed", "changeset_1");
        foreach (var entity in entities)
        {
            var http = new StringContent(
                $"POST {host.Cloud.Endpoints.Tables}/{Table} HTTP/1.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n\r\n{entity}");
            http.Headers.ContentType = new MediaTypeHeaderValue("application/http");
            http.Headers.Add("Content-Transfer-Encoding", "binary");
            changes.Add(http);
        }
        return new MultipartContent("mixed", "batch_1") { changes };
    }

    private static string Entity(IEnumerable<(string Name, object Value)> properties, string? key = null)
    {
        var entity = properties.ToDictionary(p => p.Name, p => p.Value);
        (entity["PartitionKey"], entity["RowKey"]) = (key ?? "p", key ?? Guid.NewGuid().ToString());
        return JsonSerializer.Serialize(entity);
    }
}
