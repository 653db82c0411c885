using System.Globalization;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.SignIn;

/// <summary>Somebody guesses passwords, on every instance in turn. The guessing is stopped and the owner is not.</summary>
public sealed class AttackTests
{
    [Fact]
    public async Task Many_addresses_together_guess_less_than_ten_times_at_one_account_and_its_owner_still_gets_in()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var owner = await Person.SignedUp(app);
        var device = (string)owner.Tokens["deviceToken"]!;
        var urls = new[] { await app.UrlOf(0), await app.UrlOf(1) };

        var guesses = await Task.WhenAll(Enumerable.Range(1, 60).Select(i => SignIn(app, urls[i % 2], Address("203.0.113", i), owner.Email, $"guess {i}")));

        guesses.Count(answer => answer.Status == 401).Should().Be(9, "strangers have ten attempts in a window, and the owner's own from a device that was not known yet was the first");
        foreach (var refused in guesses.Where(answer => answer.Status != 401))
        {
            refused.ShouldBe(429);
            refused.Headers.RetryAfter!.Delta!.Value.Should().BePositive();
        }
        (await SignIn(app, urls[0], "198.51.100.1", owner.Email, Person.FirstPassword)).ShouldBe(429);
        (await SignIn(app, urls[1], "198.51.100.2", owner.Email, Person.FirstPassword, device)).ShouldBe(200);

        await app.Cloud.Advance(TimeSpan.FromMinutes(16));
        (await SignIn(app, urls[0], "198.51.100.1", owner.Email, Person.FirstPassword)).ShouldBe(200);
    }

    [Fact]
    public async Task One_address_guesses_a_hundred_times_whoever_it_tries_and_everybody_elses_address_goes_on()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var person = await Person.SignedUp(app);
        var urls = new[] { await app.UrlOf(0), await app.UrlOf(1) };

        // Nobody has these addresses; known and unknown ones count alike.
        var guesses = await Task.WhenAll(Enumerable.Range(0, 2).Select(async instance =>
        {
            var statuses = new List<int>();
            for (var i = 0; i < 70; i++) { statuses.Add((await SignIn(app, urls[instance], "203.0.113.66", App.NewEmail(), "guess")).Status); }
            return statuses;
        }));

        guesses.SelectMany(each => each).Count(status => status == 401).Should().BeLessThanOrEqualTo(100).And.BeGreaterThan(80, "the budget is given out in blocks of ten");
        guesses.Should().AllSatisfy(each => each[^1].Should().Be(429));
        (await SignIn(app, urls[1], "203.0.113.66", person.Email, Person.FirstPassword)).ShouldBe(429);
        (await SignIn(app, urls[1], "203.0.113.67", person.Email, Person.FirstPassword)).ShouldBe(200);
    }

    private static string Address(string network, int host) => string.Create(CultureInfo.InvariantCulture, $"{network}.{host}");

    private static Task<Answer> SignIn(App app, string url, string address, string email, string password, string? deviceToken = null)
    {
        var body = new JsonObject { ["email"] = email, ["password"] = password, ["deviceToken"] = deviceToken };
        var request = new HttpRequestMessage(HttpMethod.Post, url + "/api/auth/sign-in") { Content = new ByteArrayContent(System.Text.Encoding.UTF8.GetBytes(body.ToJsonString())) };
        request.Content.Headers.ContentType = new("application/json");
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        return app.Caller(key: null).Send(request);
    }
}
