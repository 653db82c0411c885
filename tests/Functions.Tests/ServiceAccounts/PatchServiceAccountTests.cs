namespace CustomerFunctions.Tests.ServiceAccounts;

public sealed class PatchServiceAccountTests
{
    [Fact]
    public async Task What_callers_say_of_an_account_is_merged_and_audited_and_its_key_stays()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var before = (await app.Admin.Get(account.Path)).ShouldBe(200);
        var (value, _) = await account.Current();

        var changed = (await app.Admin.Patch(account.Path, new { description = "Deploys the shop" }, before.ETag)).ShouldBe(200);

        ((string?)changed["description"]).Should().Be("Deploys the shop");
        ((string?)changed["name"]).Should().Be((string?)before["name"]);
        (await account.Current()).Value.Should().Be(value);
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body.Should().Contain("serviceAccount.updated");
        (await app.Admin.Patch(account.Path, new { description = (string?)null }, changed.ETag)).ShouldBe(200).Object.ContainsKey("description").Should().BeFalse();
    }

    [Fact]
    public async Task A_change_names_the_version_that_it_is_of()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);

        (await app.Admin.Patch(account.Path, new { description = "One" })).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Patch(account.Path, new { description = "One" }, "\"stale\"")).ShouldBeRefused(412, "stale");
    }
}
