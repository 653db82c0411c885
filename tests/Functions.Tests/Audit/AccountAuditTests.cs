using System.Text.Json.Nodes;
using CustomerFunctions.Audit;

namespace CustomerFunctions.Tests.Audit;

/// <summary>What becomes of an account, and who comes in, is in the account's own log.</summary>
public sealed class AccountAuditTests
{
    [Fact]
    public async Task An_account_from_registration_to_the_end_is_in_its_log_and_nothing_in_there_says_who_it_is_or_how_to_get_in()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = new Person(app, App.NewEmail());
        await person.Register();
        await person.Confirm();
        (await person.SignIn("not the password")).ShouldBeRefused(401, "sign-in-failed");
        (await person.SignIn()).ShouldBe(200);
        var id = await person.Id();
        var me = await person.Api.Get("/api/auth/me");
        (await person.Api.Patch("/api/auth/me", new { name = "Countess", phone = "+4930123456" }, me.ETag)).ShouldBe(200);
        const string NewPassword = "a staple for horses and batteries";
        (await person.Api.Post("/api/auth/change-password", new { currentPassword = Person.FirstPassword, newPassword = NewPassword })).ShouldBe(204);
        var key = await person.SetUpSecondFactor();
        (await person.Api.Delete("/api/auth/second-factor")).ShouldBe(204);
        (await person.Api.Post("/api/auth/sign-out")).ShouldBe(204);
        (await app.Admin.Patch($"/api/accounts/{id}", new { role = "operator" }, "*")).ShouldBe(200);
        (await app.Admin.Patch($"/api/accounts/{id}", new { disabled = true }, "*")).ShouldBe(200);
        (await app.Admin.Patch($"/api/accounts/{id}", new { disabled = false }, "*")).ShouldBe(200);
        var trail = new AuditTrail(app, id);
        await Eventually.True(async () => (await trail.Actions()).Contains("signIn.refused"), TimeSpan.FromSeconds(30), "the refusal is in the log");

