using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// A step of a rotation: the call that it makes, or the one of them that changes something. NAME stands for the resource's name, SECRET and DOCUMENT for the account's; the users of
/// credentials and the tests make their own calls with other versions and parameters.
/// </summary>
/// <param name="Name">What the step does.</param>
/// <param name="Service">The service that it calls.</param>
/// <param name="Operation">The call.</param>
/// <param name="Skip">How many calls like it come before.</param>
internal sealed record RotationCall(string Name, string Service, string Operation, int Skip = 0)
{
    private const string Save = "^PUT /dbs/customers/colls/customers/docs/DOCUMENT$";

    /// <summary>Entra's token endpoint is the same for all applications, so this one is not aimed at an account.</summary>
    public bool IsAimed => Service != "graph" || Operation.Contains("NAME", StringComparison.Ordinal);

    public static IEnumerable<RotationCall> ToIssue(string kind)
    {
        yield return new("claim", "cosmos", Save);
        if (kind == RotatedResource.EntraApplication)
        {
            yield return new("look", "graph", @"^GET /v1\.0/applications\(appId='NAME'\)");
            yield return new("journal", "cosmos", Save, 1);
            yield return new("create", "graph", @"^POST /v1\.0/applications\(appId='NAME'\)/addPassword");
        }
        else if (kind != RotatedResource.ApiCredential)
        {
            yield return new("create", "resourceManager", "^POST .*/NAME/.*regenerateKey");
            if (kind == RotatedResource.CosmosAccountKeys) { yield return new("list", "resourceManager", "^POST .*/NAME/listKeys"); }
        }
        yield return new("save created", "cosmos", Save, kind == RotatedResource.EntraApplication ? 2 : 1);
        yield return Test(kind);
        yield return new("store", "keyVault", "^PUT /secrets/SECRET[?]");
        yield return new("save promoted", "cosmos", Save, kind == RotatedResource.EntraApplication ? 3 : 2);
    }

    public static IEnumerable<RotationCall> ToRetire(string kind)
    {
        yield return new("claim", "cosmos", Save);
        yield return new("confirm", "keyVault", "^GET /secrets/SECRET/?[?](?!.*api-version=7[.][45]$)");
        yield return Test(kind);
        if (kind == RotatedResource.EntraApplication) { yield return new("retire", "graph", @"^POST /v1\.0/applications\(appId='NAME'\)/removePassword"); }
        else if (kind != RotatedResource.ApiCredential) { yield return new("retire", "resourceManager", "^POST .*/NAME/.*regenerateKey"); }
        yield return new("disable", "keyVault", "^PATCH /secrets/SECRET/");
        yield return new("save retired", "cosmos", Save, 1);
    }

    /// <summary>The call as a regular expression for one account; equal ones of different misfortunes are told apart by a comment.</summary>
    public string AimedAt(RotatedAccount account, string comment)
    {
        var name = account.Kind is RotatedResource.ServiceBusKeys or RotatedResource.EventHubKeys ? account.ResourceId!.Split('/')[^3] : account.ResourceName;
        return Operation.Replace("SECRET", account.SecretName, StringComparison.Ordinal).Replace("DOCUMENT", account.Id, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal) + $"(?#{comment})";
    }

    private static RotationCall Test(string kind) => kind switch
    {
        RotatedResource.ApiCredential => new("test", "cosmos", "^GET /dbs/customers/colls/customers/docs/DOCUMENT$"),
        RotatedResource.EntraApplication => new("test", "graph", "^POST /[0-9-]+/oauth2/v2.0/token$"),
        RotatedResource.StorageAccountKeys => new("test", "blob", "^GET /NAME/.*maxresults=1$"),
        _ => new("test", "dataPlanes", "^GET /[a-z]+/NAME/(?!.*by=test)"),
    };
}

/// <summary>One cell of the matrix: an account whose rotation meets one misfortune at one step.</summary>
internal sealed record CrashCell(RotatedAccount Account, RotationCall Call, string Misfortune)
{
    public override string ToString() => $"{Account.Kind}, {Call.Name}: {Misfortune}";
}

/// <summary>The accounts of all cells in one cloud, with a user of each credential from the beginning to the end; many rotate in one run of the timer.</summary>
internal sealed class CrashMatrix : IAsyncDisposable
{
    private const string Timer = "RotateServiceAccountKeys";
    private const int CreatedAtOnce = 8;
    private readonly Consumer consumer;

