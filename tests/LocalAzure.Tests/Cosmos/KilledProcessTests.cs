using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Azure.Core;
using LocalAzure.Tests.FunctionsHost;
using LocalAzure.Tests.Tls;
using Microsoft.Azure.Cosmos;
using Newtonsoft.Json.Linq;

namespace LocalAzure.Tests.Cosmos;

/// <summary>LocalAzure itself, ended as kill -9 ends it, in the midst of writes.</summary>
public sealed class KilledProcessTests
{
    [Fact]
    public async Task Every_acknowledged_write_survives_the_death_of_the_process()
    {
        using var folder = new TemporaryFolder();
        using var app = new SampleAppFolder();
        var acknowledged = new ConcurrentDictionary<string, int>();
        await using (var killed = await LocalAzureProcess.Start(app, folder["state"]))
        {
            using var client = Client(killed);
            await KillAmidWrites(killed, client.GetContainer("customers", "customers"), acknowledged, after: Random.Shared.Next(200, 600));
        }

        await using var process = await LocalAzureProcess.Start(app, folder["state"]);
        using var reader = Client(process);
        acknowledged.Should().NotBeEmpty();
        foreach (var (id, n) in acknowledged)
        {
            var kept = await reader.GetContainer("customers", "customers").ReadItemAsync<JObject>(id, new PartitionKey("a"));
            kept.Resource["n"]!.Value<int>().Should().BeGreaterThanOrEqualTo(n, "of item {0}", id);
        }
    }

    private static async Task KillAmidWrites(LocalAzureProcess process, Container container, ConcurrentDictionary<string, int> acknowledged, int after)
    {
        var (count, enough) = (0, new TaskCompletionSource());
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 4).Select(w => Task.Run(async () =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                var item = new JObject { ["id"] = $"{w}-{i % 100}", ["customerId"] = "a", ["n"] = i };
                await container.UpsertItemAsync(item, new PartitionKey("a"), cancellationToken: stop.Token);
                acknowledged[$"{w}-{i % 100}"] = i;
                if (Interlocked.Increment(ref count) == after) { enough.TrySetResult(); }
            }
        })).ToArray();
        await enough.Task;
        await process.KillAlone();
        await stop.CancelAsync();
        // They end with the connection, or with the cancellation: either is what a killed server looks like.
        try { await Task.WhenAll(writers); }
        catch (Exception e) when (e is CosmosException or OperationCanceledException or HttpRequestException) { }
    }

    private static CosmosClient Client(LocalAzureProcess process) => new(process.Endpoints.Cosmos, new Credential(process.Local), new CosmosClientOptions
    {
        ConnectionMode = ConnectionMode.Gateway,
        LimitToEndpoint = true,
        ServerCertificateCustomValidationCallback = (certificate, _, _) => certificate is not null,
    });

    private sealed class Credential(HttpClient local) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancellation) => GetTokenAsync(request, cancellation).AsTask().GetAwaiter().GetResult();

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext request, CancellationToken cancellation)
        {
            var audience = request.Scopes[0].Replace("/.default", "", StringComparison.Ordinal);
            var answer = await local.GetFromJsonAsync<JsonObject>($"token?audience={Uri.EscapeDataString(audience)}", cancellation);
            return new AccessToken(answer!["token"]!.GetValue<string>(), answer["expiresOn"]!.GetValue<DateTimeOffset>());
        }
    }
}
