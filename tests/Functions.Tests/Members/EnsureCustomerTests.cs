namespace CustomerFunctions.Tests.Members;

public sealed class EnsureCustomerTests
{
    [Fact]
    public async Task A_hundred_first_requests_at_once_make_one_customer()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var person = await Person.SignedUp(app);
        var path = $"/api/accounts/{await person.Id()}/customers";
        var at = new[] { await app.CallerOf(0, person.AccessToken), await app.CallerOf(1, person.AccessToken) };

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Persistent(() => at[i % 2].Post(path))));

        answers.Select(answer => (string)answer["customerId"]!).Distinct().Should().ContainSingle();
        answers.Should().OnlyContain(answer => answer.Status == 200 || answer.Status == 201);
        (await app.Data.All("customers")).Where(document => (string?)document["type"] == "customer" && (string?)document["email"] == person.Email).Should().ContainSingle();
        var listed = (await person.Api.Get(path)).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((string?)listed["role"]).Should().Be("owner");
        ((bool?)listed["isDefault"]).Should().BeTrue();
    }

    [Fact]
    public async Task A_customer_with_the_confirmed_address_is_joined_and_not_doubled()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var existing = await app.CreateCustomer(person.Email);
        var path = $"/api/accounts/{await person.Id()}/customers";

        var joined = (await person.Api.Post(path)).ShouldBe(200);

        ((string?)joined["customerId"]).Should().Be((string?)existing["id"]);
        ((string?)joined["role"]).Should().Be("owner", "nobody was there");
        (await person.Api.Post(path)).ShouldBe(200)["customerId"]!.ToString().Should().Be((string?)existing["id"]);
    }

    [Fact]
    public async Task Somebody_elses_account_is_not_there()
    {
        var app = await App.Shared;
        var (mine, other) = (await Person.SignedUp(app), await Person.SignedUp(app));
        var path = $"/api/accounts/{await other.Id()}/customers";

        (await mine.Api.Post(path)).ShouldBeRefused(404, "not-found");
        (await mine.Api.Get(path)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(path)).ShouldBe(200);
    }

    /// <summary>Does what a 503 says: comes again.</summary>
    private static async Task<Answer> Persistent(Func<Task<Answer>> call)
    {
        Answer answer;
        do { answer = await call(); } while (answer.Status == 503);
        return answer;
    }
}
