using System.Diagnostics;
using System.Text;

namespace CustomerFunctions.Tests.Edge;

/// <summary>No dependency keeps a caller waiting longer than a request may take, however slow it is and whatever is tidied up afterwards.</summary>
public sealed class DeadlineTests
{
    /// <summary>The deadline, and what a busy machine takes to read sixteen requests at once and to write their answers.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(11);

    [Theory]
    [InlineData(1_500)]
    [InlineData(30_000)]
    public async Task Every_answer_comes_in_time_while_each_call_to_Cosmos_DB_is_slow(int milliseconds)
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var owner = (string)(await app.CreateCustomer())["id"]!;
        var key = await app.CreateApiKey(owner);
        var mine = $"/api/customers/{owner}";
        var account = $"{mine}/service-accounts/{(await app.CreateServiceAccount(owner))["id"]}";
        // A fresh instance, which has none of what the SDK keeps.
        await app.Cloud.Outlive(0, () => app.Cloud.OnInstance(0, "kill"));
        var (admin, holder, self) = (await app.AdminAt(0), await app.CallerOf(0, key), await app.CallerOf(0, person.AccessToken));
        // What it compiles for its first requests is no part of this.
        await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => admin.Get("/api/problems/stale")));
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", milliseconds, seconds = 600 });

        (string Name, Func<Task<Answer>> Send)[] calls =
        [
            ("create", () => admin.Post("/api/customers", new { name = "A", email = App.NewEmail() })),
            ("create with a slug", () => admin.Post("/api/customers", new { name = "A", email = App.NewEmail(), slug = "s-" + Guid.NewGuid().ToString("N") })),
            ("create once", () => Once(admin, "/api/customers", $$"""{"name":"A","email":"{{App.NewEmail()}}"}""")),
            ("key once", () => Once(admin, mine + "/api-keys", """{"name":"A"}""")),
            ("read", () => holder.Get(mine)),
            ("list", () => admin.Get("/api/customers?maxpagesize=1")),
            ("bulk", () => admin.Post("/api/customers/bulk", new { items = Enumerable.Range(0, 20).Select(_ => new { action = "create", body = new { name = "A", email = App.NewEmail() } }) })),
            ("patch", () => admin.Patch(mine, new { displayName = "A" }, "*")),
            ("service account", () => admin.Post(mine + "/service-accounts", new { name = "other", kind = "apiCredential" })),
            ("rotate", () => admin.Post(account + "/rotate", new { })),
            ("rehearse", () => admin.Post(account + "/rehearse")),
            ("suspend", () => admin.Post(account + "/suspend", new { reason = "x" })),
            ("me", () => self.Get("/api/auth/me")),
            ("refresh", async () => await (await app.CallerOf(0, null)).Post("/api/auth/refresh", new { refreshToken = (string)person.Tokens["refreshToken"]! })),
            ("sign in", async () => await (await app.CallerOf(0, null)).Post("/api/auth/sign-in", new { email = person.Email, password = Person.FirstPassword })),
            ("audit", () => admin.Get(mine + "/audit-events")),
        ];
        var late = new List<string>();
        await Task.WhenAll(calls.Select(async call =>
        {
            var watch = Stopwatch.StartNew();
            var answer = await call.Send();
            answer.Status.Should().BeLessThan(600).And.NotBe(500, "{0}: {1}", call.Name, answer.Body);
            if (watch.Elapsed > Longest) { lock (late) { late.Add($"{call.Name}: {answer.Status} after {watch.Elapsed.TotalSeconds:0.0} s"); } }
        }));
        late.Should().BeEmpty();
    }

    private static Task<Answer> Once(Api caller, string path, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, caller.Url(path)) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.TryAddWithoutValidation("Idempotency-Key", $"\"{Guid.NewGuid():N}\"");
        return caller.Send(request);
    }
}
