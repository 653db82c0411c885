using CustomerFunctions.SignIn;
using FsCheck.Fluent;
using Session = CustomerFunctions.SignIn.Session;

namespace CustomerFunctions.Tests.SignIn;

/// <summary>Sessions through HTTP, and the rule of refresh tokens against every order in which they can be presented.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task A_refresh_token_is_good_once_and_an_old_one_ends_the_session()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var first = (string)person.Tokens["refreshToken"]!;
        (await person.Refresh()).ShouldBe(200);
        (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromSeconds(31));

        (await person.Refresh(first)).ShouldBeRefused(401, "token-reused");

        (await person.Refresh()).ShouldBeRefused(401, "session-over");
        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task Tabs_that_refresh_at_once_all_get_the_same_next_token()
    {
        var person = await Person.SignedUp(await App.Shared);
        var token = (string)person.Tokens["refreshToken"]!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => person.Refresh(token)));

        answers.Should().OnlyContain(answer => answer.Status == 200);
        answers.Select(answer => (string?)answer["refreshToken"]).Distinct().Should().HaveCount(1);
        (await person.Refresh()).ShouldBe(200);
    }

    [Fact]
    public async Task Access_tokens_last_a_quarter_of_an_hour_and_sessions_a_day_without_use()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await app.Cloud.Advance(TimeSpan.FromMinutes(14));
        (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "token-expired");
        (await person.Refresh()).ShouldBe(200);

        await app.Cloud.Advance(TimeSpan.FromHours(24));

        (await person.Refresh()).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task What_was_not_issued_here_is_no_token()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        foreach (var token in new[] { "cfa_", "cfa_AAAA", person.AccessToken + "A", "cfa_" + ((string)person.Tokens["refreshToken"]!)[4..], (string)person.Tokens["refreshToken"]! })
        {
            (await app.Caller(token).Get("/api/auth/me")).ShouldBeRefused(401, "unauthenticated");
        }
        (await person.Refresh("cfr_" + person.AccessToken[4..])).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task Sessions_are_listed_and_ended_one_by_one_and_all_at_once()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var first = person.Api;
        (await person.SignIn()).ShouldBe(200);
        var list = (await person.Api.Get("/api/auth/sessions")).ShouldBe(200)["value"]!.AsArray();
        list.Should().HaveCount(2);
        var other = (string)list.Single(session => !(bool)session!["isCurrent"]!)!["id"]!;

        (await person.Api.Delete($"/api/auth/sessions/{other}")).ShouldBe(204);

        (await first.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.Api.Delete($"/api/auth/sessions/{other}")).ShouldBeRefused(404, "not-found");
        (await person.Api.Post("/api/auth/sign-out-everywhere")).ShouldBe(204);
        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
        (await person.Refresh()).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task Signing_out_ends_the_session()
    {
        var person = await Person.SignedUp(await App.Shared);
        (await person.Api.Post("/api/auth/sign-out")).ShouldBe(204);
        (await person.Api.Get("/api/auth/me")).ShouldBeRefused(401, "session-over");
    }

    [Fact]
    public async Task Two_instances_that_start_at_once_open_each_others_tokens()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var person = new Person(app, App.NewEmail());
        (await app.Admin.Post("/api/accounts", new { email = person.Email, name = "Ada Lovelace", password = Person.FirstPassword })).ShouldBe(201);
        var callers = await Task.WhenAll(app.CallerOf(0, key: null), app.CallerOf(1, key: null));

        var answers = await Task.WhenAll(callers.Select(caller => SignInAt(caller, person.Email)));

        foreach (var token in answers.Select(answer => (string)answer["accessToken"]!))
        {
            foreach (var instance in new[] { 0, 1 }) { (await (await app.CallerOf(instance, token)).Get("/api/auth/me")).ShouldBe(200); }
        }
    }

    [Fact]
    public void Only_the_newest_token_of_a_family_is_ever_exchanged() => Generated.Check(
        Gen.Choose(0, 6).ArrayOf(),
        presented =>
        {
            var now = DateTimeOffset.UnixEpoch;
            var session = new Session("ses_1", 0, "", "", now, now, false, null, null);
            foreach (var age in presented)
            {
                now += TimeSpan.FromSeconds(20);
                var generation = session.Generation - age;
                var verdict = SessionRules.Judge(session, generation, generation == session.Generation, isStaff: false, now);
                verdict.Should().Be(age == 0 ? RefreshVerdict.Current : age == 1 && now - session.RefreshedAt < SessionRules.Grace ? RefreshVerdict.JustReplaced : RefreshVerdict.Reused);
                if (verdict == RefreshVerdict.Current) { session = session with { Generation = session.Generation + 1, RefreshedAt = now }; }
            }
        });

    /// <summary>Two who sign in to one account at once: whoever comes second is asked to try again.</summary>
    private static async Task<Answer> SignInAt(Api caller, string email)
    {
        var answer = await caller.Post("/api/auth/sign-in", new { email, password = Person.FirstPassword });
        return answer.Status == 503 ? (await caller.Post("/api/auth/sign-in", new { email, password = Person.FirstPassword })).ShouldBe(200) : answer.ShouldBe(200);
    }
}
