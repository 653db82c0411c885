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
    public async Task A_person_whose_customer_was_closed_gets_another_and_me_names_only_what_can_be_had()
    {
        var app = await App.Shared;
        var (person, closed) = await Person.Owning(app);
        var path = $"/api/accounts/{await person.Id()}/customers";
        (await app.Admin.Delete(closed, "*")).ShouldBe(204);
        var me = (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        me["customers"]!.AsArray().Should().BeEmpty("nobody but staff can reach a closed customer");
        me.Object.Should().NotContainKey("defaultCustomerId");

        var made = (await person.Api.Post(path)).ShouldBe(201);

        ((string?)made["customerId"]).Should().NotBe(closed.Split('/')[^1]);
        (await person.Api.Get($"/api/customers/{made["customerId"]}")).ShouldBe(200)["email"]!.ToString().Should().Be(person.Email);
        (await person.Api.Post(path)).ShouldBe(200)["customerId"]!.ToString().Should().Be((string?)made["customerId"]);
        (await app.Admin.Post(closed + "/reopen")).ShouldBe(200);
        (await person.Api.Get("/api/auth/me"))["customers"]!.AsArray().Should().HaveCount(2, "it is open again");
    }

    [Fact]
    public async Task A_person_who_was_removed_from_the_own_customer_is_told_that_the_address_is_taken()
    {
        var app = await App.Shared;
        var (person, customer) = await Person.Owning(app);
        var other = await Person.SignedUp(app);
        (await app.Admin.Put($"{customer}/members/{await other.Id()}", new { role = "owner" })).ShouldBe(201);
        (await app.Admin.Delete($"{customer}/members/{await person.Id()}")).ShouldBe(204);

        (await person.Api.Post($"/api/accounts/{await person.Id()}/customers")).ShouldBeRefused(409, "email-taken");
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
