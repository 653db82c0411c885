using CustomerFunctions.Access;
using CustomerFunctions.Tests.Access;

namespace CustomerFunctions.Tests.ApiKeys;

/// <summary>What a key may make: nothing that outlives it, and nothing at all once it was replaced.</summary>
public sealed class MadeByKeysTests
{
    /// <summary>
    /// What a replaced value may still write. Every other route on which an API key changes something makes, rolls or
    /// revokes a credential, and is refused.
    /// </summary>
    private static readonly string[] StillWritten =
    [
        "PUT /api/customers/{customerId}", "PATCH /api/customers/{customerId}", "POST /api/customers/{customerId}/usage", "POST /api/auth/token",
        "PATCH /api/customers/{customerId}/service-accounts/{serviceAccountId}", "PATCH /api/customers/{customerId}/service-accounts/{serviceAccountId}/rotation-policy",
        "PUT /api/customers/{customerId}/quiet-hours",
    ];

    [Fact]
    public async Task A_key_that_ends_makes_and_changes_none_that_goes_on_after_it()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var end = await InWholeSeconds(app, TimeSpan.FromHours(2));
        var maker = app.Caller((string)(await app.Admin.Post(path + "/api-keys", new { name = "maker", expiresAt = end })).ShouldBe(201)["key"]!);
        var endless = (await app.Admin.Post(path + "/api-keys", new { name = "endless" })).ShouldBe(201);

        (await maker.Post(path + "/api-keys", new { name = "longer", expiresAt = end.AddMinutes(1) })).ShouldBeRefused(403, "forbidden");
        (await maker.Post($"{path}/api-keys/{endless["id"]}/roll", "{}")).ShouldBeRefused(403, "forbidden");
        (await maker.Patch($"{path}/api-keys/{endless["id"]}", new { name = "mine" }, "*")).ShouldBeRefused(403, "forbidden");
        (await maker.Post(path + "/api-keys", new { name = "shorter", expiresAt = end.AddMinutes(-1) })).ShouldBe(201);
        var child = (await maker.Post(path + "/api-keys", new { name = "child" })).ShouldBe(201);
        var grandchild = (await app.Caller((string)child["key"]!).Post(path + "/api-keys", new { name = "grandchild" })).ShouldBe(201);
        ((DateTimeOffset)child["expiresAt"]!).Should().Be(end);
        ((DateTimeOffset)grandchild["expiresAt"]!).Should().Be(end);
        var rolled = (await maker.Post($"{path}/api-keys/{child["id"]}/roll", new { gracePeriod = "P30D" })).ShouldBe(200);
        ((DateTimeOffset)rolled["graceExpiresAt"]!).Should().Be(end, "a grace is over with the key");

        await app.Cloud.Advance(TimeSpan.FromHours(2));
        foreach (var made in new[] { child, grandchild, rolled }) { (await app.Caller((string)made["key"]!).Get(path)).Status.Should().Be(401); }
        (await app.Caller((string)endless["key"]!).Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task A_token_ends_with_its_key_and_makes_nothing_that_outlives_the_token()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var end = await InWholeSeconds(app, TimeSpan.FromMinutes(30));
        var ending = app.Caller((string)(await app.Admin.Post(path + "/api-keys", new { name = "ends", expiresAt = end })).ShouldBe(201)["key"]!);
        var endless = (await app.Admin.Post(path + "/api-keys", new { name = "endless" })).ShouldBe(201);

        var capped = (await ending.Post("/api/auth/token", new { lifetime = "PT1H" })).ShouldBe(200);
        var token = (await app.Caller((string)endless["key"]!).Post("/api/auth/token", new { lifetime = "PT5M" })).ShouldBe(200);
        var made = (await app.Caller((string)token["accessToken"]!).Post(path + "/api-keys", new { name = "by a token", scopes = new[] { "customers.read" } })).ShouldBe(201);

        ((DateTimeOffset)capped["expiresAt"]!).Should().Be(end);
        ((DateTimeOffset)made["expiresAt"]!).Should().Be((DateTimeOffset)token["expiresAt"]!);
        (await app.Caller((string)token["accessToken"]!).Post($"{path}/api-keys/{endless["id"]}/roll", new { gracePeriod = "PT0S" })).ShouldBeRefused(403, "forbidden");
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        (await app.Caller((string)made["key"]!).Get(path)).ShouldBeRefused(401, "key-expired");
        (await app.Caller((string)endless["key"]!).Get(path)).ShouldBe(200);
    }

    [Fact]
    public async Task A_value_in_its_grace_reads_and_writes_but_makes_rolls_and_revokes_nothing()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{id}";
        var key = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var account = await app.CreateServiceAccount(id);
        var rolled = (await app.Admin.Post($"{path}/api-keys/{key["id"]}/roll", "{}")).ShouldBe(200);
        var old = app.Caller((string)key["key"]!);
        var token = app.Caller((string)(await old.Post("/api/auth/token", "{}")).ShouldBe(200)["accessToken"]!);
        var refused = new List<string>();

