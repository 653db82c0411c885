using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using LocalAzure.Identity;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Identity;
using LocalAzure.Tests.Tls;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Faults;

public sealed class FaultsTests(RunningHost host) : IClassFixture<RunningHost>, IAsyncLifetime, IDisposable
{
    private readonly LocalAzureProcess cloud = host.Cloud;
    private readonly HttpClient services = new(LoopbackServer.Trusting(host.Cloud.Endpoints.CaCertificate));

    public Task InitializeAsync() => cloud.Local.DeleteAsync("/faults");

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => services.Dispose();

    [Theory]
    [InlineData("cosmos", "throttle", 429, "x-ms-retry-after-ms", "1000")]
    [InlineData("cosmos", "throttle", 429, "x-ms-substatus", "3200")]
    [InlineData("cosmos", "unavailable", 503, "x-ms-retry-after-ms", "1000")]
    [InlineData("cosmos", "timeout", 408, "x-ms-substatus", "0")]
    [InlineData("keyVault", "throttle", 429, "Retry-After", "1")]
    [InlineData("keyVault", "unavailable", 503, "Retry-After", "1")]
    [InlineData("resourceManager", "throttle", 429, "Retry-After", "1")]
    [InlineData("resourceManager", "unavailable", 503, "Retry-After", "1")]
    [InlineData("tables", "throttle", 503, "x-ms-error-code", "ServerBusy")]
    [InlineData("tables", "unavailable", 503, "x-ms-error-code", "ServerBusy")]
    [InlineData("blob", "throttle", 503, "x-ms-error-code", "ServerBusy")]
    [InlineData("identity", "throttle", 429, "Retry-After", "1")]
    [InlineData("stripe", "throttle", 429, "Retry-After", "1")]
    [InlineData("cosmos", "forbidden", 403, "x-ms-substatus", "1014")]
    [InlineData("tables", "forbidden", 403, "x-ms-error-code", "AuthorizationPermissionMismatch")]
    public async Task A_service_refuses_as_it_does_in_Azure(string service, string kind, int status, string header, string value)
    {
        await Put(new { service, kind });

        using var answer = await services.GetAsync(Url(service));

        ((int)answer.StatusCode).Should().Be(status);
        answer.Headers.GetValues(header).Should().Equal(value);
    }

