using System.Text.Json.Nodes;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Edge;

/// <summary>
/// The app's process dies just before or just after each call to a dependency that a creating request with an Idempotency-Key makes. The same request, sent again, is answered 201 and finds or makes
/// the one thing that was asked for.
/// </summary>
public sealed class IdempotencyCrashTests(ITestOutputHelper output)
{
    private static readonly (string Service, string Operation)[] Calls =
    [
        ("cosmos", "^[A-Z]+ /dbs/customers/colls/(customers|directory|control)/docs(/(?!warm-up).*)?$"),
        ("keyVault", "^[A-Z]+ /secrets/(?!bootstrap).*$"),
    ];

    [Fact]
    public Task A_customer_is_created_once() => ForEveryCall(async (app, create) =>
    {
        var email = App.NewEmail();
        await create("/api/customers", new { name = "Ada Lovelace", email });

        (await app.Data.CustomersWith(email)).Should().ContainSingle();
    });

    [Fact]
    public Task An_API_key_is_created_once_and_its_value_works() => ForEveryCall(async (app, create) =>
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var answer = await create($"/api/customers/{customerId}/api-keys", new { name = "ci" });

        (await app.Admin.Get($"/api/customers/{customerId}/api-keys")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();
        (await app.Caller((string)answer["key"]!).Get($"/api/customers/{customerId}")).ShouldBe(200);
    });

    [Fact]
    public Task A_service_account_is_created_once() => ForEveryCall(async (app, create) =>
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        await create($"/api/customers/{customerId}/service-accounts", new { name = "deploy", kind = "apiCredential" });

        (await app.Admin.Get($"/api/customers/{customerId}/service-accounts")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();
    });

    private async Task ForEveryCall(Func<App, Func<string, object, Task<JsonObject>>, Task> test)
    {
        await using var app = await App.StartWithoutSchedules("--instances", "3");
        var kills = 0;
        foreach (var (service, operation) in Calls)
        {
            foreach (var when in new[] { "before", "after" })
            {
                // One call later each time, until there is none any more.
                for (var (skip, happened) = (0, true); happened; skip++)
                {
                    var instance = await Running(app, kills);
                    var (ofThisCall, isOver) = (skip, false);
                    await test(app, async (path, body) =>
                    {
                        await app.Cloud.Fault(new { service, operation, skip = ofThisCall, count = 1, seconds = 300, kind = "kill", when, instance });
                        var answer = await CreateUntilDone(app, instance, path, body);
                        isOver = (await app.Cloud.Faults()).Count == 0;
                        await app.Cloud.ClearFaults();
                        return answer;
                    });
                    happened = isOver;
                    kills += happened ? 1 : 0;
                }
            }
        }
        output.WriteLine($"{kills} kills");
        kills.Should().BeGreaterThan(8, "otherwise the faults miss their calls");
    }

    private static async Task<JsonObject> CreateUntilDone(App app, int instance, string path, object body)
    {
        var key = IdempotencyTests.NewKey();
        var answer = await Try(await app.AdminAt(instance), path, body, key);
        for (var attempt = 0; answer is not { Status: 201 }; attempt++)
        {
            attempt.Should().BeLessThan(5, "the answer was {0} {1}", answer?.Status, answer?.Body);
            // Whoever died had a lease.
            await app.Cloud.Advance(TimeSpan.FromMinutes(1));
            answer = await Try(app.Admin, path, body, key);
        }
        return answer.Object;
    }

    private static async Task<Answer?> Try(Api caller, string path, object body, string key)
    {
        try { return await IdempotencyTests.Post(caller, path, body, key); }
        catch (HttpRequestException) { return null; }
    }

    /// <summary>Another instance each time, so that the host, which restarts one that keeps dying more slowly, finds each of them settled.</summary>
    private static async Task<int> Running(App app, int turn)
    {
        while (true)
        {
            var instances = await app.Cloud.Instances();
            for (var i = 0; i < instances.Count; i++)
            {
                if ((string?)instances[(turn + i) % instances.Count]!["state"] == "running") { return (turn + i) % instances.Count; }
            }
            await Task.Delay(20);
        }
    }
}
