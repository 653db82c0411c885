namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Rotating at once because somebody else has the key, and trying beforehand whether a rotation would go well.</summary>
public sealed class EmergencyTests
{
    private static readonly object Stolen = new { mode = "emergency", reason = "A laptop was stolen" };

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task An_emergency_ends_every_other_key_at_once_also_one_whose_overlap_had_begun(string kind)
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, kind);
        var (first, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        var (second, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBeRefused(409, "rotation-in-progress");

        var answer = (await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202);

        ((string?)answer["trigger"]).Should().Be("emergency");
        ((string?)answer["reason"]).Should().Be("A laptop was stolen");
        ((string?)answer["step"]).Should().Be("done", "there is no overlap");
        (await account.KeyStates()).Should().Equal("current", "revoked", "revoked");
        await account.ShouldHaveOneCurrentKey();
        await account.ShouldHaveRetired(first, second);
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200).Body.Should().Contain("A laptop was stolen");
    }

    [Fact]
    public async Task An_emergency_needs_a_reason_and_a_person()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var key = app.Caller(await app.CreateApiKey(account.CustomerId));

        (await app.Admin.Post(account.Path + "/rotate", new { mode = "emergency" })).ShouldBeRefused(400, "invalid-request", "/reason");
        (await key.Post(account.Path + "/rotate", Stolen)).ShouldBeRefused(403, "forbidden");
        (await key.Post(account.Path + "/rotate", new { mode = "normal" })).ShouldBe(202);
    }

    [Fact]
    public async Task What_an_emergency_would_do_can_be_asked_before()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var before = (await account.Document()).ToJsonString();

        var effects = (await app.Admin.Post(account.Path + "/rotate?whatIf=true", Stolen)).ShouldBe(200)["effects"]!.AsArray();

        (await account.Document()).ToJsonString().Should().Be(before);
        var revoked = effects.Single(effect => (string?)effect!["action"] == "keyRevoked")!["at"]!.GetValue<DateTimeOffset>();
        revoked.Should().BeCloseTo(await app.Cloud.Now(), TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    [InlineData(RotatedResource.EntraApplication)]
    public async Task A_rehearsal_tries_what_it_can_gives_the_timetable_and_changes_nothing(string kind)
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, kind);
        var (value, versions, keys) = (await account.Current(), await account.Versions(), await account.KeyStates());

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        ((bool)rehearsal["works"]!).Should().BeTrue(rehearsal.Body);
        rehearsal["steps"]!.AsArray().Select(step => (string)step!["step"]!).Should().Equal("create", "test", "store");
        rehearsal["startsAt"]!.GetValue<DateTimeOffset>().Should().Be((await account.Get())["nextRotationAt"]!.GetValue<DateTimeOffset>());
        (rehearsal["retiresAt"]!.GetValue<DateTimeOffset>() - rehearsal["startsAt"]!.GetValue<DateTimeOffset>()).Should().Be(RotatedAccount.Overlap);
        (await account.Current()).Should().Be(value);
        (await account.Versions()).Should().Equal(versions);
        (await account.KeyStates()).Should().Equal(keys);
        rehearsal.Body.Should().NotContain(value.Value);
    }

    [Fact]
    public async Task A_rehearsal_of_an_API_credential_has_another_accepted_tries_it_and_ends_it()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);

        var create = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200)["steps"]!.AsArray()[0]!;

        ((bool)create["works"]!, (string?)create["detail"]).Should().Be((true, "A credential was made, opened what its users open with it, and was thrown away."));
        (await account.KeyStates()).Should().Equal("current");
    }

    [Fact]
    public async Task A_rehearsal_says_what_would_fail()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        await app.DeleteStorageAccount(account.ResourceName!);

        var rehearsal = (await app.Admin.Post(account.Path + "/rehearse")).ShouldBe(200);

        ((bool)rehearsal["works"]!).Should().BeFalse();
        var create = rehearsal["steps"]!.AsArray()[0]!.AsObject();
        ((bool)create["works"]!).Should().BeFalse();
        ((string?)create["detail"]).Should().Be("Azure Resource Manager answered 404.");
    }
}
