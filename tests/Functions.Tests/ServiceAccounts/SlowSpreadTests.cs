using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>A new key that is not accepted everywhere at once: the same key is tried for longer, and no other is made as long as it may still be.</summary>
public sealed class SlowSpreadTests : IAsyncLifetime
{
    private const string Timer = "RotateServiceAccountKeys";
    private App app = null!;

    public async Task InitializeAsync() => app = await App.StartWithoutSchedules();

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Theory]
    [InlineData(RotatedResource.StorageAccountKeys, 10)]
    [InlineData(RotatedResource.ServiceBusKeys, 25)]
    [InlineData(RotatedResource.EntraApplication, 80)]
    [InlineData(RotatedResource.EntraApplication, 140)]
    public async Task A_lag_of_seconds_or_minutes_is_waited_for_within_one_attempt(string kind, int seconds)
    {
        var account = await RotatedAccount.Create(app, kind);
        await Spread(TimeSpan.FromSeconds(seconds));
        await app.Cloud.Advance(RotatedAccount.Interval);

        var run = await RunWhileTimePasses(kind, TimeSpan.FromSeconds(seconds > 60 ? 20 : 5));

        ((int?)run["returnValue"]!["rotated"]).Should().Be(1);
        (await account.Document())["rotation"]!.AsObject().Should().NotContainKey("lastFailure");
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task A_resources_key_that_spreads_for_most_of_an_hour_is_read_again_and_made_once()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await Spread(TimeSpan.FromMinutes(40));
        await app.Cloud.Advance(RotatedAccount.Interval);
        await app.Cloud.ResetRequests();

        for (var attempt = 0; attempt < 9 && await account.Step() != "settle"; attempt++)
        {
            await RunWhileTimePasses(RotatedResource.StorageAccountKeys, TimeSpan.FromSeconds(15));
            var next = (await app.Admin.Get(account.Path + "/rotation-health")).ShouldBe(200)["nextAttemptAt"]?.GetValue<DateTimeOffset>();
            if (next is not null) { await app.Cloud.Advance(next.Value - await app.Cloud.Now() + TimeSpan.FromSeconds(1)); }
        }

        (await account.Step()).Should().Be("settle");
        (await Sent("resourceManager", "regenerateKey")).Should().Be(1, "another key would have spread for as long");
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task A_request_that_has_no_time_to_wait_leaves_its_key_to_the_timer()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.StorageAccountKeys);
        await Spread(TimeSpan.FromMinutes(5));
        await app.Cloud.ResetRequests();
        ((string?)(await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202)["status"]).Should().Be("Running");

        await app.Cloud.Advance(TimeSpan.FromMinutes(6));
        await app.Cloud.RunTimer(Timer);

        (await account.Step()).Should().Be("settle");
        (await Sent("resourceManager", "regenerateKey")).Should().Be(1);
        await account.ShouldHaveOneCurrentKey();
    }

    /// <summary>Runs the timer; each time that a key has been tried, the clock moves on.</summary>
    private async Task<JsonObject> RunWhileTimePasses(string kind, TimeSpan by)
    {
        var (service, operation) = kind switch
        {
            RotatedResource.EntraApplication => ("graph", "token"),
            RotatedResource.StorageAccountKeys => ("blob", ""),
            _ => ("dataPlanes", ""),
        };
        var tried = await Sent(service, operation);
        var run = app.Cloud.RunTimer(Timer);
        while (!run.IsCompleted)
        {
            await Eventually.True(async () => run.IsCompleted || await Sent(service, operation) > tried, TimeSpan.FromSeconds(60), "the key is tried again");
            if (!run.IsCompleted) 
            {
                tried = await Sent(service, operation);
                await app.Cloud.Advance(by);
            }
        }
        return await run;
    }

    private async Task<int> Sent(string service, string operation) =>
        (await app.Cloud.RequestsByOperation())[service]?.AsObject().Where(sent => sent.Key.Contains(operation, StringComparison.OrdinalIgnoreCase)).Sum(sent => (int)sent.Value!) ?? 0;

    private async Task Spread(TimeSpan time)
    {
        (await app.Cloud.Local.PutAsJsonAsync("/graph", new { propagationSeconds = time.TotalSeconds })).EnsureSuccessStatusCode();
        (await app.Cloud.Local.PutAsJsonAsync("/resource-manager", new { keyPropagationSeconds = time.TotalSeconds })).EnsureSuccessStatusCode();
    }
}