    private CrashMatrix(App app, IReadOnlyList<CrashCell> cells, Consumer consumer)
    {
        App = app;
        Cells = cells;
        this.consumer = consumer;
    }

    public App App { get; }

    public IReadOnlyList<CrashCell> Cells { get; }

    public int Uses => consumer.Uses;

    public static async Task<CrashMatrix> Start(App app, IReadOnlyList<string> kinds, Func<string, IEnumerable<RotationCall>> steps, IReadOnlyList<string> misfortunes)
    {
        var wanted = kinds.SelectMany(kind => steps(kind).SelectMany(call => misfortunes.Select(misfortune => (kind, call, misfortune)))).ToList();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var cells = new CrashCell[wanted.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, wanted.Count), new ParallelOptions { MaxDegreeOfParallelism = CreatedAtOnce }, async (index, _) =>
        {
            var (kind, call, misfortune) = wanted[index];
            cells[index] = new CrashCell(await RotatedAccount.CreateFor(app, kind, customerId, $"cell-{index}"), call, misfortune);
        });
        return new CrashMatrix(app, cells, await Consumer.Start(app, [.. cells.Select(cell => cell.Account)]));
    }

    /// <summary>Puts every cell's fault in its place.</summary>
    public async Task Threaten(Func<CrashCell, int, object> fault)
    {
        // Those that are not aimed hit one call each, one after another.
        var taken = new Dictionary<string, int>();
        foreach (var cell in Cells)
        {
            var turn = taken[cell.Call.Operation] = taken.GetValueOrDefault(cell.Call.Operation, -1) + 1;
            await App.Cloud.Fault(fault(cell, cell.Call.IsAimed ? cell.Call.Skip : turn));
        }
    }

    /// <summary>Nothing goes wrong any more: runs the timer, past leases and back-offs, until all accounts have got to <paramref name="step"/>.</summary>
    public async Task RunUntilAll(string step)
    {
        // Past the hour, and a fifth, that follows three failed attempts, and past a second overlap: one begins when a call of an instance that stood still came through after all.
        for (var run = 0; run < 25; run++)
        {
            var behind = (await Documents()).Values.Count(document => (string?)document["rotation"]!["step"] != step);
            if (behind == 0) { return; }
            await App.Cloud.Advance(TimeSpan.FromMinutes(20));
            await App.Cloud.RunTimer(Timer);
        }
        var late = (await Documents()).Where(document => (string?)document.Value["rotation"]!["step"] != step).Select(document => $"{Cells.First(cell => cell.Account.Id == document.Key)} stands at {document.Value["rotation"]}");
        throw new InvalidOperationException(string.Join('\n', late.Take(5)));
    }

    /// <summary>Every account has one current key, which is the newest version in Key Vault and works, and has rotated once; nobody has ever been refused.</summary>
    public async Task ShouldHaveRotatedOnce()
    {
        var documents = await Documents();
        foreach (var cell in Cells)
        {
            var keys = documents[cell.Account.Id]["keys"]!.AsArray();
            keys.Where(key => (string?)key!["state"] == "current").Should().ContainSingle("of {0}", cell);
            keys.Should().NotContain(key => (string?)key!["state"] == "pending", "of {0}", cell);
            keys.Select(key => (string?)key!["rotationId"]).Distinct().Should().HaveCount(2, "one rotation was due for {0}", cell);
        }
        await Parallel.ForEachAsync(Cells, new ParallelOptions { MaxDegreeOfParallelism = CreatedAtOnce }, async (cell, _) =>
        {
            var current = documents[cell.Account.Id]["keys"]!.AsArray().Single(key => (string?)key!["state"] == "current")!;
            var (value, keyId) = await cell.Account.Current();
            keyId.Should().Be((string)current["id"]!, "of {0}", cell);
            (await cell.Account.Accepts(value)).Should().BeTrue("the current credential of {0} works", cell);
        });
        await consumer.UsesAgain();
    }

    public async ValueTask DisposeAsync()
    {
        await consumer.DisposeAsync();
        await App.DisposeAsync();
    }

    private async Task<Dictionary<string, JsonObject>> Documents() =>
        (await App.Data.All("customers")).Where(document => (string?)document["type"] == "serviceAccount").ToDictionary(document => (string)document["id"]!);
}
