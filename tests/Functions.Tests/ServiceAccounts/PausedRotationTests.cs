using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>A customer that is suspended or closed has its rotations rest, and go on where they were.</summary>
public sealed class PausedRotationTests : IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task What_comes_due_while_the_customer_is_suspended_waits_for_its_return(string kind)
    {
        var account = await RotatedAccount.Create(app, kind);
        var (before, _) = await account.Current();
        await Suspend(account);
        await app.Cloud.Advance(RotatedAccount.Interval);

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty("it is not looked at all the time");

        (await account.KeyStates()).Should().Equal("current");
        await Restore(account);
        (await account.Current()).Value.Should().Be(before);
        await account.RunTimerUntil("settle");
        (await account.Current()).Value.Should().NotBe(before);
        (await account.Accepts(before)).Should().BeTrue("its overlap has begun");
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task An_overlap_that_ran_out_meanwhile_begins_again_with_the_return()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var (old, _) = await account.Current();
        (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);
        await Suspend(account);
        await app.Cloud.Advance(RotatedAccount.Overlap * 3);
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });

        await Restore(account);
        (await account.Accepts(old)).Should().BeTrue("nothing was retired while it could not be used");
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["waiting"] = 1 });

        (await account.KeyStates()).Should().Equal("current", "retiring");
        (await account.Accepts(old)).Should().BeTrue("whoever has it still reads the current one within an overlap");
        await app.Cloud.Advance(RotatedAccount.Overlap - TimeSpan.FromMinutes(1));
        Counts(await app.Cloud.RunTimer(Timer)).Should().BeEmpty();
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));
        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["retired"] = 1 });
        await account.ShouldHaveRetired(old);
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task A_long_rest_is_looked_at_ever_less_often_and_at_least_every_six_hours()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        await Suspend(account);
        await app.Cloud.Advance(RotatedAccount.Interval);
        var looks = new List<TimeSpan>();
        for (var i = 0; i < 10; i++)
        {
            Counts(await app.Cloud.RunTimer(Timer)).Should().ContainKey("paused");
            var wait = (await account.Document())["workDueAt"]!.GetValue<DateTimeOffset>() - await app.Cloud.Now();
            looks.Add(TimeSpan.FromMinutes(Math.Round(wait.TotalMinutes)));
            await app.Cloud.Advance(wait + TimeSpan.FromSeconds(1));
        }

        looks.Should().BeInAscendingOrder().And.StartWith(TimeSpan.FromMinutes(5)).And.EndWith(TimeSpan.FromHours(6));
    }

    [Fact]
    public async Task More_accounts_at_rest_than_a_batch_holds_do_not_keep_others_from_their_turn()
    {
        var resting = (string)(await app.CreateCustomer())["id"]!;
        await Parallel.ForAsync(0, 120, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, _) => await app.CreateServiceAccount(resting, $"a{i}", new { interval = "P1D", overlap = "PT1H" }));
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        (await app.Admin.Post($"/api/customers/{resting}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);
        await app.Cloud.Advance(RotatedAccount.Interval);

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 120, ["rotated"] = 1 });

        await account.ShouldHaveOneCurrentKey();
        await NorDoThoseThatAreFoundInVain(resting);
    }

    /// <summary>Whatever has made it so: found to be due for longer than all others, and with nothing to do for another day.</summary>
    private async Task NorDoThoseThatAreFoundInVain(string customerId)
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        await app.Cloud.Advance(RotatedAccount.Interval);
        var now = await app.Cloud.Now();
        var idle = (await app.Data.All("customers")).Where(document => (string?)document["type"] == "serviceAccount" && (string?)document["customerId"] == customerId).ToList();
        await Parallel.ForEachAsync(idle, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (document, _) =>
        {
            (document["nextRotationAt"], document["workDueAt"]) = (now.AddDays(1).UtcDateTime.ToString("O"), now.AddDays(-1).UtcDateTime.ToString("O"));
            await app.Data.Replace("customers", customerId, document);
        });

        Counts(await app.Cloud.RunTimer(Timer)).Should().Contain("waiting", 120).And.Contain("rotated", 1);

        await account.ShouldHaveOneCurrentKey();
        Counts(await app.Cloud.RunTimer(Timer)).Should().NotContainKey("waiting", "they are found again when they are due");
    }

    [Fact]
    public async Task A_closed_customers_keys_are_not_rotated()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        (await app.Admin.Delete($"/api/customers/{account.CustomerId}", "*")).ShouldBe(204);
        await app.Cloud.Advance(RotatedAccount.Interval);

        Counts(await app.Cloud.RunTimer(Timer)).Should().Equal(new Dictionary<string, int> { ["paused"] = 1 });
    }

    private async Task Suspend(RotatedAccount account) =>
        (await app.Admin.Post($"/api/customers/{account.CustomerId}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

    private async Task Restore(RotatedAccount account) => (await app.Admin.Post($"/api/customers/{account.CustomerId}/restore", new { hold = "billing" })).ShouldBe(200);

    private static Dictionary<string, int> Counts(JsonObject run) => run["returnValue"]!.AsObject().ToDictionary(count => count.Key, count => (int)count.Value!);
}
