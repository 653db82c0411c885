using System.Diagnostics;
using CustomerFunctions.Names;

namespace CustomerFunctions.Tests.Edge;

/// <summary>A fifth of all calls to a dependency goes wrong, in each way a call can. Callers get their result or a clean 503, and nothing is lost or doubled.</summary>
public sealed class DependencyTests
{
    private const int Rounds = 13;
    private const int AtOnce = 24;

    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>A request, the status it has when all is well, and what must be true of it once all is well again.</summary>
    private sealed record Call(int Expected, Func<Task<Answer>> Send, Func<Answer, Task>? Afterwards = null);

    [Fact]
    public Task When_Cosmos_DB_fails_a_fifth_of_the_time() => Holds("cosmos");

    [Fact]
    public Task When_Key_Vault_fails_a_fifth_of_the_time() => Holds("keyVault");

    private static async Task Holds(string service)
    {
        await using var app = await App.StartWithoutSchedules();
        // Past the host, whose share of a busy machine is not the app's time.
        var admin = await app.AdminAt(0);
        var owner = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(owner);
        var holder = await app.CallerOf(0, key);
        var done = new List<(Call Call, Answer Answer)>();
        string[] kinds = ["throttle", "unavailable", "reset", "timeout", "latency"];

        foreach (var kind in kinds)
        {
            var calls = new List<Call>();
            for (var round = 0; round < Rounds; round++) { calls.AddRange(await OneOfEach(app, admin, holder, owner)); }
            await app.Cloud.Fault(new { service, kind, share = 0.2, seconds = 300, milliseconds = kind == "latency" ? 700 : (int?)null });
            await Parallel.ForEachAsync(calls, new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (call, _) =>
            {
                var started = Stopwatch.StartNew();
                var answer = await call.Send();
                started.Elapsed.Should().BeLessThan(Longest, "{0} {1}: {2}", service, kind, answer.Body);
                if (answer.Status == 503) { answer.ShouldBeRefused(503, (string)answer["code"]!).Headers.RetryAfter!.Delta.Should().BePositive(); }
                else { answer.ShouldBe(call.Expected); }
                lock (done) { done.Add((call, answer)); }
            });
            await app.Cloud.ClearFaults();
        }

        done.Count(one => one.Answer.Status == 503).Should().BeLessThan(done.Count / 2, "most calls still succeed");
        await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));
        foreach (var (call, answer) in done) { await (call.Afterwards?.Invoke(answer) ?? Task.CompletedTask); }
        var emails = (await app.Data.All("customers")).Where(document => (string?)document["type"] == "customer").Select(customer => (string)customer["email"]!);
        emails.Should().OnlyHaveUniqueItems();
    }

    /// <summary>One of each kind of request. Those that change a customer have one of their own, as it was before.</summary>
    private static async Task<Call[]> OneOfEach(App app, Api admin, Api holder, string owner)
    {
        var (email, name) = (App.NewEmail(), $"Name {Guid.NewGuid():N}");
        var mine = $"/api/customers/{owner}";
        var account = new { name, kind = "apiCredential" };
        return
        [
            new(201, () => admin.Post("/api/customers", new { name, email }), answer => Exists(answer, "/api/customers", new { name, email })),
            new(200, () => admin.Get(mine)),
            new(200, () => admin.Get("/api/customers?orderby=name&maxpagesize=5")),
            new(200, () => holder.Get(mine)),
            new(201, () => admin.Post(mine + "/api-keys", new { name }), async answer =>
            {
                if (answer.Status == 201) { (await (await app.CallerOf(0, (string)answer["key"]!)).Get(mine)).ShouldBe(200); }
            }),
            new(201, () => admin.Post(mine + "/service-accounts", account), answer => Exists(answer, mine + "/service-accounts", account)),
            await Change(200, (path, etag) => admin.Patch(path, new { name }, etag), HasName),
            await Change(200, (path, etag) => admin.Put(path, new { name, email = "put." + email }, etag), HasName),
            await Change(204, (path, etag) => admin.Delete(path, etag), async (path, _) => (await admin.Get(path)).ShouldBe(404)),
        ];

        async Task<Call> Change(int expected, Func<string, string, Task<Answer>> send, Func<string, string, Task> holds)
        {
            var before = (await admin.Post("/api/customers", new { name = "Before", email = App.NewEmail() })).ShouldBe(201);
            var path = $"/api/customers/{before["id"]}";
            return new(expected, () => send(path, before.ETag), async answer =>
            {
                // Whoever was refused tries again with what there is now; it has happened once after that, if not before.
                if (answer.Status == 503 && await admin.Get(path) is { Status: 200 } now) { (await send(path, now.ETag)).ShouldBe(expected); }
                await holds(path, name);
            });
        }

        async Task HasName(string path, string expected) => ((string?)(await admin.Get(path)).ShouldBe(200)["name"]).Should().Be(expected);

        // Whoever was refused tries again, and has one after that if not before.
        async Task Exists(Answer answer, string collection, object body)
        {
            if (answer.Status == 201) { (await admin.Get($"{collection}/{answer["id"]}")).ShouldBe(200); }
            (await admin.Post(collection, body)).Status.Should().BeOneOf(answer.Status == 201 ? [409] : [201, 409]);
        }
    }
}
