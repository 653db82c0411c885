using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Migrations;

/// <summary>A call that a migration makes. SOURCE and TARGET stand for the resources' names, LEFT and GROUP for the resource groups of its roles, SECRET and DOCUMENT for the account's.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Service">The service that it goes to.</param>
/// <param name="Operation">The call.</param>
/// <param name="Skip">How many calls like it come before.</param>
internal sealed record MigrationCall(string Name, string Service, string Operation, int Skip = 0)
{
    private const string Save = "^PUT /dbs/customers/colls/customers/docs/DOCUMENT$";

    private static IReadOnlyList<MigrationCall> ToSwitch { get; } =
    [
        new("claim the target", "cosmos", "^POST /dbs/customers/colls/directory/docs.*$(?#DOCUMENT)"),
        new("save begun", "cosmos", Save),
        new("give a role", "resourceManager", "^PUT .*/GROUP/providers/Microsoft.Authorization/roleAssignments"),
        new("save prepared", "cosmos", Save, 1),
        new("claim for verify", "cosmos", Save, 2),
        new("read the target's key", "resourceManager", "^POST .*/TARGET/listKeys"),
        new("try the target's key", "blob", "^GET /TARGET/.*maxresults=1$"),
        new("save verified", "cosmos", Save, 3),
        new("claim for switch", "cosmos", Save, 4),
        new("save started", "cosmos", Save, 5),
        new("make current", "resourceManager", "^POST .*/TARGET/listKeys", 1),
        new("save created", "cosmos", Save, 6),
        new("try again", "blob", "^GET /TARGET/.*maxresults=1$", 1),
        new("publish", "keyVault", "^PUT /secrets/SECRET[?]"),
        new("save switched", "cosmos", Save, 7),
    ];

    private static IReadOnlyList<MigrationCall> ToRetire { get; } =
    [
        new("claim", "cosmos", Save),
        new("confirm", "keyVault", "^GET /secrets/SECRET/?[?](?!.*api-version=7[.][45]$)"),
        new("end the old key", "resourceManager", "^POST .*/SOURCE/regenerateKey"),
        new("disable", "keyVault", "^PATCH /secrets/SECRET/"),
        new("save retired", "cosmos", Save, 1),
        new("take a role", "resourceManager", "^DELETE .*/LEFT/providers/Microsoft.Authorization/roleAssignments"),
        new("save done", "cosmos", Save, 3),
    ];

    public static IReadOnlyList<MigrationCall> All { get; } = [.. ToSwitch, .. ToRetire];

    /// <summary>Whether it comes after the overlap.</summary>
    public bool IsToRetire => ToRetire.Contains(this);

    public string AimedAt(MigrationCell cell) => Operation
        .Replace("SOURCE", cell.Moving.Account.ResourceName, StringComparison.Ordinal).Replace("TARGET", cell.Moving.Target.Split('/')[^1], StringComparison.Ordinal)
        .Replace("LEFT", cell.Made.Group.Split('/')[^1], StringComparison.Ordinal).Replace("GROUP", cell.Target.Split('/')[^1], StringComparison.Ordinal)
        .Replace("SECRET", cell.Moving.Account.SecretName, StringComparison.Ordinal).Replace("DOCUMENT", cell.Moving.Account.Id, StringComparison.Ordinal) + $"(?#{cell.Misfortune})";
}

/// <summary>One account whose migration meets one misfortune at one call.</summary>
internal sealed record MigrationCell(MigrationCall Call, string Misfortune, RoleAccount Made, MovingAccount Moving, string Target)
{
    public object Request => new { resourceId = Moving.Target, scope = Target };

    public override string ToString() => $"{Call.Name}: {Misfortune}";
}

/// <summary>The accounts of all cells in one cloud, with keys and roles to be moved, and a user of each secret from the beginning to the end.</summary>
internal sealed class MigrationMatrix : IAsyncDisposable
{
    private const int AtOnce = 8;
    private readonly AzureWorld world;
    private readonly Consumer consumer;

    private MigrationMatrix(AzureWorld world, IReadOnlyList<MigrationCell> cells, Consumer consumer)
    {
        this.world = world;
        Cells = cells;
        this.consumer = consumer;
    }

    public App App => world.App;

    public IReadOnlyList<MigrationCell> Cells { get; }

