namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>The main job: keys rotate by schedule while their users go on.</summary>
public sealed class UnattendedRotationTests
{
    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task A_key_rotates_by_schedule_and_the_old_one_works_until_its_overlap_is_over(string kind)
    {
        await using var app = await App.Start("--setting", "RotationSchedule=*/2 * * * * *");
        var account = await RotatedAccount.Create(app, kind);
        await account.ShouldHaveOneCurrentKey();
        await using var consumer = await Consumer.Start(app, account);
        var (first, firstId) = await account.Current();

        await app.Cloud.Advance(RotatedAccount.Interval);
        await Until(async () => (await account.Current()).KeyId != firstId && (await account.KeyStates()).SequenceEqual(["current", "retiring"]));

        await account.ShouldHaveOneCurrentKey();
        var (second, _) = await account.Current();
        second.Should().NotBe(first);
        (await account.Accepts(first)).Should().BeTrue("the overlap has only begun");
        await consumer.UsesAgain();

        await app.Cloud.Advance(RotatedAccount.Overlap);
        await Until(async () => (await account.KeyStates()).SequenceEqual(["current", "retired"]));

        await account.ShouldHaveRetired(first);
        (await account.Current()).Value.Should().Be(second);
        await consumer.UsesAgain();
        ((string?)(await account.Get())["latestRotation"]!["trigger"]).Should().Be("scheduled");
    }

    private static async Task Until(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition()) { await Task.Delay(50, patience.Token); }
    }
}
