using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

[Collection(nameof(AzureWorld))]
public sealed class CancelMigrationTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task Before_the_switch_it_leaves_everything_as_it_was()
    {
        var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
        var moving = await MovingAccount.Of(app, made.Account);
        var (before, target) = (await made.Account.Current(), await world.NewGroup(AzureWorld.OtherSubscription));
        await using var consumer = await Consumer.Start(app, made.Account);
        // A target whose keys open nothing is never switched to.
        await app.Cloud.Fault(new { service = "blob", operation = $"^GET /{moving.Target.Split('/')[^1]}/", count = 50, seconds = 300, kind = "unavailable" });
        var answer = (await app.Admin.Post(made.Account.Path + "/migrate", new { resourceId = moving.Target, scope = target })).ShouldBe(202);
        ((string?)answer["status"], (string?)answer["step"], (string?)answer["failure"]).Should().Be(("Running", "verify", "The resource answered 503 when the credential was tried."));
        (await world.RolesOf(made.Principal, AzureWorld.OtherSubscription)).Should().ContainSingle("roles at the target were prepared");

        var canceled = (await moving.Cancel()).ShouldBe(202);

        await app.Cloud.ClearFaults();
        ((string?)canceled["status"], (string?)canceled["step"]).Should().Be(("Canceled", "canceled"));
        (await world.RolesOf(made.Principal, AzureWorld.OtherSubscription)).Should().BeEmpty();
        (await world.RolesOf(made.Principal)).Should().ContainSingle();
        (await made.Account.Current()).Should().Be(before);
        await consumer.UsesAgain();
        (await moving.Cancel()).ShouldBe(202);
        (await app.Admin.Post($"/api/customers/{made.Account.CustomerId}/service-accounts", RotatedAccount.Body(RotatedResource.StorageAccountKeys, moving.Target, "other"))).ShouldBe(201);
        (await app.Admin.Post(made.Account.Path + "/rotate")).ShouldBe(202);
        await consumer.UsesAgain();
    }

    [Fact]
    public async Task A_switch_that_does_not_succeed_can_be_cancelled_too_and_one_that_has_been_made_cannot()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        var before = await moving.Account.Current();
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{moving.Account.SecretName}", count = 50, seconds = 300, kind = "unavailable" });
        ((string?)(await moving.Migrate()).ShouldBe(202)["step"]).Should().Be("switch");
        await app.Cloud.ClearFaults();

        ((string?)(await moving.Cancel()).ShouldBe(202)["step"]).Should().Be("canceled");
        (await moving.Account.Current()).Should().Be(before);
        await moving.Account.ShouldHaveOneCurrentKey();

        (await moving.Migrate()).ShouldBe(202);
        (await moving.Cancel()).ShouldBeRefused(409, "migration-switched");
    }

    [Fact]
    public async Task A_key_that_was_published_by_an_instance_that_died_right_after_is_a_switch()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        await PublishAndDie(moving);

        (await moving.Step()).Should().Be("switch");
        (await moving.Cancel()).ShouldBeRefused(409, "migration-switched");

        await moving.RunTimersUntil("retire");
        (await moving.Account.Accepts((await moving.Account.Current()).Value, moving.Target)).Should().BeTrue();
    }

    [Fact]
    public async Task While_the_secret_is_closed_nobody_knows_what_was_published_and_a_switch_that_has_begun_goes_on_afterwards()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        await PublishAndDie(moving);
        ((string?)(await app.Admin.Post(moving.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200)["state"]).Should().Be("suspended");

        (await moving.Cancel()).ShouldBeRefused(409, "service-account-not-active");

        (await app.Admin.Post(moving.Account.Path + "/restore")).ShouldBe(200);
        (await moving.Cancel()).ShouldBeRefused(409, "migration-switched");
        await moving.RunTimersUntil("retire");
        (await moving.Account.Accepts((await moving.Account.Current()).Value, moving.Target)).Should().BeTrue();
    }

    /// <summary>An instance publishes the target's key and dies before it can say so.</summary>
    private async Task PublishAndDie(MovingAccount moving)
    {
        await app.Cloud.Fault(new { service = "keyVault", operation = $"^PUT /secrets/{moving.Account.SecretName}", count = 1, seconds = 300, kind = "kill", when = "after", instance = 1 });
        await app.Cloud.Outlive(1, async () => await (await app.AdminAt(1)).Post(moving.Account.Path + "/migrate", new { resourceId = moving.Target }));
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
    }
}
