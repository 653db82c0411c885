using System.Diagnostics;

namespace CustomerFunctions.Tests.SignIn;

/// <summary>Nobody learns by the time of an answer who has an account. Distributions are compared, not single times: samples of both kinds taken in turn, so that the machine's moods hit both.</summary>
public sealed class EnumerationTests
{
    private const int Rounds = 30;

    [Fact]
    public async Task A_wrong_password_takes_as_long_as_an_address_that_nobody_has()
    {
        await using var app = await App.StartWithoutSchedules();
        var known = new List<string>();
        for (var i = 0; i < Rounds; i++) { known.Add((await Account(app)).Email); }

        await Compare(known, email => app.Caller(key: null).Post("/api/auth/sign-in", new { email, password = "not the password" }), 401);
    }

    [Fact]
    public async Task A_forgotten_password_takes_the_same_work_for_an_address_that_nobody_has()
    {
        await using var app = await App.StartWithoutSchedules();
        var known = (await Account(app)).Email;
        // What the first requests of their kind ask for once is asked for before anything is counted.
        await Asked(app, App.NewEmail());
        await Asked(app, (await Account(app)).Email);
        await Eventually.True(
            async () => (await app.Data.All("accounts")).All(document => (string?)document["type"] != "forgottenPassword" && document["mailDueAt"] is null),
            TimeSpan.FromSeconds(60), "those requests are dealt with");
        // What differs comes after the answer, and begins with this read.
        await app.Cloud.Fault(new { service = "cosmos", operation = LooksUp, kind = "latency", milliseconds = 20_000, count = 100, seconds = 300 });

        var ofUnknown = await Asked(app, App.NewEmail());
        var ofKnown = await Asked(app, known);

        ofKnown.Should().BeEquivalentTo(ofUnknown).And.NotBeEmpty();
    }

    [Fact]
    public async Task A_forgotten_password_is_mailed_though_the_instance_that_was_asked_dies()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Account(app);
        await app.Cloud.Fault(new { service = "cosmos", operation = LooksUp, kind = "kill", count = 1, seconds = 300 });
        await app.Cloud.Outlive(0, async () =>
        {
            (await app.Caller(key: null).Post("/api/auth/forgot-password", new { email = person.Email })).ShouldBe(202);
            await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, TimeSpan.FromSeconds(30), "the instance is killed");
        });

        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("SendMail");

        await person.LinkIn("reset-password");
        (await app.Data.All("accounts")).Should().NotContain(document => (string?)document["type"] == "forgottenPassword");
    }

    private const string LooksUp = "^GET /dbs/customers/colls/directory/docs/account-email";

    /// <summary>What a request for a new password asks of the services before it is answered.</summary>
    private static async Task<Dictionary<string, long>> Asked(App app, string email)
    {
        await app.Cloud.ResetRequests();
        (await app.Caller(key: null).Post("/api/auth/forgot-password", new { email })).ShouldBe(202);
        return (await app.Cloud.RequestsByOperation()).SelectMany(service => service.Value!.AsObject().Select(operation => ($"{service.Key} {operation.Key}", (long)operation.Value!)))
            .Where(operation => !operation.Item1.Contains("GET /dbs/customers/colls/directory/", StringComparison.Ordinal)).ToDictionary();
    }

    private static async Task Compare(List<string> known, Func<string, Task<Answer>> call, int status)
    {
        // What is built on first use is built before anything is measured.
        for (var i = 0; i < 3; i++) { (await call(App.NewEmail())).ShouldBe(status); }
        var (ofKnown, ofUnknown) = (new List<double>(), new List<double>());
        foreach (var (index, email) in known.Index())
        {
            if (index % 2 == 0) { ofKnown.Add(await Time(email)); }
            ofUnknown.Add(await Time(App.NewEmail()));
            if (index % 2 == 1) { ofKnown.Add(await Time(email)); }
        }
        // The share of pairs in which the known address was slower: a half when there is nothing to tell. With 30 of each, noise alone stays within 0.3 to 0.7 in all but one of a hundred runs.
        var slower = ofKnown.SelectMany(_ => ofUnknown, (one, other) => one > other ? 1.0 : one < other ? 0.0 : 0.5).Average();
        slower.Should().BeInRange(0.25, 0.75, "medians were {0:0.0} ms and {1:0.0} ms", Median(ofKnown), Median(ofUnknown));

        async Task<double> Time(string email)
        {
            var began = Stopwatch.GetTimestamp();
            (await call(email)).ShouldBe(status);
            return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        }
    }

    private static double Median(List<double> times) => times.Order().ElementAt(times.Count / 2);

    private static async Task<Person> Account(App app)
    {
        var person = new Person(app, App.NewEmail());
        (await app.Admin.Post("/api/accounts", new { email = person.Email, name = "Ada Lovelace", password = Person.FirstPassword })).ShouldBe(201);
        return person;
    }
}
