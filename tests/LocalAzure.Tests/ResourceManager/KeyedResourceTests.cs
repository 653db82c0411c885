using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace LocalAzure.Tests.ResourceManager;

/// <summary>Cosmos DB accounts, and the authorization rules of Service Bus and Event Hubs, through Resource Manager's own client; their keys tried at their data planes.</summary>
public sealed class KeyedResourceTests : IAsyncLifetime
{
    private const string Providers = $"{AzureAccount.Subscription}/resourceGroups/{AzureAccount.Group}/providers";
    private AzureAccount azure = null!;

    public async Task InitializeAsync() => azure = await AzureAccount.Start();

    public async Task DisposeAsync() => await azure.DisposeAsync();

    [Fact]
    public async Task A_regenerated_cosmos_key_is_accepted_first_listed_later_and_ends_the_one_before()
    {
        var id = await CreateCosmosAccount("cosmos-one");
        var before = await Post($"{id}/listKeys", "2024-11-15");

        var regenerated = await azure.Raw($"{id}/regenerateKey?api-version=2024-11-15", """{"keyKind":"secondary"}""");
        regenerated.Status.Should().Be(202);
        regenerated.Headers.TryGetValue("Azure-AsyncOperation", out var operation).Should().BeTrue();
        regenerated.Headers.TryGetValue("Location", out _).Should().BeTrue();
        (await azure.RawGet(operation!)).Content.ToString().Should().Be("""{"status":"Succeeded"}""");

        var after = await Post($"{id}/listKeys", "2024-11-15");
        after.Select(key => key.Key).Should().Equal("primaryMasterKey", "secondaryMasterKey", "primaryReadonlyMasterKey", "secondaryReadonlyMasterKey");
        ((string)after["primaryMasterKey"]!).Should().Be((string)before["primaryMasterKey"]!);
        ((string)after["secondaryMasterKey"]!).Should().NotBe((string)before["secondaryMasterKey"]!);
        (await GetAccount("cosmos-one", (string)after["secondaryMasterKey"]!)).Should().Be(200);
        (await GetAccount("cosmos-one", (string)before["secondaryMasterKey"]!)).Should().Be(401);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_operation_takes_as_long_as_it_is_said_to_and_then_has_its_effect_or_none(bool fails)
    {
        var id = await CreateCosmosAccount("cosmos-slow");
        var before = await Post($"{id}/listKeys", "2024-11-15");
        (azure.Emulator.Operations.Duration, azure.Emulator.Operations.Fail) = (TimeSpan.FromHours(3), fails);

        var accepted = await azure.Raw($"{id}/regenerateKey?api-version=2024-11-15", """{"keyKind":"primary"}""");
        accepted.Headers.TryGetValue("Azure-AsyncOperation", out var status).Should().BeTrue();
        accepted.Headers.TryGetValue("Location", out var result).Should().BeTrue();
        azure.Clock.Advance(TimeSpan.FromHours(3) - TimeSpan.FromSeconds(1));

        var running = await azure.RawGet(status!);
        (running.Content.ToString(), running.Headers.TryGetValue("Retry-After", out var wait), wait).Should().Be(("""{"status":"InProgress"}""", true, "60"));
        (await azure.RawGet(result!)).Status.Should().Be(202);
        JsonNode.DeepEquals(await Post($"{id}/listKeys", "2024-11-15"), before).Should().BeTrue();
        (await GetAccount("cosmos-slow", (string)before["primaryMasterKey"]!)).Should().Be(200);
        (await azure.Raw($"{id}/regenerateKey?api-version=2024-11-15", """{"keyKind":"secondary"}""")).Status.Should().Be(412, "one at a time");

        azure.Clock.Advance(TimeSpan.FromSeconds(1));
        (await GetAccount("cosmos-slow", (string)before["primaryMasterKey"]!)).Should().Be(fails ? 200 : 401);
        (await azure.RawGet(status!)).Content.ToString().Should().Be(fails ? """{"status":"Failed"}""" : """{"status":"Succeeded"}""");
        (await azure.RawGet(result!)).Status.Should().Be(fails ? 500 : 204);
    }

    [Theory]
    [InlineData("Microsoft.ServiceBus", "servicebus", "queues")]
    [InlineData("Microsoft.EventHub", "eventhubs", "eventhubs")]
    public async Task A_rules_regenerated_key_is_in_the_answer_and_ends_the_one_before(string space, string plane, string what)
    {
        var ns = await CreateNamespace(space, "messages-one");
        var rule = $"{ns}/authorizationRules/RootManageSharedAccessKey";
        var before = await Post($"{rule}/listKeys", "2024-01-01");

        var after = await Post($"{rule}/regenerateKeys", "2024-01-01", """{"keyType":"PrimaryKey"}""");

        ((string)after["secondaryKey"]!).Should().Be((string)before["secondaryKey"]!);
        ((string)after["primaryConnectionString"]!).Should().Contain((string)after["primaryKey"]!).And.StartWith("Endpoint=sb://");
        (await List(plane, "messages-one", what, "RootManageSharedAccessKey", (string)after["primaryKey"]!)).Status.Should().Be(200);
        (await List(plane, "messages-one", what, "RootManageSharedAccessKey", (string)before["primaryKey"]!)).Status.Should().Be(401);
    }

    [Fact]
    public async Task A_rule_without_manage_is_known_by_its_signature_and_refused_by_its_claims()
    {
        var ns = await CreateNamespace("Microsoft.ServiceBus", "messages-two");
        await azure.Send(HttpMethod.Put, $"{ns}/authorizationRules/sender", """{"properties":{"rights":["Send"]}}""", "2024-01-01");
        var keys = await Post($"{ns}/authorizationRules/sender/listKeys", "2024-01-01");

        var (status, body) = await List("servicebus", "messages-two", "queues", "sender", (string)keys["primaryKey"]!);
        (status, body.Contains("claims required", StringComparison.Ordinal)).Should().Be((401, true), body);
        (status, body) = await List("servicebus", "messages-two", "queues", "sender", "wrong");
        (status, body.Contains("claims required", StringComparison.Ordinal)).Should().Be((401, false), body);
        (status, body) = await List("servicebus", "messages-two", "queues", "sender", (string)keys["primaryKey"]!, azure.Clock.GetUtcNow().AddHours(-1));
        (status, body.Contains("ExpiredToken", StringComparison.Ordinal)).Should().Be((401, true), body);
    }

    [Fact]
    public async Task A_rule_needs_its_namespace_and_goes_with_it()
    {
        var (status, body) = await azure.Send(HttpMethod.Put, $"{Providers}/Microsoft.ServiceBus/namespaces/nowhere/authorizationRules/sender", """{"properties":{"rights":["Send"]}}""", "2024-01-01");
        status.Should().Be(404);
        body.Should().Contain("ParentResourceNotFound");

        var ns = await CreateNamespace("Microsoft.ServiceBus", "messages-three");
        (await azure.Send(HttpMethod.Delete, ns, apiVersion: "2024-01-01")).Status.Should().Be(200);
        (await azure.Send(HttpMethod.Get, $"{ns}/authorizationRules/RootManageSharedAccessKey", apiVersion: "2024-01-01")).Status.Should().Be(404);
    }

    private async Task<string> CreateCosmosAccount(string name)
    {
        var id = $"{Providers}/Microsoft.DocumentDB/databaseAccounts/{name}";
        var (status, body) = await azure.Send(HttpMethod.Put, id, """{"location":"westeurope","properties":{"databaseAccountOfferType":"Standard","locations":[{"locationName":"westeurope"}]}}""", "2024-11-15");
        status.Should().Be(200, body);
        return id;
    }

    private async Task<string> CreateNamespace(string space, string name)
    {
        var id = $"{Providers}/{space}/namespaces/{name}";
        var (status, body) = await azure.Send(HttpMethod.Put, id, """{"location":"westeurope"}""", "2024-01-01");
        status.Should().Be(200, body);
        return id;
    }

    private async Task<JsonObject> Post(string path, string apiVersion, string? body = null)
    {
        var answer = await azure.Raw($"{path}?api-version={apiVersion}", body);
        answer.Status.Should().Be(200, answer.Content.ToString());
        return JsonNode.Parse(answer.Content.ToString())!.AsObject();
    }

    private async Task<int> GetAccount(string name, string key)
    {
        var date = azure.Clock.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(key), Encoding.UTF8.GetBytes($"get\n\n\n{date.ToLowerInvariant()}\n\n")));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{azure.DataPlanesUrl}/cosmos/{name}/");
        request.Headers.Add("x-ms-date", date);
        request.Headers.TryAddWithoutValidation("Authorization", Uri.EscapeDataString($"type=master&ver=1.0&sig={signature}"));
        using var answer = await azure.Http.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private async Task<(int Status, string Body)> List(string plane, string ns, string what, string rule, string key, DateTimeOffset? until = null)
    {
        var audience = Uri.EscapeDataString($"{azure.DataPlanesUrl}/{plane}/{ns}/");
        var expires = (until ?? azure.Clock.GetUtcNow().AddMinutes(5)).ToUnixTimeSeconds();
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes($"{audience}\n{expires}")));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{azure.DataPlanesUrl}/{plane}/{ns}/$Resources/{what}?api-version=2017-04");
        request.Headers.TryAddWithoutValidation("Authorization", $"SharedAccessSignature sr={audience}&sig={Uri.EscapeDataString(signature)}&se={expires}&skn={rule}");
        using var answer = await azure.Http.SendAsync(request);
        return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