    [Theory]
    [InlineData("cosmos", "reset")]
    [InlineData("keyVault", "reset")]
    [InlineData("tables", "reset")]
    public async Task A_reset_breaks_the_connection(string service, string kind)
    {
        await Put(new { service, kind });

        await services.Invoking(client => client.GetAsync(Url(service))).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task A_timeout_holds_the_request_and_then_breaks_the_connection()
    {
        await Put(new { service = "keyVault", kind = "timeout", milliseconds = 1 });

        await services.Invoking(client => client.GetAsync(Url("keyVault"))).Should().ThrowAsync<HttpRequestException>();
    }

    [Fact]
    public async Task Latency_delays_and_changes_nothing_else()
    {
        await Put(new { service = "cosmos", kind = "latency", milliseconds = 200 });
        var begun = TimeProvider.System.GetTimestamp();

        using var answer = await services.GetAsync(Url("cosmos"));

        TimeProvider.System.GetElapsedTime(begun).Should().BeGreaterThan(TimeSpan.FromMilliseconds(190));
        answer.StatusCode.Should().Be(HttpStatusCode.Unauthorized, "the request reached Cosmos DB, without a token");
    }

    [Fact]
    public async Task Skip_count_and_operation_choose_the_requests()
    {
        await Put(new { service = "cosmos", kind = "unavailable", operation = "^GET /dbs", skip = 1, count = 2 });

        var answers = new List<HttpStatusCode>();
        foreach (var path in (string[])["/other", "/dbs", "/dbs", "/other", "/dbs", "/dbs"])
        {
            using var answer = await services.GetAsync(cloud.Endpoints.Cosmos + path);
            answers.Add(answer.StatusCode);
        }

        answers.Select(status => status == HttpStatusCode.ServiceUnavailable).Should().Equal(false, false, true, false, true, false);
    }

    [Fact]
    public async Task A_body_chooses_the_requests_and_is_still_there_for_the_service()
    {
        await Put(new { service = "keyVault", kind = "unavailable", operation = "^PUT", body = "\"value\":\"second\"", count = 1 });
        var vault = Vault(maxRetries: 0);

        await vault.SetSecretAsync("by-body", "first");
        (await vault.Invoking(v => v.SetSecretAsync("by-body", "second")).Should().ThrowAsync<Azure.RequestFailedException>()).Which.Status.Should().Be(503);

        (await vault.GetSecretAsync("by-body")).Value.Value.Should().Be("first");
    }

    [Fact]
    public async Task A_share_with_a_seed_hits_that_share_and_the_same_requests_again()
    {
        var first = await Hits(200);
        var second = await Hits(200);

        first.Should().Equal(second);
        first.Count(hit => hit).Should().BeInRange(20, 60);

        async Task<List<bool>> Hits(int requests)
        {
            await Put(new { service = "cosmos", kind = "throttle", share = 0.2, seed = 7 });
            var hits = new List<bool>();
            for (var i = 0; i < requests; i++)
            {
                using var answer = await services.GetAsync(Url("cosmos"));
                hits.Add(answer.StatusCode == HttpStatusCode.TooManyRequests);
            }
            return hits;
        }
    }

    [Fact]
    public async Task An_operation_whose_answer_is_lost_was_carried_out()
    {
        // Every time: the framework's own client sends once more what it lost on a connection that it had used before.
        await Put(new { service = "keyVault", kind = "reset", when = "after", operation = "^PUT" });
        var vault = Vault(maxRetries: 0);

        await vault.Invoking(v => v.SetSecretAsync("lost-answer", "stored")).Should().ThrowAsync<Azure.RequestFailedException>();

        (await vault.GetSecretAsync("lost-answer")).Value.Value.Should().Be("stored");
    }

    [Fact]
    public async Task An_operation_that_was_refused_afterwards_was_carried_out()
    {
        await Put(new { service = "keyVault", kind = "unavailable", when = "after", operation = "^PUT", count = 1 });
        var vault = Vault(maxRetries: 0);

        (await vault.Invoking(v => v.SetSecretAsync("refused-late", "stored")).Should().ThrowAsync<Azure.RequestFailedException>()).Which.Status.Should().Be(503);

        (await vault.GetSecretAsync("refused-late")).Value.Value.Should().Be("stored");
    }

    [Fact]
    public async Task The_SDKs_get_over_a_throttled_request()
    {
        await Put(new { service = "keyVault", kind = "throttle", count = 1, operation = "^PUT", retryAfterMilliseconds = 1 });
        await Put(new { service = "cosmos", kind = "throttle", count = 2, operation = "/docs", retryAfterMilliseconds = 1 });
        using var cosmos = new CosmosClient(cloud.Endpoints.Cosmos, Credential(), new CosmosClientOptions { ConnectionMode = ConnectionMode.Gateway, LimitToEndpoint = true });

        await Vault(maxRetries: 2).SetSecretAsync("throttled", "stored");
        var created = await cosmos.GetContainer("customers", "control").CreateItemAsync(new { id = Guid.NewGuid().ToString() });

        created.StatusCode.Should().Be(HttpStatusCode.Created);
        (await cloud.Get<JsonElement>("/faults")).GetArrayLength().Should().Be(0, "both were hit as often as they were to be");
    }

    [Fact]
    public async Task A_kill_ends_the_app_and_the_host_starts_it_again()
    {
        var before = (await Instance()).GetProperty("restarts").GetInt32();
        await Put(new { service = "cosmos", kind = "kill", count = 1 });

        await services.Invoking(client => client.GetAsync(Url("cosmos"))).Should().ThrowAsync<HttpRequestException>();

        (await cloud.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK, "requests wait for the restart");
        (await Instance()).GetProperty("restarts").GetInt32().Should().Be(before + 1);
    }

    [Fact]
    public async Task A_fault_replaces_the_one_of_its_service_and_kind_and_stands_beside_others()
    {
        await Put(new { service = "cosmos", kind = "throttle", share = 0.5 });
        await Put(new { service = "cosmos", kind = "throttle", share = 0.25 });
        await Put(new { service = "cosmos", kind = "latency" });

        var faults = (await cloud.Get<JsonElement>("/faults")).EnumerateArray().Select(fault => fault.GetProperty("fault")).ToArray();

        faults.Select(fault => fault.GetProperty("kind").GetString()).Should().Equal("throttle", "latency");
        faults[0].GetProperty("share").GetDouble().Should().Be(0.25);
        faults[1].GetProperty("milliseconds").GetInt32().Should().Be(1500);
    }

    [Fact]
    public async Task After_a_delete_nothing_fails()
    {
        await Put(new { service = "cosmos", kind = "unavailable" });
        await cloud.Local.DeleteAsync("/faults");

        (await services.GetAsync(Url("cosmos"))).StatusCode.Should().Be(HttpStatusCode.Unauthorized);
    }

    [Theory]
    [InlineData("""{"service":"mail","kind":"reset"}""")]
    [InlineData("""{"kind":"reset"}""")]
    [InlineData("""{"service":"cosmos","kind":"explode"}""")]
    [InlineData("""{"service":"cosmos","kind":"1"}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","share":0}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","share":1.1}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","seconds":0}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","skip":-1}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","operation":"("}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","body":"("}""")]
    [InlineData("""{"service":"cosmos","kind":"latency","when":"after"}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","instance":1}""")]
    [InlineData("""{"service":"cosmos","kind":"reset","secnods":5}""")]
    [InlineData("""{"service":"cosmos" """)]
    public async Task A_fault_that_makes_no_sense_is_refused(string body)
    {
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        using var answer = await cloud.Local.PutAsync("/faults", content);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
    }

    private async Task Put(object fault)
    {
        using var answer = await cloud.Local.PutAsJsonAsync("/faults", fault);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
    }

    private async Task<JsonElement> Instance() => (await cloud.Get<JsonElement>("/instances"))[0];

    private string Url(string service) => service switch
    {
        "cosmos" => cloud.Endpoints.Cosmos,
        "keyVault" => cloud.Endpoints.KeyVault,
        "tables" => cloud.Endpoints.Tables + "/Tables",
        "resourceManager" => cloud.Endpoints.ResourceManager,
        "blob" => cloud.Endpoints.Blob,
        "stripe" => cloud.Endpoints.Local + "/stripe/v1/events",
        _ => cloud.Endpoints.Local + TokenApi.Path,
    };

    private SecretClient Vault(int maxRetries) => new(new Uri(cloud.Endpoints.KeyVault), Credential(), new SecretClientOptions
    {
        DisableChallengeResourceVerification = true,
        Transport = new HttpClientTransport(services),
        Retry = { MaxRetries = maxRetries },
    });

    private LocalCredential Credential() => new(TokenAuthority.Open(Path.Combine(cloud.State, "token-key")));
}