        foreach (var route in PolicyTests.Routes(await app.Description).Where(route => route.Method != "GET" && route.Permission is { } permission && Permissions.RolesFor(permission).Contains(Role.CustomerKey)))
        {
            var called = route.Path.Replace("{customerId}", id, StringComparison.Ordinal).Replace("{keyId}", (string)key["id"]!, StringComparison.Ordinal).Replace("{serviceAccountId}", (string)account["id"]!, StringComparison.Ordinal);
            foreach (var holder in route.Permission == Permission.TokensExchange ? new[] { old } : [old, token])
            {
                var answer = await holder.Send(new HttpMethod(route.Method), called, route.Method == "DELETE" ? null : "{}", contentType: route.Method == "PATCH" ? "application/merge-patch+json" : "application/json");
                if (StillWritten.Contains($"{route.Method} {route.Path}")) { answer.Status.Should().NotBe(403, "{0} {1}: {2}", route.Method, route.Path, answer.Body); continue; }
                answer.ShouldBeRefused(403, "key-in-grace");
                refused.Add(route.Path);
            }
        }

        refused.Should().Contain([$"/api/customers/{{customerId}}/api-keys/{{keyId}}/roll", "/api/customers/{customerId}/service-accounts/{serviceAccountId}/rotate"]);
        (await old.Get(path)).ShouldBe(200);
        (await old.Patch(path, new { displayName = "Still here" }, "*")).ShouldBe(200);
        (await app.Caller((string)rolled["key"]!).Post(path + "/api-keys", new { name = "next" })).ShouldBe(201);
    }

    [Fact]
    public async Task Who_has_lost_the_answer_of_rolling_his_own_key_gets_it_by_asking_again()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (await app.Admin.Post(path + "/api-keys", new { name = "ci" })).ShouldBe(201);
        var holder = app.Caller((string)key["key"]!);

        var first = (await Roll()).ShouldBe(200);
        var again = (await Roll()).ShouldBe(200);

        ((string)again["key"]!).Should().Be((string)first["key"]!);

        Task<Answer> Roll()
        {
            var request = new HttpRequestMessage(HttpMethod.Post, holder.Url($"{path}/api-keys/{key["id"]}/roll")) { Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json") };
            request.Headers.TryAddWithoutValidation("Idempotency-Key", "\"roll-my-own\"");
            return holder.Send(request);
        }
    }

    [Fact]
    public async Task Over_http_no_chain_of_keys_rolls_and_tokens_gets_further_than_it_began()
    {
        var app = await App.Shared;
        var seed = int.TryParse(Environment.GetEnvironmentVariable("MADE_BY_KEYS_SEED"), out var given) ? given : Random.Shared.Next();
        var dice = new Random(seed);
        var began = await app.Cloud.Now();
        TimeSpan?[] ends = [null, null, TimeSpan.FromMinutes(30), TimeSpan.FromHours(2), TimeSpan.FromDays(2), TimeSpan.FromDays(40)];
        string[]?[] confinements = [null, ["apiKeys.read", "apiKeys.write", "tokens.exchange"], ["apiKeys.write", "tokens.exchange"], ["apiKeys.write"]];
        string[]?[] places = [null, null, ["127.0.0.0/8"], ["127.0.0.1/32"]];
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var made = 0;
        for (var history = 0; history < 40; history++)
        {
            var first = (await app.Admin.Post(path + "/api-keys", Wish())).ShouldBe(201);
            var chain = new List<Link> { Of(first) };
            for (var step = 0; step < 8; step++)
            {
                var maker = chain[dice.Next(chain.Count)];
                var other = chain[dice.Next(chain.Count)];
                var answer = dice.Next(3) switch
                {
                    0 => await maker.Api.Post(path + "/api-keys", Wish()),
                    1 => await maker.Api.Post($"{path}/api-keys/{other.KeyId}/roll", new { gracePeriod = "P7D" }),
                    _ => await maker.Api.Post("/api/auth/token", new { lifetime = "PT1H" }),
                };
                answer.Status.Should().BeOneOf([200, 201, 403, 409], "seed {0}: {1}", seed, answer.Body);
                if (answer.Status >= 300) { continue; }
                var got = answer["accessToken"] is null ? Of(answer) : Of(answer) with { KeyId = maker.KeyId, Networks = maker.Networks };
                (got.EndsAt ?? DateTimeOffset.MaxValue).Should().BeOnOrBefore(maker.EndsAt ?? DateTimeOffset.MaxValue, "seed {0}: {1}", seed, answer.Body);
                if (maker.Scopes is { } scopes) { got.Scopes.Should().NotBeNull().And.BeSubsetOf(scopes, "seed {0}", seed); }
                Networks.AreWithin(Networks.Parse(got.Networks), Networks.Parse(maker.Networks)).Should().BeTrue("seed {0}: {1}", seed, answer.Body);
                chain.Add(got);
                made++;
            }
        }
        made.Should().BeGreaterThan(40, "seed {0}", seed);

        object Wish() => new { name = "made", expiresAt = began + Any(ends), scopes = Any(confinements), networks = Any(places) };
        T Any<T>(T[] from) => from[dice.Next(from.Length)];
        Link Of(Answer answer) => new(
            app.Caller((string)(answer["key"] ?? answer["accessToken"])!), (string?)answer["id"] ?? "", (DateTimeOffset?)answer["expiresAt"], Texts(answer, "scopes"), Texts(answer, "networks"));
        static string[]? Texts(Answer answer, string field) => answer[field]?.AsArray().Select(text => (string)text!).ToArray();
    }

    /// <summary>A value or token that was handed out, and what its answer said of it.</summary>
    private sealed record Link(Api Api, string KeyId, DateTimeOffset? EndsAt, string[]? Scopes, string[]? Networks);

    private static async Task<DateTimeOffset> InWholeSeconds(App app, TimeSpan from) => DateTimeOffset.FromUnixTimeSeconds((await app.Cloud.Now() + from).ToUnixTimeSeconds());
}
