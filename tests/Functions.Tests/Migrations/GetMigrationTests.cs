using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

[Collection(nameof(AzureWorld))]
public sealed class GetMigrationTests(AzureWorld world)
{
    private readonly App app = world.App;

    [Fact]
    public async Task It_says_where_it_is_and_an_id_that_is_none_finds_nothing()
    {
        var moving = await MovingAccount.Create(app, RotatedResource.StorageAccountKeys);
        (await app.Admin.Get($"{moving.Account.Path}/migrations/mig_01M7ZZZZZZZZZZZZZZZZZZZZZZ")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post($"{moving.Account.Path}/migrations/mig_01M7ZZZZZZZZZZZZZZZZZZZZZZ/cancel")).ShouldBeRefused(404, "not-found");
        var id = (string)(await moving.Migrate()).ShouldBe(202)["id"]!;
        var path = $"{moving.Account.Path}/migrations/{id}";

        var running = (await app.Admin.Get(path)).ShouldBe(200);
        ((string?)running["step"], running["retiresAt"]!.GetValue<DateTimeOffset>() - running["switchedAt"]!.GetValue<DateTimeOffset>()).Should().Be(("retire", RotatedAccount.Overlap));
        await moving.PassOverlap();
        var done = (await app.Admin.Get(path)).ShouldBe(200);
        ((string?)done["status"], (string?)done["step"], done["finishedAt"] is null).Should().Be(("Succeeded", "done", false));
    }
}
