using System.Net;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.Tests.RateLimits;

public sealed class SignInBudgetsTests : IAsyncLifetime
{
    private LimiterInstances instances = null!;

    public async Task InitializeAsync()
    {
        instances = await LimiterInstances.Shared;
        // Whatever the test before has used up is whole again.
        instances.Clock.Advance(TimeSpan.FromHours(2));
    }

    public Task DisposeAsync() => instances.Cloud.ClearFaults();

    [Fact]
    public async Task The_sixth_failure_in_a_quarter_of_an_hour_is_refused_until_the_first_is_that_old()
    {
        for (var i = 0; i < 5; i++)
        {
            (await instances.Fail("ada@example.com", "192.0.2.1", instance: i % 4)).Should().BeNull();
            instances.Clock.Advance(TimeSpan.FromMinutes(1));
        }
        var refusal = await instances.Fail("ada@example.com", "192.0.2.1", instance: 1);
        refusal!.StatusCode.Should().Be(429);
        refusal.RetryAfter.Should().Be(TimeSpan.FromMinutes(10));
        refusal.Limit!.PolicyText.Should().Be("\"login\";q=5;w=900");
        refusal.Limit.Text.Should().Be("\"login\";r=0;t=600");

        (await instances.Fail("ada@example.com", "192.0.2.2", instance: 1)).Should().BeNull("another address has a budget of its own");
        instances.Clock.Advance(TimeSpan.FromMinutes(10));
        (await instances.Fail("ada@example.com", "192.0.2.1", instance: 1)).Should().BeNull();
        (await instances.Fail("ada@example.com", "192.0.2.1", instance: 2)).Should().NotBeNull();
    }

    [Fact]
    public async Task Guesses_at_one_moment_on_four_instances_are_no_more_than_the_limit()
    {
        for (var round = 0; round < 10; round++)
        {
            var identifier = $"person{round}@example.com";
            var refusals = await Task.WhenAll(Enumerable.Range(0, 60).Select(i => Task.Run(() => instances.Fail(identifier, $"198.51.100.{round}", instance: i % 4))));
            refusals.Count(refusal => refusal is null).Should().Be(5, "in round {0}", round);
        }
    }

    [Fact]
    public async Task An_attack_over_many_windows_never_gets_more_than_the_limit_in_any_of_them()
    {
        var random = new Random(20261121);
        var allowed = new List<(DateTimeOffset At, string Address)>();
        for (var i = 0; i < 400; i++)
        {
            var address = $"203.0.113.{random.Next(6)}";
            if (await instances.Fail("victim@example.com", address, random.Next(4)) is null) { allowed.Add((instances.Clock.GetUtcNow(), address)); }
            instances.Clock.Advance(TimeSpan.FromSeconds(random.Next(30)));
        }
        foreach (var (begin, _) in allowed)
        {
            var window = allowed.Where(one => one.At >= begin && one.At < begin + TimeSpan.FromMinutes(15)).ToList();
            window.Should().HaveCountLessThanOrEqualTo(10);
            window.GroupBy(one => one.Address).Should().OnlyContain(group => group.Count() <= 5);
        }
        allowed.Should().HaveCountGreaterThan(40, "the budget comes back with time");
    }

    [Fact]
    public async Task Many_addresses_against_one_account_are_stopped_and_its_owner_still_gets_in()
    {
        var guesses = 0;
        for (var i = 0; i < 300; i++) { guesses += await instances.Fail("owner@example.com", $"10.1.{i / 250}.{i % 250}", i % 4) is null ? 1 : 0; }

        guesses.Should().Be(10);
        (await instances.Fail("owner@example.com", "192.0.2.7", isKnownDevice: true)).Should().BeNull("a known device has budgets of its own");
        (await instances.Fail("owner@example.com", "10.1.0.1", isKnownDevice: true)).Should().BeNull("wherever it is");
    }

    [Fact]
    public async Task One_address_against_many_accounts_is_stopped_and_others_still_get_in()
    {
        var guesses = 0;
        for (var i = 0; i < 300; i++) { guesses += await instances.Fail($"somebody{i}@example.com", "192.0.2.66", i % 4) is null ? 1 : 0; }

        guesses.Should().BeInRange(70, 100, "each instance may have taken permits that another could have used");
        var refusal = await instances.Fail("one.more@example.com", "192.0.2.66");
        refusal!.Limit!.Policy.Should().Be("login-address");
        (await instances.Fail("owner@example.com", "192.0.2.66", isKnownDevice: true)).Should().BeNull();
        (await instances.Fail("owner@example.com", "192.0.2.67")).Should().BeNull();
    }

