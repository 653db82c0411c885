using CustomerFunctions.Tests.Notifications;
using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>A migration that keeps failing before its switch is parked and said so; somebody takes it up again, or cancels it.</summary>
[Collection(nameof(AzureWorld))]
public sealed class UnparkMigrationTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task After_nine_failures_it_is_parked_with_an_alert_and_goes_on_when_it_is_unparked()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        await using var consumer = await Consumer.Start(app, moving.Account);
        // The target's keys open nothing.
        await app.Cloud.Fault(new { service = "blob", operation = $"^GET /{moving.Target.Split('/')[^1]}/", seconds = 300, kind = "unavailable" });
        var begun = await app.Cloud.Now();
        var first = (await moving.Migrate()).ShouldBe(202);
        ((string?)first["status"], (int)first["attempts"]!).Should().Be(("Running", 1));
        first.Headers.RetryAfter!.Delta.Should().BeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5), "while it runs, it says when to look again");
        (await Unpark(moving)).ShouldBeRefused(409, "migration-not-parked");

        await FailUntilParked(moving);

        (await app.Cloud.Now() - begun).Should().BeGreaterThan(TimeSpan.FromHours(7)).And.BeLessThan(TimeSpan.FromHours(9), "so long is the worst case of a rotation too");
        var parked = await moving.Migration();
        ((string?)parked["status"], (string?)parked["step"], (int)parked["attempts"]!, (string?)parked["failure"]).Should().Be(("Failed", "verify", 9, "The resource answered 503 when the credential was tried."));
        parked.Should().ContainKey("parkedAt").And.NotContainKey("nextAttemptAt");
        ((string?)(await moving.Account.Get())["state"]).Should().Be("active", "where it is, it works and rotates");
        await app.Cloud.Advance(TimeSpan.FromDays(1));
        await app.Cloud.RunTimer("SettleServiceAccounts");
        ((int)(await moving.Migration())["attempts"]!).Should().Be(9, "it is no longer tried");
        await app.Cloud.RunTimer("WriteAuditEvents");
        (await NotificationsTests.List(app, moving.Account.CustomerId)).Count(told => (string?)told["type"] == "serviceAccount.migrationParked").Should().Be(1, "people are told, once");
        (await app.Admin.Get($"/api/customers/{moving.Account.CustomerId}/audit-log")).ShouldBe(200).Body.Should().Contain("serviceAccount.migrationParked");
        await consumer.UsesAgain();

        await app.Cloud.ClearFaults();
        var answer = (await Unpark(moving)).ShouldBe(202);

        ((string?)answer["status"], (string?)answer["step"], (string?)answer["failure"]).Should().Be(("Succeeded", "retire", null));
        answer.Headers.RetryAfter.Should().BeNull("it is over");
        (await moving.Account.Accepts((await moving.Account.Current()).Value, moving.Target)).Should().BeTrue();
        await consumer.UsesAgain();
        await moving.PassOverlap();
    }

    [Fact]
    public async Task Roles_that_cannot_be_given_park_it_and_it_can_be_cancelled_while_they_still_cannot()
    {
        var made = await world.NewAccount("Reader");
        var moving = new MovingAccount(app, made.Account, "");
        var nowhere = $"{AzureWorld.OtherSubscription}/resourceGroups/rg-{Guid.NewGuid():N}";
        (await app.Admin.Post(made.Account.Path + "/migrate", new { scope = nowhere })).ShouldBe(202);
        await FailUntilParked(moving);
        ((string?)(await moving.Migration())["step"], (string?)(await moving.Migration())["failure"]).Should().Be(("prepare", "Azure Resource Manager answered 404 ResourceGroupNotFound."));
        // Its roles where it is are another matter.
        (await app.Admin.Post(made.Permissions + "/repair")).ShouldBe(200);

        ((string?)(await moving.Cancel()).ShouldBe(202)["step"]).Should().Be("canceled");

        (await world.RolesOf(made.Principal)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", made.Group));
        (await app.Admin.Post(made.Permissions + "/verify")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Should().BeEmpty();
        (await Unpark(moving)).ShouldBeRefused(409, "migration-not-parked");
    }

    [Fact]
    public async Task Roles_that_can_be_given_by_then_are_given_when_it_is_unparked()
    {
        var made = await world.NewAccount("Reader");
        var moving = new MovingAccount(app, made.Account, "");
        var group = $"{AzureWorld.OtherSubscription}/resourceGroups/rg-{Guid.NewGuid():N}";
        (await app.Admin.Post(made.Account.Path + "/migrate", new { scope = group })).ShouldBe(202);
        await FailUntilParked(moving);
        // What is parked rests through a suspension too.
        (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await Unpark(moving)).ShouldBeRefused(409, "service-account-not-active");
        (await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200);
        ((string?)(await made.Account.Get())["state"], (string?)(await moving.Migration())["status"]).Should().Be(("active", "Failed"));
        await app.Arm(HttpMethod.Put, group + "?api-version=2021-04-01", new { location = "westeurope" });

        ((string?)(await Unpark(moving)).ShouldBe(202)["status"]).Should().Be("Succeeded");

        await moving.PassOverlap();
        (await world.RolesOf(made.Principal)).Should().BeEmpty();
        (await world.RolesOf(made.Principal, AzureWorld.OtherSubscription)).Select(role => (role.Role, role.Scope)).Should().Equal(("Reader", group));
    }

    [Fact]
    public async Task A_service_that_asks_for_time_gets_it_and_that_is_no_failed_attempt()
    {
        var made = await world.NewAccount("Reader");
        var moving = new MovingAccount(app, made.Account, "");
        var group = await world.NewGroup(AzureWorld.OtherSubscription);
        await app.Cloud.Fault(new { service = "resourceManager", operation = $"^PUT .*{group}/", seconds = 300, kind = "throttle", retryAfterMilliseconds = 120_000 });
        var before = await app.Cloud.Now();

        var answer = (await app.Admin.Post(made.Account.Path + "/migrate", new { scope = group })).ShouldBe(202);

        ((string?)answer["status"], (string?)answer["step"], (int)answer["attempts"]!, (string?)answer["failure"]).Should().Be(("Running", "prepare", 0, "Azure Resource Manager answered 429 TooManyRequests."));
        answer["nextAttemptAt"]!.GetValue<DateTimeOffset>().Should().BeOnOrAfter(before + TimeSpan.FromMinutes(2));
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        await app.Cloud.ResetRequests();
        await app.Cloud.RunTimer("SettleServiceAccounts");
        (await app.Cloud.RequestsByOperation())["resourceManager"]?.AsObject().Should().NotContain(call => call.Key.Contains("roleAssignments", StringComparison.Ordinal), "it is left alone for as long as it said");
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        ((bool)(await app.Cloud.RunTimer("SettleServiceAccounts"))["succeeded"]!).Should().BeTrue();
        ((string?)(await moving.Migration())["status"]).Should().Be("Succeeded");
    }

    private async Task<Answer> Unpark(MovingAccount moving) => await app.Admin.Post($"{moving.Account.Path}/migrations/{(await moving.Migration())["id"]}/unpark");

    private async Task FailUntilParked(MovingAccount moving)
    {
        for (var run = 0; (string?)(await moving.Migration())["status"] != "Failed"; run++)
        {
            run.Should().BeLessThan(9);
            await app.Cloud.Advance((await moving.Migration())["nextAttemptAt"]!.GetValue<DateTimeOffset>() - await app.Cloud.Now() + TimeSpan.FromSeconds(1));
            ((bool)(await app.Cloud.RunTimer("SettleServiceAccounts"))["succeeded"]!).Should().BeFalse("somebody is to see it");
        }
    }
}