        (await trail.Actions()).Where(action => action != "signIn.refused").Should().Equal(
            "account.enabled", "account.disabled", "account.roleChanged", "session.ended", "secondFactor.removed", "secondFactor.added", "account.passwordChanged", "account.profileChanged",
            "session.started", "account.emailConfirmed", "account.registered");
        var events = await trail.Events();
        events.Single(happened => (string)happened["action"]! == "account.roleChanged")["after"]!.ToJsonString().Should().Be("""{"role":"operator"}""");
        events.Single(happened => (string)happened["action"]! == "account.profileChanged")["metadata"]!.ToJsonString().Should().Be("""{"fields":"name, phone"}""");
        events.Where(happened => ((string)happened["action"]!).StartsWith("session.", StringComparison.Ordinal)).Select(happened => $"{happened["actor"]!["id"]} {happened["targets"]![1]!["id"]}")
            .Should().AllBe($"{id} {person.Tokens["sessionId"]}");
        events.Single(happened => (string)happened["action"]! == "signIn.refused")["actor"]!.ToJsonString().Should().Be("""{"type":"anonymous","id":"anonymous"}""");
        await trail.ShouldBeIntact(events.Count);
        string[] secrets = [person.Email, "Lovelace", "Countess", "+4930123456", Person.FirstPassword, NewPassword, person.AccessToken, (string)person.Tokens["refreshToken"]!, Convert.ToBase64String(key)];
        string.Join("\n", events.Select(happened => happened.ToJsonString())).Should().NotContainAny(secrets);
    }

    [Fact]
    public async Task A_sign_in_leaves_its_event_to_the_timer_and_makes_no_request_more()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        for (var i = 0; i < 3; i++)
        {
            await app.Cloud.ResetRequests();
            (await person.SignIn()).ShouldBe(200);
            var requests = await app.Cloud.Requests();
            ((int)requests["cosmos"]!).Should().BeLessThanOrEqualTo(5);
            ((int?)requests["tables"] ?? 0).Should().Be(0);
        }
        var trail = new AuditTrail(app, await person.Id());
        (await trail.Actions()).Should().Equal("account.registered");

        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");

        (await trail.Actions()).Should().Equal("session.started", "session.started", "session.started", "session.started", "account.registered");
        await trail.ShouldBeIntact(5);
    }

    [Fact]
    public async Task When_many_events_wait_in_an_account_the_next_sign_in_takes_them_to_the_log()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var id = await person.Id();
        await Fill(app, id, Outbox.MayWait);

        (await person.SignIn()).ShouldBe(200);

        (await app.ReadDocument("accounts", id, id)).ContainsKey("outbox").Should().BeFalse();
        await new AuditTrail(app, id).ShouldBeIntact(Outbox.MayWait + 2);
    }

    [Fact]
    public async Task An_account_that_is_full_of_events_because_the_log_is_down_lets_nobody_in_before_it_is_up_again()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await Fill(app, await person.Id(), Outbox.Full);

        (await person.SignIn()).ShouldBeRefused(503, "busy");
    }

    [Fact]
    public async Task Sessions_that_others_end_say_why_and_a_copied_refresh_token_leaves_a_trace()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        var trail = new AuditTrail(app, await person.Id());
        var copied = (string)person.Tokens["refreshToken"]!;
        (await person.Refresh()).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        (await person.Refresh(copied)).ShouldBeRefused(401, "token-reused");
        (await person.SignIn()).ShouldBe(200);
        (await app.Admin.Patch($"/api/accounts/{await person.Id()}", new { disabled = true }, "*")).ShouldBe(200);

        (await trail.Events()).Select(happened => $"{happened["action"]} {happened["metadata"]?["reason"]}".Trim()).Should().Equal(
            "session.ended disabled", "account.disabled", "session.started", "session.ended refreshReused", "session.refreshReused", "session.started", "account.registered");
    }

    [Fact]
    public async Task A_recovery_code_that_was_used_is_one_less()
    {
        await using var app = await App.StartWithoutSchedules();
        var person = await Person.SignedUp(app);
        await person.SetUpSecondFactor();
        var codes = (await person.Api.Post("/api/auth/second-factor/recovery-codes")).ShouldBe(200)["recoveryCodes"]!.AsArray();
        (await person.SignIn(recoveryCode: (string)codes[0]!)).ShouldBe(200);
        (await person.Api.Post("/api/auth/sign-out-everywhere")).ShouldBe(204);

        var events = await new AuditTrail(app, (string)(await app.Admin.Get($"/api/accounts?email={person.Email}"))["value"]![0]!["id"]!).Events();

        events.Select(happened => (string)happened["action"]!).Take(5).Should().Equal("session.ended", "session.ended", "session.started", "recoveryCode.used", "recoveryCode.renewed");
        events[3]["metadata"]!["left"]!.GetValue<string>().Should().Be("9");
    }

    [Fact]
    public async Task An_impersonation_is_in_the_log_of_whom_it_is_about_with_its_reason()
    {
        await using var app = await App.StartWithoutSchedules();
        var staff = await Person.Staff(app, "operator");
        await staff.SetUpSecondFactor();
        var person = await Person.SignedUp(app);
        (await staff.Api.Post($"/api/accounts/{await person.Id()}/impersonate", new { reason = "ticket 4711: cannot see keys" })).ShouldBe(200);

        var happened = (await new AuditTrail(app, await person.Id()).Events("action=impersonation.started")).Should().ContainSingle().Subject;

        happened["actor"]!.ToJsonString().Should().Be($$"""{"type":"account","id":"{{await staff.Id()}}"}""");
        ((string?)happened["metadata"]!["reason"]).Should().Be("ticket 4711: cannot see keys");
    }

    [Fact]
    public async Task People_read_and_verify_their_own_log_and_staff_anybodys()
    {
        var app = await App.Shared;
        var (person, other) = (await Person.SignedUp(app), await Person.SignedUp(app));
        (await person.Api.Patch("/api/auth/me", new { timeZone = "Europe/Berlin" }, "*")).ShouldBe(200);

        var own = (await person.Api.Get("/api/auth/me/audit-log?action=account.profileChanged")).ShouldBe(200);
        own["value"]!.AsArray().Should().ContainSingle().Which!["actor"]!["id"]!.GetValue<string>().Should().Be(await person.Id());
        ((bool)(await person.Api.Get("/api/auth/me/audit-log/verify")).ShouldBe(200)["intact"]!).Should().BeTrue();
        (await other.Api.Get($"/api/accounts/{await person.Id()}/audit-log")).ShouldBeRefused(403, "forbidden");
        (await other.Api.Get($"/api/accounts/{await person.Id()}/audit-log/verify")).ShouldBeRefused(403, "forbidden");
        (await app.Admin.Get("/api/accounts/acc_00000000000000000000000000/audit-log")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get($"/api/accounts/{await person.Id()}/audit-log?who=me")).ShouldBeRefused(400, "invalid-request", "?who");
    }

    [Fact]
    public async Task An_accounts_log_goes_back_a_year()
    {
        await using var app = await App.StartWithoutSchedules();
        var id = (string)(await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = "Grace Hopper", password = Person.FirstPassword })).ShouldBe(201)["id"]!;
        await app.Cloud.Advance(TimeSpan.FromDays(10));
        (await app.Admin.Patch($"/api/accounts/{id}", new { name = "Grace" }, "*")).ShouldBe(200);
        var trail = new AuditTrail(app, id);

        await app.Cloud.Advance(TimeSpan.FromDays(350));
        await app.Cloud.RunTimer("PurgeAuditEvents");
        (await trail.Actions()).Should().Equal("account.profileChanged", "account.registered");
        await app.Cloud.Advance(TimeSpan.FromDays(6));
        await app.Cloud.RunTimer("PurgeAuditEvents");

        (await trail.Actions()).Should().Equal("account.profileChanged");
        await trail.ShouldBeIntact(1);
    }

    /// <summary>Every call that a change of an account makes is the last of its instance once.</summary>
    [Theory]
    [InlineData("cosmos", "^(PUT|PATCH) /dbs/customers/colls/accounts/docs/", "before")]
    [InlineData("cosmos", "^(PUT|PATCH) /dbs/customers/colls/accounts/docs/", "after")]
    [InlineData("tables", "^[A-Z]+ .*", "before")]
    [InlineData("tables", "^[A-Z]+ .*", "after")]
    public async Task A_change_of_an_account_is_never_without_its_event_wherever_its_instance_is_killed(string service, string operation, string when)
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        for (var (skip, more) = (0, true); more; skip++)
        {
            var id = (string)(await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = "Grace Hopper", password = Person.FirstPassword })).ShouldBe(201)["id"]!;
            await app.Cloud.Fault(new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when });
            int? status = null;
            try { status = (await app.Admin.Patch($"/api/accounts/{id}", new { role = "operator" }, "*")).Status; }
            catch (HttpRequestException) { }
            more = (await app.Cloud.Faults()).Count == 0;
            await app.Cloud.ClearFaults();

            await app.Cloud.Advance(TimeSpan.FromMinutes(2));
            await app.Cloud.RunTimer("WriteAuditEvents");
            var changed = (string?)(await app.Admin.Get($"/api/accounts/{id}")).ShouldBe(200)["role"] == "operator";
            var trail = new AuditTrail(app, id);
            if (status == 200) { changed.Should().BeTrue("call {0} {1}", skip + 1, when); }
            (await trail.Actions()).Should().Equal(changed ? ["account.roleChanged", "account.registered"] : ["account.registered"], "call {0} {1}, answered {2}", skip + 1, when, status);
            await trail.ShouldBeIntact(changed ? 2 : 1);
        }
    }

    /// <summary>Lets more and more of the event that waits in an account wait there.</summary>
    private static async Task Fill(App app, string id, int count)
    {
        var account = await app.ReadDocument("accounts", id, id);
        var waiting = account["outbox"]!.AsArray()[0]!;
        account["outbox"] = new JsonArray([.. Enumerable.Range(0, count).Select(number =>
        {
            var copy = waiting.DeepClone();
            copy["id"] = ((string)copy["id"]!)[..^3] + $"{number:D3}";
            return copy;
        })]);
        await app.Data.Replace("accounts", id, account);
    }
}