    [Fact]
    public async Task An_attack_that_is_refused_already_asks_nothing_of_the_store()
    {
        for (var i = 0; i < 5; i++) { await instances.Fail("ada@example.com", "192.0.2.1"); }
        await instances.Fail("ada@example.com", "192.0.2.1");

        // The address's permits are still handed out, a block at a time.
        (await instances.Requests(async () => { for (var i = 0; i < 20; i++) { await instances.Fail("ada@example.com", "192.0.2.1"); } })).Should().BeLessThanOrEqualTo(3);
    }

    [Fact]
    public async Task A_sign_in_takes_at_most_two_requests_for_its_limits()
    {
        await instances.Fail("first@example.com", "192.0.2.1");

        for (var i = 0; i < 25; i++) { (await instances.Requests(() => instances.Fail($"never.seen{i}@example.com", "192.0.2.1"))).Should().BeLessThanOrEqualTo(2); }
        (await instances.Requests(() => instances.Fail("first@example.com", "192.0.2.1"))).Should().BeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Successes_do_not_count()
    {
        var address = IPAddress.Parse("192.0.2.1");
        var successes = new List<DateTimeOffset>();
        for (var i = 0; i < 200; i++)
        {
            var (attempt, refusal) = await instances.SignIn[i % 4].TryEnter("busy@example.com", address, isKnownDevice: false, _ => Task.FromResult<IReadOnlyList<DateTimeOffset>>(successes), default);
            refusal.Should().BeNull("sign-in {0} follows successes only", i);
            attempt!.Succeeded();
            successes.Add(attempt.At);
            instances.Clock.Advance(TimeSpan.FromMilliseconds(500));
        }
        Task<(SignInAttempt? Attempt, CustomerFunctions.Edge.Problem? Refusal)> Fail(int instance) => instances.SignIn[instance].TryEnter("busy@example.com", address, false, _ => Task.FromResult<IReadOnlyList<DateTimeOffset>>(successes), default);
        for (var i = 0; i < 5; i++) { (await Fail(i % 4)).Refusal.Should().BeNull("failure {0} is within the limit", i); }
        for (var i = 0; i < 8; i++) { (await Fail(i % 4)).Refusal.Should().NotBeNull("five have failed"); }
    }

    [Fact]
    public async Task An_identifier_and_an_address_never_stand_in_the_store()
    {
        await instances.Fail("secret.person@example.com", "192.0.2.123");
        using var data = new StoredData(instances.Cloud);
        var documents = string.Join('\n', (await data.All("control")).Select(document => document.ToJsonString()));

        documents.Should().Contain("attempts:login:").And.NotContain("secret.person").And.NotContain("192.0.2.123");
    }

    [Theory]
    [InlineData("unavailable")]
    [InlineData("reset")]
    public async Task While_the_store_is_down_every_instance_holds_the_limits_by_itself(string kind)
    {
        for (var i = 0; i < 3; i++) { (await instances.Fail("ada@example.com", "192.0.2.1")).Should().BeNull(); }
        await instances.Cloud.Fault(new { service = "cosmos", kind, share = 1.0, seconds = 300 });

        for (var i = 0; i < 2; i++) { (await instances.Fail("ada@example.com", "192.0.2.1")).Should().BeNull("three of five were used"); }
        (await instances.Fail("ada@example.com", "192.0.2.1"))!.StatusCode.Should().Be(429);
        (await instances.Fail("new@example.com", "192.0.2.1")).Should().BeNull("an outage of the store is no outage of the limits");

        await instances.Cloud.ClearFaults();
        instances.Clock.Advance(TimeSpan.FromMinutes(1));
        (await instances.Fail("ada@example.com", "192.0.2.1"))!.StatusCode.Should().Be(429, "what was allowed meanwhile counts");
    }

    [Theory]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2:ffff::1", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void An_address_is_counted_with_those_that_one_party_has(string one, string other, bool isSame) =>
        (SignInBudgets.Source(IPAddress.Parse(one)) == SignInBudgets.Source(IPAddress.Parse(other))).Should().Be(isSame);
}
