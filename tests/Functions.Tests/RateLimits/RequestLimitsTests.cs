using System.Globalization;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.RateLimits;

/// <summary>The limits as callers meet them: with their real figures, on four instances that share them.</summary>
public sealed class RequestLimitsTests : IAsyncLifetime
{
    private static readonly string[] RealFigures = ["--setting", "RateLimits__Factor=1"];
    private static readonly Lazy<Task<App>> Limited = new(() => App.StartWithoutSchedules([.. RealFigures, "--instances", "4"]));
    private App app = null!;

    public async Task InitializeAsync()
    {
        app = await Limited.Value;
        // To the beginning of a minute, with every budget whole.
        var now = await app.Cloud.Now();
        await app.Cloud.Advance(TimeSpan.FromHours(1) - TimeSpan.FromTicks(now.Ticks % TimeSpan.TicksPerMinute));
    }

    public Task DisposeAsync() => app.Cloud.ClearFaults();

    [Fact]
    public async Task Every_answer_to_a_caller_says_how_its_limit_stands()
    {
        var (customerId, key) = await NewKey();

        var first = (await key.Get($"/api/customers/{customerId}")).ShouldBe(200);
        var refused = (await key.Get("/api/customers")).ShouldBe(403);

        first.Headers.GetValues("RateLimit-Policy").Should().Equal("\"requests\";q=60;w=60");
        first.Headers.GetValues("RateLimit").Single().Should().MatchRegex("^\"requests\";r=5[0-9];t=([1-9]|[1-5][0-9]|60)$");
        refused.Headers.GetValues("RateLimit-Policy").Should().Equal("\"requests\";q=60;w=60");
    }

