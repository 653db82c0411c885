using System.Text;
using System.Text.Json;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Tests.Edge;

public sealed class IdempotencyTests : IAsyncLifetime
{
    private static readonly Lazy<Task<App>> TwoInstances = new(() => App.StartWithoutSchedules("--instances", "2"));
    private App app = null!;

    public async Task InitializeAsync() => app = await TwoInstances.Value;

    public Task DisposeAsync() => app.Cloud.ClearFaults();

    [Fact]
    public async Task The_same_request_gets_the_same_answer_and_makes_nothing_more()
    {
        var (key, email) = (NewKey(), App.NewEmail());
        var first = (await Post(app.Admin, "/api/customers", new { name = "Ada", email }, key)).ShouldBe(201);
        var again = (await Post(app.Admin, "/api/customers", new { name = "Ada", email }, key)).ShouldBe(201);

        again.Body.Should().Be(first.Body);
        again.ETag.Should().Be(first.ETag);
        again.Headers.Location.Should().Be(first.Headers.Location);
        again.Headers.GetValues("Idempotency-Replayed").Should().Equal("true");
        first.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
        (await app.Data.CustomersWith(email)).Should().ContainSingle();
    }

    [Fact]
    public async Task The_value_of_an_API_key_is_given_again_and_stands_nowhere_in_clear()
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var (key, path) = (NewKey(), $"/api/customers/{customerId}/api-keys");
        var first = (await Post(app.Admin, path, new { name = "ci" }, key)).ShouldBe(201);
        var again = (await Post(app.Admin, path, new { name = "ci" }, key)).ShouldBe(201);

        var value = (string)first["key"]!;
        ((string?)again["key"]).Should().Be(value);
        again.Headers.CacheControl!.NoStore.Should().BeTrue();
        (await app.Caller(value).Get($"/api/customers/{customerId}")).ShouldBe(200);
        (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();
        var stored = string.Join('\n', (await app.Data.All("control")).Select(document => document.ToJsonString()));
        stored.Should().Contain("idempotency:").And.NotContain(value).And.NotContain(value[^40..]).And.NotContain(key);
    }

