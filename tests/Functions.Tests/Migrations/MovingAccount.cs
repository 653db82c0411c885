using System.Text.Json.Nodes;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>A service account on its way to a resource in another subscription.</summary>
internal sealed class MovingAccount(App app, RotatedAccount account, string target)
{
    public RotatedAccount Account => account;

    public string Target => target;

    public static async Task<MovingAccount> Create(App app, string kind) => await Of(app, await RotatedAccount.Create(app, kind));

    public static async Task<MovingAccount> Of(App app, RotatedAccount account)
    {
        account.TargetId = await RotatedResource.Create(app, account.Kind, RotatedResource.OtherGroup);
        return new MovingAccount(app, account, account.TargetId!);
    }

    public Task<Answer> Migrate(string query = "") => app.Admin.Post(account.Path + "/migrate" + query, new { resourceId = target });

    public async Task<JsonObject> Migration() => (await account.Get())["latestMigration"]!.AsObject();

    public async Task<string?> Step() => (string?)(await Migration())["step"];

    public async Task<Answer> Cancel() => await app.Admin.Post($"{account.Path}/migrations/{(await Migration())["id"]}/cancel");

    /// <summary>Runs the timers, past leases and back-offs, until <paramref name="step"/> is what comes next.</summary>
    public async Task RunTimersUntil(string step)
    {
        for (var run = 0; run < 12; run++)
        {
            if (await Step() == step) { return; }
            await app.Cloud.Advance(TimeSpan.FromMinutes(6));
            await app.Cloud.RunTimer("SettleServiceAccounts");
            await app.Cloud.RunTimer("RotateServiceAccountKeys");
        }
        throw new InvalidOperationException($"It did not get to {step}: {await account.Document()}");
    }

    public async Task PassOverlap()
    {
        await app.Cloud.Advance(RotatedAccount.Overlap);
        await RunTimersUntil("done");
    }
}
