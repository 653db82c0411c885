using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Edge;

/// <summary>
/// Requests that nobody would send, from the OpenAPI document: none is answered with a 5xx but a 503 that the document has, or in a way that the document does not have, and none shows a customer's key
/// what is another customer's. 20,000 of one seed; FUZZ_REQUESTS and FUZZ_SEED ask for others.
/// </summary>
public sealed class FuzzTests(ITestOutputHelper output)
{
    private const int AtOnce = 16;

    private static readonly int Requests = FromEnvironment("FUZZ_REQUESTS", 20_000);
    private static readonly int Seed = FromEnvironment("FUZZ_SEED", 20_261_121);

    [Fact]
    public async Task No_request_finds_an_unexpected_answer_or_another_customers_data()
    {
        output.WriteLine($"FUZZ_SEED={Seed} FUZZ_REQUESTS={Requests}");
        await using var app = await App.StartWithoutSchedules();
        var marker = "foreign" + Guid.NewGuid().ToString("N");
        var (own, foreign) = (await Tenant(app, "Own"), await Tenant(app, marker));
        // The administrator may do anything, so it gets customers of its own to do it to.
        var sacrifices = await Task.WhenAll(Enumerable.Range(0, 12).Select(i => Tenant(app, $"Sacrifice {i}")));
        var callers = new Dictionary<string, string?> { ["admin"] = app.AdminKey, ["key"] = own.Key, ["serviceAccount"] = own.Credential, ["nobody"] = null, ["stranger"] = "cf_x" };
        var description = await app.Description;
        var generator = new RequestGenerator(
            description.Document, callers.Keys.ToDictionary(name => name, IReadOnlyList<IReadOnlyDictionary<string, string[]>> (string name) => name == "admin" ? [.. sacrifices.Select(one => one.Ids)] : [Both(own.Ids, foreign.Ids)]), Seed);
        // Past the host, which passes on no header that is not ASCII.
        using var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false, RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 });
        // A body that is refused unread ends its connection, which no other request may be using then.
        using var large = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseCookies = false, RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1 });
        var address = new Uri(await app.UrlOf(0));

        var findings = new ConcurrentQueue<string>();
        var statuses = new ConcurrentDictionary<int, int>();
        var requests = Enumerable.Range(0, Requests).Select(_ => generator.Next());
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (made, cancellation) =>
        {
            try
            {
                using var request = Message(address, made, callers[made.Credential]);
                using var response = await (IsLarge(made) ? large : http).SendAsync(request, cancellation);
                var (status, body) = ((int)response.StatusCode, await response.Content.ReadAsStringAsync(cancellation));
                statuses.AddOrUpdate(status, 1, (_, count) => count + 1);
                // Without a body it is the server that refuses: the app explains itself. A body where none belongs (RFC 9110, 9.3.1 and 9.3.5) may be too large for any route.
                var isStray = status == 413 && (made.Method == HttpMethod.Get || made.Method == HttpMethod.Delete);
                if (body.Length > 0 && !isStray) { description.ShouldExplain(made.Method.Method, new Uri(address, made.Path).AbsolutePath, status, app.Cloud.Errors); }
                if (status >= 500 && !(status == 503 && response.Headers.RetryAfter is not null)) { findings.Enqueue($"{status} for {made}: {body}"); }
                if (made.Credential != "admin" && body.Contains(marker, StringComparison.OrdinalIgnoreCase)) { findings.Enqueue($"foreign data for {made}"); }
            }
            catch (Xunit.Sdk.XunitException e) { findings.Enqueue($"{made}: {e.Message}"); }
            catch (HttpRequestException e)
            {
                // A body that nobody wants may be cut off by the server; everything else gets an answer.
                statuses.AddOrUpdate(0, 1, (_, count) => count + 1);
                if (!IsLarge(made)) { findings.Enqueue($"{made}: {e}"); }
            }
        });

        output.WriteLine($"{watch.Elapsed.TotalSeconds:0} s; " + string.Join(", ", statuses.OrderBy(status => status.Key).Select(status => $"{status.Key}: {status.Value}")));
        findings.Take(10).Should().BeEmpty("seed {0} found {1} of them", Seed, findings.Count);
        statuses.Keys.Should().Contain([200, 201, 400, 401, 403, 404, 413, 415], "the requests reach every depth");
        (await app.Caller(foreign.Key).Get($"/api/customers/{foreign.Ids["customerId"][0]}")).ShouldBe(200)["name"]!.ToString().Should().Be(marker, "nobody else has changed it");
    }

    private static int FromEnvironment(string name, int otherwise) => int.TryParse(Environment.GetEnvironmentVariable(name), out var given) ? given : otherwise;

    private static bool IsLarge(MadeUpRequest made) => made.Body?.Length > 100_000;

    private static HttpRequestMessage Message(Uri app, MadeUpRequest made, string? key)
    {
        var message = new HttpRequestMessage(made.Method, new Uri(app.GetLeftPart(UriPartial.Authority) + made.Path, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (made.Body is not null) { message.Content = new ByteArrayContent(made.Body); }
        if (key is not null) { message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key); }
        foreach (var (name, value) in made.Headers)
        {
            if (!message.Headers.TryAddWithoutValidation(name, value)) { message.Content?.Headers.TryAddWithoutValidation(name, value); }
        }
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