    [Fact]
    public async Task A_key_that_has_used_up_its_minute_waits_for_the_next()
    {
        var (customerId, _) = await NewKey();
        var key = await app.CallerOf(1, await app.CreateApiKey(customerId));

        var answers = await Ask(key, customerId, 75);
        answers.Count(answer => answer.Status == 200).Should().Be(60, "one instance counts exactly");
        var refusal = answers.First(answer => answer.Status != 200).ShouldBeRefused(429, "too-many-requests");
        refusal["violated-policies"]!.AsArray().Select(policy => (string)policy!).Should().Equal("requests");
        refusal.Headers.RetryAfter!.Delta!.Value.Should().BePositive().And.BeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
        refusal.Headers.GetValues("RateLimit").Single().Should().StartWith("\"requests\";r=0;t=" + ((int)refusal.Headers.RetryAfter.Delta.Value.TotalSeconds).ToString(CultureInfo.InvariantCulture));

        (await app.Caller(await app.CreateApiKey(customerId)).Get($"/api/customers/{customerId}")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        (await key.Get($"/api/customers/{customerId}")).ShouldBe(200);
    }

    [Fact]
    public async Task Instances_share_a_limit_but_for_half_a_block_each()
    {
        var (customerId, key) = await NewKey();

        var answers = await Ask(key, customerId, 200);

        answers.Count(answer => answer.Status == 200).Should().BeInRange(50, 60 + (3 * 3));
        answers.Should().OnlyContain(answer => answer.Status == 200 || answer.Status == 429);
    }

    [Fact]
    public async Task Whoever_asks_now_and_then_costs_the_store_nothing()
    {
        var (customerId, key) = await NewKey();
        await app.Cloud.ResetRequests();

        for (var minute = 0; minute < 3; minute++)
        {
            (await key.Get($"/api/customers/{customerId}")).ShouldBe(200);
            (await key.Get($"/api/customers/{customerId}")).ShouldBe(200);
            await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        }

        (await app.Cloud.RequestsByOperation())["cosmos"]!.AsObject().Select(operation => operation.Key).Should().NotContain(operation => operation.Contains("/colls/control/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_the_store_each_instance_holds_the_limit_by_itself()
    {
        var (customerId, _) = await NewKey();
        var key = await app.CallerOf(2, await app.CreateApiKey(customerId));
        await Ask(key, customerId, 2);
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", share = 1.0, seconds = 300, operation = "/colls/control/" });

        var answers = await Ask(key, customerId, 75);

        answers.Count(answer => answer.Status == 200).Should().BeInRange(50, 60);
        answers.Should().OnlyContain(answer => answer.Status == 200 || answer.Status == 429);
    }

    [Fact]
    public async Task Keys_are_not_made_or_rolled_faster_than_anybody_needs()
    {
        var (customerId, key) = await NewKey();
        var answers = new List<Answer>();
        for (var minute = 0; minute < 3; minute++)
        {
            for (var i = 0; i < 30; i++) { answers.Add(await key.Post($"/api/customers/{customerId}/api-keys", new { name = $"key {minute} {i}" })); }
            await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        }

        answers.Count(answer => answer.Status == 201).Should().BeInRange(40, 60);
        var refusal = answers.Last().ShouldBeRefused(429, "too-many-attempts");
        refusal.Headers.GetValues("RateLimit-Policy").Should().Equal("\"reveals\";q=60;w=900");
    }

    [Theory]
    [InlineData("from an address that is not allowed", 403, "address-not-allowed")]
    [InlineData("as a member without the right", 403, "forbidden")]
    [InlineData("in another's name", 403, "forbidden")]
    [InlineData("too often", 429, "too-many-attempts")]
    public async Task A_service_accounts_key_is_not_shown(string how, int status, string code)
    {
        var cloud = how == "too often" ? app : await App.Shared;
        var account = await RotatedAccount.Create(cloud, RotatedAccount.ApiCredential);
        var (owner, customer, reveal) = (await Person.SignedUp(cloud), $"/api/customers/{account.CustomerId}", account.Path + "/keys/current/reveal");
        (await cloud.Admin.Put($"{customer}/members/{await owner.Id()}", new { role = "owner" })).ShouldBe(201);
        ((string?)(await owner.Api.Post(reveal)).ShouldBe(200)["value"]).Should().Be((await account.Current()).Value);

        var answer = await (how switch
        {
            "from an address that is not allowed" => FromElsewhere(),
            "as a member without the right" => AsMember(),
            "in another's name" => InTheOwnersName(),
            _ => TooOften(),
        });

        answer.ShouldBeRefused(status, code).Body.Should().NotContain((await account.Current()).Value);

        async Task<Answer> FromElsewhere()
        {
            (await cloud.Admin.Put($"{customer}/ip-rules", new { networks = new[] { "203.0.113.0/24" } }, (await cloud.Admin.Get($"{customer}/ip-rules")).ETag)).ShouldBe(200);
            return await owner.Api.Post(reveal);
        }

        async Task<Answer> AsMember()
        {
            var member = await Person.SignedUp(cloud);
            (await cloud.Admin.Put($"{customer}/members/{await member.Id()}", new { role = "member" })).ShouldBe(201);
            return await member.Api.Post(reveal);
        }

        async Task<Answer> InTheOwnersName()
        {
            var staff = await Person.Staff(cloud, "operator");
            await staff.SetUpSecondFactor();
            var begun = (await staff.Api.Post($"/api/accounts/{await owner.Id()}/impersonate", new { reason = "ticket 4711: cannot see keys" })).ShouldBe(200);
            return await cloud.Caller((string)begun["accessToken"]!).Post(reveal);
        }

        async Task<Answer> TooOften()
        {
            for (var asked = 1; asked < 75; asked++)
            {
                // The limit of all requests would come first.
                if (asked % 25 == 0) { await cloud.Cloud.Advance(TimeSpan.FromMinutes(1)); }
                if (await owner.Api.Post(reveal) is { Status: not 200 } refusal) { return refusal; }
            }
            throw new InvalidOperationException("It was shown each time.");
        }
    }

    private async Task<(string CustomerId, Api Key)> NewKey()
    {
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        return (customerId, app.Caller(await app.CreateApiKey(customerId)));
    }

    /// <summary>Asks a few at a time, so that all is over well within the minute.</summary>
    private static async Task<List<Answer>> Ask(Api key, string customerId, int times)
    {
        var answers = new List<Answer>();
        foreach (var batch in Enumerable.Range(0, times).Chunk(8)) { answers.AddRange(await Task.WhenAll(batch.Select(_ => key.Get($"/api/customers/{customerId}")))); }
        return answers;
    }
}