    [Fact]
    public async Task An_account_is_made_once()
    {
        var (key, email) = (NewKey(), App.NewEmail());
        var answers = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Post(app.Admin, "/api/accounts", new { email, name = "Ada", password = Person.FirstPassword }, key)));

        answers.Should().OnlyContain(answer => answer.Status == 201 || answer.Status == 409);
        var again = (await Post(app.Admin, "/api/accounts", new { email, name = "Ada", password = Person.FirstPassword }, key)).ShouldBe(201);
        (await app.Data.All("accounts")).Where(account => (string?)account["email"] == email).Select(account => (string?)account["id"]).Should().Equal((string?)again["id"]);
    }

    [Fact]
    public async Task Another_body_under_the_same_key_is_refused()
    {
        var key = NewKey();
        (await Post(app.Admin, "/api/customers", new { name = "Ada", email = App.NewEmail() }, key)).ShouldBe(201);
        (await Post(app.Admin, "/api/customers", new { name = "Ada", email = App.NewEmail() }, key)).ShouldBeRefused(422, "idempotency-key-reused");
    }

    [Fact]
    public async Task A_key_belongs_to_one_caller_and_one_route()
    {
        var key = NewKey();
        var (one, other) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);
        var caller = app.Caller(await app.CreateApiKey(one));

        var ids = new List<string>();
        foreach (var (api, customerId) in new[] { (app.Admin, one), (app.Admin, other), (caller, one) })
        {
            var answer = (await Post(api, $"/api/customers/{customerId}/api-keys", new { name = "ci" }, key)).ShouldBe(201);
            answer.Headers.Contains("Idempotency-Replayed").Should().BeFalse();
            ids.Add((string)answer["id"]!);
        }
        ids.Should().OnlyHaveUniqueItems();
    }

    [Theory]
    [InlineData("unquoted")]
    [InlineData("\"\"")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\", \"b\"")]
    [InlineData("\"open")]
    public async Task A_key_that_is_no_string_is_refused(string header) =>
        (await Post(app.Admin, "/api/customers", new { name = "Ada", email = App.NewEmail() }, header, quote: false)).ShouldBeRefused(400, "invalid-request");

    [Fact]
    public void A_key_has_at_most_255_characters()
    {
        Idempotency.Parse($"\"{new string('k', 255)}\"").Should().HaveLength(255);
        Idempotency.Parse($"\"{new string('k', 256)}\"").Should().BeNull();
    }

    [Fact]
    public async Task A_refused_request_keeps_no_answer()
    {
        var key = NewKey();
        var email = App.NewEmail();
        var holder = await app.CreateCustomer(email);
        (await Post(app.Admin, "/api/customers", new { name = "Ada", email }, key)).ShouldBeRefused(409, "email-taken");

        var read = (await app.Admin.Get($"/api/customers/{holder["id"]}")).ShouldBe(200);
        (await app.Admin.Patch($"/api/customers/{holder["id"]}", new { email = App.NewEmail() }, read.ETag)).ShouldBe(200);
        // A name that was given up is another's after a while.
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));

        (await Post(app.Admin, "/api/customers", new { name = "Ada", email }, key)).ShouldBe(201);
    }

    [Fact]
    public async Task Fifty_at_once_on_two_instances_execute_once()
    {
        var (key, email) = (NewKey(), App.NewEmail());
        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Post(app.Admin, "/api/customers", new { name = "Once", email }, key)));

        foreach (var answer in answers.Where(answer => answer.Status != 201))
        {
            answer.ShouldBeRefused(409, "idempotent-request-in-flight").Headers.RetryAfter!.Delta.Should().BePositive();
        }
        answers.Count(answer => answer.Status == 201 && !answer.Headers.Contains("Idempotency-Replayed")).Should().Be(1, "one executed, the others replay");
        answers.Where(answer => answer.Status == 201).Select(answer => answer.Body).Distinct().Should().ContainSingle();
        (await app.Data.CustomersWith(email)).Should().ContainSingle();
    }

    [Fact]
    public async Task After_a_day_the_key_is_forgotten()
    {
        await using var own = await App.StartWithoutSchedules();
        var (customerId, key) = ((string)(await own.CreateCustomer())["id"]!, NewKey());
        var path = $"/api/customers/{customerId}/api-keys";
        var first = (await Post(own.Admin, path, new { name = "ci" }, key)).ShouldBe(201);
        await own.Cloud.Advance(IdempotencyRecord.Life + TimeSpan.FromMinutes(1));

        ((string?)(await Post(own.Admin, path, new { name = "ci" }, key)).ShouldBe(201)["id"]).Should().NotBe((string?)first["id"]);
    }

    [Fact]
    public async Task A_trial_is_extended_once_although_the_answer_was_lost()
    {
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var before = (await app.Admin.Get(path)).ShouldBe(200)["trial"]!["endsAt"]!.GetValue<DateTimeOffset>();

        var trial = (await AgainAfterItsAnswerWasLost($"{path}/trial/extend", new { days = 7, units = 5, reason = "A slow start" })).ShouldBe(200)["trial"]!;

        (trial["endsAt"]!.GetValue<DateTimeOffset>(), (int)trial["unitsLimit"]!).Should().Be((before.AddDays(7), 15));
        (await app.Admin.Post($"{path}/trial/extend", new { days = 7, units = 5, reason = "A slow start" })).ShouldBe(200)["trial"]!["endsAt"]!.GetValue<DateTimeOffset>().Should().Be(before.AddDays(14), "that is another request");
    }

    [Fact]
    public async Task A_key_is_rolled_once_although_the_answer_was_lost()
    {
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var key = (await app.Admin.Post($"{path}/api-keys", new { name = "ci" })).ShouldBe(201);

        var rolled = (await AgainAfterItsAnswerWasLost($"{path}/api-keys/{key["id"]}/roll", new { })).ShouldBe(200);

        foreach (var value in new[] { key, rolled }) { (await app.Caller((string)value["key"]!).Get(path)).ShouldBe(200); }
        (await app.ReadDocument("customers", path.Split('/')[^1], (string)key["id"]!))["superseded"]!.AsArray().Should().ContainSingle("nobody has seen the value in between");
    }

    [Fact]
    public async Task A_key_of_a_service_account_is_rotated_once_although_the_answer_was_lost()
    {
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";
        var account = $"{path}/{(await app.Admin.Post(path, new { name = "deploy", kind = "apiCredential" })).ShouldBe(201)["id"]}";

        (await AgainAfterItsAnswerWasLost($"{account}/rotate", new { mode = "emergency", reason = "It was found in public" })).ShouldBe(202);

        (await app.Admin.Get($"{account}/keys")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(2);
    }

    /// <summary>What was asked for is done, and what came of it can be neither kept nor given. Then the same again.</summary>
    private async Task<Answer> AgainAfterItsAnswerWasLost(string path, object body)
    {
        var key = NewKey();
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation = "^PUT /dbs/customers/colls/control/docs/idempotency", seconds = 300, retryAfterMilliseconds = 20 });
        (await Post(app.Admin, path, body, key)).ShouldBe(503);
        await app.Cloud.ClearFaults();
        // Past the lease, which could not be given back.
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        return await Post(app.Admin, path, body, key);
    }

    internal static string NewKey() => Guid.NewGuid().ToString("N");

    internal static Task<Answer> Post(Api api, string path, object body, string key, bool quote = true)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, api.Url(path)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(body))) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", quote ? $"\"{key}\"" : key);
        return api.Send(request);
    }
}
