namespace CustomerFunctions.Tests.SignIn;

/// <summary>However a mailbox is written, it is one: é as one or two code points, a domain as U-labels or as A-labels, a local part in any case.</summary>
public sealed class OneMailboxTests
{
    [Fact]
    public async Task A_mailbox_has_one_account_and_signs_in_in_every_spelling()
    {
        var app = await App.Shared;
        var id = Guid.NewGuid().ToString("N");
        var spellings = Spellings(id);
        (await app.Admin.Post("/api/accounts", new { email = spellings[0], name = "Ada Lovelace", password = Person.FirstPassword })).ShouldBe(201);

        foreach (var spelling in spellings)
        {
            (await new Person(app, spelling).SignIn()).ShouldBe(200);
            (await app.Admin.Post("/api/accounts", new { email = spelling, name = "Eve" })).ShouldBeRefused(409, "email-taken");
            (await app.Admin.Get($"/api/accounts?email={Uri.EscapeDataString(spelling)}")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(1, spelling);
        }
    }

    [Fact]
    public async Task A_mailbox_is_of_one_customer_in_every_spelling()
    {
        var app = await App.Shared;
        var spellings = Spellings(Guid.NewGuid().ToString("N"));
        await app.CreateCustomer(spellings[0]);

        foreach (var spelling in spellings) { (await app.Admin.Post("/api/customers", new { name = "Eve", email = spelling })).ShouldBeRefused(409, "email-taken"); }
    }

    [Fact]
    public async Task Another_invitation_of_the_same_mailbox_takes_the_place_of_the_first()
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        // The budget of mails to one mailbox is three.
        foreach (var spelling in Spellings(Guid.NewGuid().ToString("N"))[1..4]) { (await owner.Api.Post($"{customer}/invitations", new { email = spelling, role = "viewer" })).ShouldBe(201); }

        (await owner.Api.Get($"{customer}/invitations")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(1);
    }

    [Fact]
    public async Task Failures_in_every_spelling_count_for_one_budget()
    {
        var app = await App.Shared;
        var id = Guid.NewGuid().ToString("N");
        foreach (var spelling in Spellings(id).Take(5)) { (await new Person(app, spelling).SignIn("wrong")).ShouldBeRefused(401, "sign-in-failed"); }

        (await new Person(app, Spellings(id)[2]).SignIn("wrong")).ShouldBeRefused(429, "too-many-attempts");
    }

    [Theory]
    [InlineData(".a@x.example", 400)]
    [InlineData("a.@x.example", 400)]
    [InlineData("a..b@x.example", 400)]
    [InlineData("a@xn--zzzzzz.example", 400)]
    [InlineData("\"quoted user\"@{0}.example", 201)]
    public async Task Syntax_is_that_of_RFC_5321(string email, int status)
    {
        var app = await App.Shared;

        var answer = await app.Admin.Post("/api/customers", new { name = "Ada", email = email.Replace("{0}", "x" + Guid.NewGuid().ToString("N"), StringComparison.Ordinal) });

        if (status == 400) { answer.ShouldBeRefused(400, "invalid-request", "/email"); } else { answer.ShouldBe(status); }
    }

    private static string[] Spellings(string id) =>
        [$"rené{id}@müller.example", $"rene\u0301{id}@müller.example", $"rené{id}@xn--mller-kva.example", $"RENÉ{id}@MU\u0308LLER.example", $" \"rené{id}\"@müller.example ", $"René{id}@XN--MLLER-KVA.EXAMPLE"];
}
