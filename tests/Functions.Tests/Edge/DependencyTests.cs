using System.Diagnostics;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;

namespace CustomerFunctions.Tests.Edge;

/// <summary>A fifth of all calls to a dependency goes wrong, in each way a call can. Callers get their result or a clean 503, and nothing is lost or doubled.</summary>
public sealed class DependencyTests
{
    private const int Requests = 120;
    private const int AtOnce = 24;

    /// <summary>What the app promises, and what the machine may add to it.</summary>
    private static readonly TimeSpan Longest = ExceptionEdge.Deadline + TimeSpan.FromSeconds(1) + TimeSpan.FromSeconds(5);

    [Fact]
    public Task When_Cosmos_DB_fails_a_fifth_of_the_time() => Holds("cosmos", "throttle", "unavailable", "reset", "timeout", "latency");

    [Fact]
    public Task When_Key_Vault_fails_a_fifth_of_the_time() => Holds("keyVault", "throttle", "unavailable", "reset", "latency");

    private static async Task Holds(string service, params string[] kinds)
    {
        await using var app = await App.StartWithoutSchedules();
        var customers = new List<string>();
        for (var i = 0; i < AtOnce; i++) { customers.Add((string)(await app.CreateCustomer(name: $"Customer {i}"))["id"]!); }
        var holder = app.Caller(await app.CreateApiKey(customers[0]));
        var created = new List<(string Email, Answer Answer)>();
        var refused = 0;

        foreach (var kind in kinds)
        {
            await app.Cloud.Fault(new { service, kind, share = 0.2, seconds = 300, milliseconds = 700 });
            await Parallel.ForEachAsync(Enumerable.Range(0, Requests), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (i, _) =>
            {
                var email = App.NewEmail();
                var started = Stopwatch.StartNew();
                var (expected, answer) = await Call(app, holder, i, customers, email);
                started.Elapsed.Should().BeLessThan(Longest, "{0} {1} {2}", service, kind, i % 6);
                if (answer.Status == 503)
                {
                    answer.ShouldBeRefused(503, (string)answer["code"]!).Headers.RetryAfter!.Delta.Should().BePositive();
                    Interlocked.Increment(ref refused);
                }
                else { answer.ShouldBe(expected); }
                if (i % 6 == 0) { lock (created) { created.Add((email, answer)); } }
            });
            await app.Cloud.ClearFaults();
        }

        refused.Should().BeLessThan(Requests * kinds.Length / 2, "most calls still succeed");
        await NothingIsLostOrDoubled(app, created);
    }

    /// <summary>One of each kind of request in turn, and the status it has when all is well.</summary>
    private static async Task<(int Expected, Answer Answer)> Call(App app, Api holder, int i, List<string> customers, string email)
    {
        var mine = $"/api/customers/{customers[i % customers.Count]}";
        return (i % 6) switch
        {
            0 => (201, await app.Admin.Post("/api/customers", new { name = $"Created {i}", email })),
            1 => (200, await app.Admin.Get(mine)),
            2 => (200, await app.Admin.Get("/api/customers?orderby=name&maxpagesize=5")),
            3 => (200, await holder.Get($"/api/customers/{customers[0]}")),
            4 => (201, await app.Admin.Post(mine + "/api-keys", new { name = "ci" })),
            _ => (201, await app.Admin.Post(mine + "/service-accounts", new { name = $"{i} {email}", kind = "apiCredential" })),
        };
    }

    private static async Task NothingIsLostOrDoubled(App app, List<(string Email, Answer Answer)> created)
    {
        await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));
        foreach (var (email, answer) in created)
        {
            if (answer.Status == 201) { (await app.Admin.Get($"/api/customers/{answer["id"]}")).ShouldBe(200); }
            // Whoever was refused tries again, and has a customer after that if not before.
            (await app.Admin.Post("/api/customers", new { name = "Again", email })).Status.Should().BeOneOf(answer.Status == 201 ? [409] : [201, 409]);
        }
        var emails = (await app.Data.All("customers")).Where(document => (string?)document["type"] == "customer").Select(customer => (string)customer["email"]!).ToList();
        emails.Should().OnlyHaveUniqueItems();
        emails.Should().Contain(created.Select(one => one.Email));
    }
}
