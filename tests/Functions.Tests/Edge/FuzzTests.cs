using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Edge;

/// <summary>
/// Twenty thousand requests that nobody would send, from the OpenAPI document: none is answered with a 5xx or in a way that the document does not have, and none shows a customer's key
/// what is another customer's. The seed is fixed in CI and printed everywhere; FUZZ_SEED repeats a run.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int Requests = 20_000;
    private const int AtOnce = 8;

    [Fact]
    public async Task No_request_finds_an_unexpected_answer_or_another_customers_data()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("FUZZ_SEED"), out var given) ? given : Environment.GetEnvironmentVariable("CI") is null ? Random.Shared.Next() : 20_261_121;
        output.WriteLine($"FUZZ_SEED={seed}");
        await using var app = await App.StartWithoutSchedules();
        var marker = "foreign" + Guid.NewGuid().ToString("N");
        var (own, foreign, sacrifice) = (await Tenant(app, "Own"), await Tenant(app, marker), await Tenant(app, "Sacrifice"));
        var callers = new Dictionary<string, string?> { ["admin"] = app.AdminKey, ["key"] = own.Key, ["serviceAccount"] = own.Credential, ["nobody"] = null, ["stranger"] = "cf_x" };
        // The administrator may do anything, so it gets a customer of its own to do it to.
        var generator = new RequestGenerator((await app.Description).Document, callers.Keys.ToDictionary(name => name, name => name == "admin" ? sacrifice.Ids : Both(own.Ids, foreign.Ids)), seed);

        var findings = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var requests = Enumerable.Range(0, Requests).Select(_ => generator.Next()).ToList();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (request, _) =>
        {
            try
            {
                var answer = await app.Caller(callers[request.Credential]).Send(Message(app, request));
                statuses.AddOrUpdate(answer.Status, 1, (_, count) => count + 1);
                if (answer.Status >= 500) { findings.Enqueue($"{answer.Status} for {request}: {answer.Body}"); }
                if (request.Credential != "admin" && answer.Body.Contains(marker, StringComparison.OrdinalIgnoreCase)) { findings.Enqueue($"foreign data for {request}"); }
            }
            catch (Xunit.Sdk.XunitException e) { findings.Enqueue($"{request}: {e.Message}"); }
        });

        output.WriteLine(string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        findings.Take(10).Should().BeEmpty("seed {0} found {1} of them", seed, findings.Count);
        statuses.Keys.Should().Contain([200, 201, 400, 401, 403, 404], "the requests reach every depth");
        (await app.Caller(foreign.Key).Get($"/api/customers/{foreign.Ids["customerId"][0]}")).ShouldBe(200)["name"]!.ToString().Should().Be(marker, "nobody else has changed it");
    }

    private static HttpRequestMessage Message(App app, MadeUpRequest made)
    {
        var message = new HttpRequestMessage(made.Method, app.Cloud.Endpoint("functions") + made.Path);
        if (made.IfMatch is not null) { message.Headers.TryAddWithoutValidation("If-Match", made.IfMatch); }
        if (made.IdempotencyKey is not null) { message.Headers.TryAddWithoutValidation("Idempotency-Key", made.IdempotencyKey); }
        if (made.Body is not null) { message.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(made.Body)) { Headers = { ContentType = MediaTypeHeaderValue.Parse(made.ContentType) } }; }
        return message;
    }

    private sealed record Made(string Key, string Credential, IReadOnlyDictionary<string, string[]> Ids);

    private static async Task<Made> Tenant(App app, string name)
    {
        var customerId = (string)(await app.CreateCustomer(name: name))["id"]!;
        var account = await app.CreateServiceAccount(customerId, name);
        var spare = (await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name })).ShouldBe(201);
        var ids = new Dictionary<string, string[]> { ["customerId"] = [customerId], ["keyId"] = [(string)spare["id"]!], ["serviceAccountId"] = [(string)account["id"]!] };
        return new Made(await app.CreateApiKey(customerId, name), await app.CurrentSecret((string)account["secretName"]!), ids);
    }

    private static Dictionary<string, string[]> Both(IReadOnlyDictionary<string, string[]> own, IReadOnlyDictionary<string, string[]> foreign) =>
        own.ToDictionary(ids => ids.Key, ids => ids.Value.Concat(foreign[ids.Key]).ToArray());
}