    public int Uses => consumer.Uses;

    public static async Task<MigrationMatrix> Start(IReadOnlyList<(MigrationCall Call, string Misfortune)> wanted)
    {
        var world = new AzureWorld(ThrownOnDemand.Arguments);
        await world.InitializeAsync();
        var cells = new MigrationCell[wanted.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, wanted.Count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (index, _) =>
        {
            var made = await world.NewAccountOf(RotatedResource.StorageAccountKeys, "Reader");
            cells[index] = new MigrationCell(wanted[index].Call, wanted[index].Misfortune, made, await MovingAccount.Of(world.App, made.Account), await world.NewGroup(AzureWorld.OtherSubscription));
        });
        return new MigrationMatrix(world, cells, await Consumer.Start(world.App, [.. cells.Select(cell => cell.Moving.Account)]));
    }

    /// <summary>Asks for every migration at once; what comes of it is not looked at, nor whether the OpenAPI document has it: an exception that nobody expects is a 500.</summary>
    public Task Migrate(Api caller) => Parallel.ForEachAsync(Cells, new ParallelOptions { MaxDegreeOfParallelism = Cells.Count }, async (cell, cancellation) =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, caller.Url(cell.Moving.Account.Path + "/migrate")) { Content = new StringContent(JsonSerializer.Serialize(cell.Request), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", App.AdminKey);
        try { (await App.Azure.SendAsync(request, cancellation)).Dispose(); }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException) { /* It died under it. */ }
    });

    public async Task RunTimers(int? instance = null)
    {
        foreach (var timer in new[] { "RotateServiceAccountKeys", "SettleServiceAccounts" })
        {
            try { await App.Cloud.RunTimer(timer, instance); }
            catch (Exception e) when (e is HttpRequestException or System.Text.Json.JsonException) { /* It died under it. */ }
        }
    }

    /// <summary>Nothing goes wrong any more: whoever had no answer asks again, and the timers run past leases and back-offs until all have come to <paramref name="step"/>.</summary>
    public async Task RunUntilAll(string step)
    {
        for (var run = 0; run < 30; run++)
        {
            var behind = await Behind(step);
            if (behind.Count == 0) { return; }
            foreach (var cell in behind.Where(cell => cell.Value is null)) { await App.Admin.Post(cell.Key.Moving.Account.Path + "/migrate", cell.Key.Request); }
            await App.Cloud.Advance(TimeSpan.FromMinutes(6));
            await RunTimers();
        }
        throw new InvalidOperationException(string.Join('\n', (await Behind(step)).Take(5).Select(cell => $"{cell.Key} stands at {cell.Value}")));
    }

    /// <summary>Every account has moved once and left nothing; the current secret is of the target and works, and no user of it was ever refused.</summary>
    public async Task ShouldHaveMovedOnce()
    {
        foreach (var cell in Cells)
        {
            var account = cell.Moving.Account;
            var keys = await account.Keys();
            keys.Select(key => (string?)key["state"]).Should().Equal(["current", "retired"], "of {0}", cell);
            var (value, keyId) = await account.Current();
            keyId.Should().Be((string)keys[0]["id"]!, "of {0}", cell);
            (await account.Accepts(value, cell.Moving.Target)).Should().BeTrue("of {0}", cell);
            (await world.RolesOf(cell.Made.Principal)).Should().BeEmpty("of {0}", cell);
            (await world.RolesOf(cell.Made.Principal, AzureWorld.OtherSubscription)).Select(role => (role.Role, role.Scope)).Should().Equal([("Reader", cell.Target)], "of {0}", cell);
        }
        await consumer.UsesAgain();
    }

    public async ValueTask DisposeAsync()
    {
        await consumer.DisposeAsync();
        await world.DisposeAsync();
    }

    private async Task<Dictionary<MigrationCell, string?>> Behind(string step)
    {
        var documents = (await App.Data.All("customers")).Where(document => (string?)document["type"] == "serviceAccount").ToDictionary(document => (string)document["id"]!);
        return Cells.Where(cell => (string?)documents[cell.Moving.Account.Id]["migration"]?["step"] != step).ToDictionary(cell => cell, cell => documents[cell.Moving.Account.Id]["migration"]?.ToJsonString());
    }
}
