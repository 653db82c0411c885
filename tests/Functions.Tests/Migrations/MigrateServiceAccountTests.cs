using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>Moving a service account to another resource, resource group or subscription.</summary>
[Collection(nameof(AzureWorld))]
public sealed class MigrateServiceAccountTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Theory]
    [InlineData(RotatedResource.StorageAccountKeys)]
    [InlineData(RotatedResource.CosmosAccountKeys)]
    [InlineData(RotatedResource.ServiceBusKeys)]
    [InlineData(RotatedResource.EventHubKeys)]
    public async Task Keys_move_to_a_resource_of_another_subscription_and_whoever_reads_the_secret_never_notices(string kind)
    {
        var moving = await MovingAccount.Create(app, kind);
        var account = moving.Account;
        var before = (await account.Current()).Value;
        await using var consumer = await Consumer.Start(app, account);

        var answer = (await moving.Migrate()).ShouldBe(202);

        ((string?)answer["status"], (string?)answer["step"], (string?)answer["from"]!["resourceId"], (string?)answer["to"]!["resourceId"]).Should().Be(("Succeeded", "retire", account.ResourceId, moving.Target));
        (await app.Admin.Get(new Uri(answer.Headers.GetValues("Operation-Location").Single()).AbsolutePath)).ShouldBe(200);
        ((string?)(await account.Get())["resourceId"]).Should().Be(moving.Target);
        await consumer.UsesAgain();
        var now = (await account.Current()).Value;
        (await account.Accepts(now, moving.Target)).Should().BeTrue();
        (await account.Accepts(before, account.ResourceId)).Should().BeTrue("the overlap has begun");

        await moving.PassOverlap();

        await consumer.UsesAgain();
        (await account.Accepts(before, account.ResourceId)).Should().BeFalse("what was left has ended");
        (await account.Accepts(now, moving.Target)).Should().BeTrue();
        (await account.KeyStates()).Should().Equal("current", "retired");
        (await RotateOnce(account)).Should().NotBe(now);
        await consumer.UsesAgain();
    }

    [Fact]
    public async Task The_resource_that_was_left_is_free_for_another_account_when_the_overlap_is_over_and_the_target_is_not()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        (await moving.Migrate()).ShouldBe(202);
        async Task<Answer> Create(string resourceId) => await app.Admin.Post($"/api/customers/{moving.Account.CustomerId}/service-accounts", RotatedAccount.Body(RotatedResource.StorageAccountKeys, resourceId, "n" + Guid.NewGuid().ToString("N")));
        foreach (var resource in new[] { moving.Account.ResourceId!, moving.Target }) { (await Create(resource)).ShouldBeRefused(409, "resource-taken"); }

        await moving.PassOverlap();

        (await Create(moving.Target)).ShouldBeRefused(409, "resource-taken");
        (await Create(moving.Account.ResourceId!)).ShouldBe(201);
        (await app.Admin.Post(moving.Account.Path + "/migrate", new { resourceId = moving.Account.ResourceId })).ShouldBeRefused(409, "resource-taken");
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential)]
    [InlineData(RotatedResource.StorageAccountKeys)]
    public async Task Roles_move_with_it_and_for_an_overlap_it_has_those_of_both_places(string kind)
    {
        var made = await world.NewAccountOf(kind, "Reader", "Monitoring Reader");
        var target = await world.NewGroup(AzureWorld.OtherSubscription);
        var resourceId = await RotatedResource.Create(app, kind, RotatedResource.OtherGroup);
        made.Account.TargetId = resourceId;

        var answer = (await app.Admin.Post(made.Account.Path + "/migrate", new { resourceId, scope = target })).ShouldBe(202);

        ((string?)answer["status"], (string?)answer["from"]!["scope"], (string?)answer["to"]!["scope"]).Should().Be(("Succeeded", made.Group, target));
        foreach (var subscription in new[] { AzureWorld.Subscription, AzureWorld.OtherSubscription }) { (await world.RolesOf(made.Principal, subscription)).Select(role => role.Role).Should().BeEquivalentTo(["Reader", "Monitoring Reader"], subscription); }
        (await app.Admin.Post(made.Permissions + "/verify")).ShouldBe(200)["azure"]!["drift"]!.AsArray().Should().BeEmpty("both belong to it");
        (await app.Admin.Put(made.Permissions, new { azure = new { principalId = made.Principal, scope = target } }, "*")).ShouldBeRefused(409, "migration-in-progress");

        await new MovingAccount(app, made.Account, "").PassOverlap();

        (await world.RolesOf(made.Principal)).Should().BeEmpty();
        (await world.RolesOf(made.Principal, AzureWorld.OtherSubscription)).Select(role => role.Scope).Should().Equal(target, target);
        var permissions = (await app.Admin.Post(made.Permissions + "/verify")).ShouldBe(200)["azure"]!;
        ((string?)permissions["scope"], permissions["drift"]!.AsArray().Count).Should().Be((target, 0));
    }

    [Fact]
    public async Task What_would_happen_is_told_and_then_happens()
    {
        var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
        var moving = await MovingAccount.Of(app, made.Account);
        var request = new { resourceId = moving.Target, scope = await world.NewGroup(AzureWorld.OtherSubscription) };
        var before = (await world.RolesOf(made.Principal)).Single();
        var (key, etag) = ((await made.Account.Current()).KeyId, (await app.Admin.Get(made.Account.Path)).ETag);

        var effects = (await app.Admin.Post(made.Account.Path + "/migrate?whatIf=true", request)).ShouldBe(200)["effects"]!.AsArray().ToLookup(effect => (string)effect!["action"]!, effect => (string)effect!["target"]!);

        (await app.Admin.Get(made.Account.Path)).ETag.Should().Be(etag, "nothing was changed");
        (await app.Admin.Post(made.Account.Path + "/migrate", request)).ShouldBe(202);
        await moving.PassOverlap();
        effects["keyIssued"].Should().Equal(made.Account.Id);
        effects["keyRetires"].Should().Equal(key);
        ((string?)(await made.Account.Keys()).Single(one => (string?)one["id"] == key)["state"]).Should().Be("retired");
        effects["resourceLeft"].Should().Equal(made.Account.ResourceId);
        effects["roleTaken"].Should().ContainSingle().Which.Should().EndWith(before.Name);
        effects["roleGiven"].Should().ContainSingle().Which.Should().EndWith((await world.RolesOf(made.Principal, AzureWorld.OtherSubscription)).Single().Name);
    }

    [Fact]
    public async Task The_same_request_again_finds_the_migration_and_another_is_refused_while_it_lasts()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        var first = (await moving.Migrate()).ShouldBe(202);
        ((string?)(await moving.Migrate()).ShouldBe(202)["id"]).Should().Be((string?)first["id"]);
        var other = await RotatedResource.Create(app, RotatedResource.StorageAccountKeys);
        (await app.Admin.Post(moving.Account.Path + "/migrate", new { resourceId = other })).ShouldBeRefused(409, "migration-in-progress");
        await moving.PassOverlap();
        ((string?)(await moving.Migrate()).ShouldBe(202)["id"]).Should().Be((string?)first["id"]);
        (await app.Admin.Post(moving.Account.Path + "/migrate", new { resourceId = moving.Account.ResourceId })).ShouldBe(202)["id"]!.ToString().Should().NotBe((string?)first["id"], "it may come back");
    }

    [Fact]
    public async Task What_cannot_move_is_refused_and_says_why()
    {
        var plain = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        (await app.Admin.Post(plain.Path + "/migrate", new { scope = await world.NewGroup() })).ShouldBeRefused(422, "nothing-to-migrate");
        var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
        async Task Refused(object request, int status, string code, string? field = null) => (await app.Admin.Post(made.Account.Path + "/migrate", request)).ShouldBeRefused(status, code, field);

        await Refused(new { }, 400, "invalid-request", "/resourceId");
        await Refused(new { resourceId = made.Account.ResourceId }, 400, "invalid-request", "/resourceId");
        await Refused(new { scope = made.Group }, 400, "invalid-request", "/scope");
        await Refused(new { scope = "/subscriptions/00000000-0000-0000-0000-000000000001" }, 400, "invalid-request", "/scope");
        await Refused(new { scope = AzureWorld.OtherSubscription, roles = new[] { new { role = "Owner" } } }, 400, "invalid-request", "/roles/0/role");
        await Refused(new { scope = AzureWorld.OtherSubscription, roles = new[] { new { role = "Reader", scope = made.Group } } }, 400, "invalid-request", "/roles/0/scope");
        await Refused(new { resourceId = await RotatedResource.Create(app, RotatedResource.CosmosAccountKeys) }, 400, "invalid-request", "/resourceId");
        await Refused(new { resourceId = made.Account.ResourceId + "x" }, 422, "resource-unusable", "/resourceId");
        (await app.Admin.Put(made.Account.Path + "/permissions", new { azure = new { principalId = made.Principal, scope = made.Group, roles = new[] { new { role = "Reader", scope = made.Group + "/providers/Microsoft.Storage/storageAccounts/tests" } } } }, "*")).ShouldBe(200);
        await Refused(new { scope = AzureWorld.OtherSubscription }, 400, "invalid-request", "/roles");
        (await app.Admin.Post(made.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        await Refused(new { scope = AzureWorld.OtherSubscription }, 409, "service-account-not-active");
        (await app.Admin.Post(made.Account.Path + "/restore")).ShouldBe(200);
    }

    [Fact]
    public async Task It_waits_for_a_rotation_that_is_under_way_and_rests_with_a_suspended_account()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        (await app.Admin.Post(moving.Account.Path + "/rotate")).ShouldBe(202);

        ((string?)(await moving.Migrate()).ShouldBe(202)["step"]).Should().Be("switch", "the resource has two keys in use");
        (await app.Admin.Post(moving.Account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        await app.Cloud.Advance(RotatedAccount.Overlap * 2);
        await app.Cloud.RunTimer("SettleServiceAccounts");
        (await moving.Step()).Should().Be("switch");
        (await app.Admin.Post(moving.Account.Path + "/restore")).ShouldBe(200);

        await moving.RunTimersUntil("retire");
        await moving.PassOverlap();
        (await moving.Account.Accepts((await moving.Account.Current()).Value, moving.Target)).Should().BeTrue();
    }

    [Fact]
    public async Task An_account_that_is_deleted_on_its_way_leaves_nothing_behind()
    {
        var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
        var moving = await MovingAccount.Of(app, made.Account);
        var (source, before) = (made.Account.ResourceId!, (await made.Account.Current()).Value);
        (await app.Admin.Post(made.Account.Path + "/migrate", new { resourceId = moving.Target, scope = await world.NewGroup(AzureWorld.OtherSubscription) })).ShouldBe(202);
        var now = (await made.Account.Current()).Value;

        (await app.Admin.Delete(made.Account.Path, "*")).ShouldBe(204);

        (await made.Account.Accepts(before, source)).Should().BeFalse();
        (await made.Account.Accepts(now, moving.Target)).Should().BeFalse();
        foreach (var subscription in new[] { AzureWorld.Subscription, AzureWorld.OtherSubscription }) { (await world.RolesOf(made.Principal, subscription)).Should().BeEmpty(); }
        foreach (var resource in new[] { source, moving.Target }) { (await app.Admin.Post($"/api/customers/{made.Account.CustomerId}/service-accounts", RotatedAccount.Body(RotatedResource.StorageAccountKeys, resource, "n" + Guid.NewGuid().ToString("N")))).ShouldBe(201); }
    }

    [Fact]
    public async Task Each_step_that_people_should_know_of_is_in_the_audit_log()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        (await app.Admin.Post(moving.Account.Path + "/migrate", new { resourceId = moving.Target, reason = "The other region" })).ShouldBe(202);
        await moving.PassOverlap();
        await app.Cloud.RunTimer("WriteAuditEvents");

        var events = (await app.Admin.Get($"/api/customers/{moving.Account.CustomerId}/audit-log?maxpagesize=100")).ShouldBe(200)["value"]!.AsArray().Where(one => ((string)one!["action"]!).Contains("migrat", StringComparison.Ordinal)).ToList();

        events.Select(one => (string?)one!["action"]).Should().BeEquivalentTo(["serviceAccount.migrationStarted", "serviceAccount.migrationSwitched", "serviceAccount.migrated"]);
        events.Should().OnlyContain(one => (string?)one!["metadata"]!["toResource"] == moving.Target && (string?)one["metadata"]!["reason"] == "The other region");
        (await app.Admin.Get($"/api/customers/{moving.Account.CustomerId}/notifications")).ShouldBe(200).Body.Should().Contain("serviceAccount.migrationSwitched");
    }

    private async Task<string> RotateOnce(RotatedAccount account)
    {
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        return (await account.Current()).Value;
    }
}
