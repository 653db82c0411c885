using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests.Azurite;

public sealed class TablesTests : IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly SampleAppFolder app = new();

    [Fact]
    public async Task Entities_are_there_after_a_restart()
    {
        const string Entity = "audit(PartitionKey='cus_1',RowKey='a%20b')";
        await using (var first = await LocalAzureProcess.Start(app, folder["state"]))
        {
            using var tables = await Client(first);
            (await tables.PostAsJsonAsync($"{first.Endpoints.Tables}/Tables", new { TableName = "audit" })).StatusCode.Should().Be(HttpStatusCode.Created);
            (await tables.PutAsJsonAsync($"{first.Endpoints.Tables}/{Entity}", new { action = "created" })).StatusCode.Should().Be(HttpStatusCode.NoContent);
            // Azurite saves when the pipe to a killed LocalAzure closes.
            await first.KillAlone();
        }
        await using var second = await LocalAzureProcess.Start(app, folder["state"]);
        using var again = await Client(second);

        (await again.GetFromJsonAsync<JsonElement>($"{second.Endpoints.Tables}/{Entity}")).GetProperty("action").GetString().Should().Be("created");
    }

    [Fact]
    public async Task Only_a_token_that_is_signed_and_for_storage_opens_it()
    {
        await using var cloud = await LocalAzureProcess.Start(app);
        var good = await Token(cloud, "https://storage.azure.com");
        var forged = good[..(good.LastIndexOf('.') + 1)] + "AAAA";

        (await Get(cloud, "Bearer " + good)).Should().Be(HttpStatusCode.OK);
        (await Get(cloud, null)).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(cloud, "Bearer " + forged)).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(cloud, "Bearer " + await Token(cloud, "https://vault.azure.net"))).Should().Be(HttpStatusCode.Unauthorized);
        (await Get(cloud, "SharedKeyLite devstoreaccount1:AAAA")).Should().Be(HttpStatusCode.Forbidden);
    }

    public void Dispose()
    {
        app.Dispose();
        folder.Dispose();
    }

    private static async Task<HttpStatusCode> Get(LocalAzureProcess cloud, string? authorization)
    {
        using var client = new HttpClient(LoopbackServer.Trusting(cloud.Endpoints.CaCertificate));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{cloud.Endpoints.Tables}/Tables");
        request.Headers.Add("x-ms-version", "2020-12-06");
        request.Headers.Accept.ParseAdd("application/json;odata=nometadata");
        if (authorization is not null) { request.Headers.TryAddWithoutValidation("Authorization", authorization); }
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<HttpClient> Client(LocalAzureProcess cloud)
    {
        var client = new HttpClient(LoopbackServer.Trusting(cloud.Endpoints.CaCertificate));
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", await Token(cloud, "https://storage.azure.com"));
        client.DefaultRequestHeaders.Add("x-ms-version", "2020-12-06");
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json;odata=nometadata");
        return client;
    }

    private static async Task<string> Token(LocalAzureProcess cloud, string audience) =>
        (await cloud.Get<JsonElement>($"/token?audience={audience}")).GetProperty("token").GetString()!;
}
