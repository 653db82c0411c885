using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>
/// A call that a rotation makes. NAME stands for the resource's name, SECRET and DOCUMENT for the account's; the users of credentials and the tests make their own calls with other versions and parameters.
/// </summary>
/// <param name="Name">What it is for.</param>
/// <param name="Service">The service that is called.</param>
/// <param name="Operation">The call.</param>
/// <param name="Stored">The step that the account's document stands at when it is made; one of several, parted by bars.</param>
/// <param name="Step">The step that is said to have failed when it fails; null for the claim, which begins them.</param>
/// <param name="Body">What its body has, where that tells it from others.</param>
/// <param name="After">A call that fails first, where only a rotation that is taken up again makes this one.</param>
internal sealed record RotationCall(string Name, string Service, string Operation, string Stored, string? Step, string? Body = null, RotationCall? After = null)
{
    /// <summary>Publishing has failed, or its process has died.</summary>
    private const string Unpublished = "store|test";
    private const string Save = "^PUT /dbs/customers/colls/customers/docs/DOCUMENT$";

    /// <summary>The users of an API credential cause the same call: whoever asks it of the store, the store reads the account.</summary>
    public bool IsMadeByUsersToo => Service == "cosmos" && Name is "test" or "standing";

    /// <summary>The account needs a customer of its own.</summary>
    public bool IsOfCustomer => Operation.Contains("CUSTOMER", StringComparison.Ordinal);

    public static IEnumerable<RotationCall> ToIssue(string kind)
    {
        yield return new("claim", "cosmos", Save, "done", Step: null, At("create"));
        if (kind == RotatedResource.EntraApplication)
        {
            yield return new("look", "graph", @"^GET /v1\.0/applications\(appId='NAME'\)", "create", "Create");
            yield return new("journal", "cosmos", Save, "create", "Create", At("create") + ".*\"providerKeys\"");
            yield return new("create", "graph", @"^POST /v1\.0/applications\(appId='NAME'\)/addPassword", "create", "Create");
        }
        else if (kind != RotatedResource.ApiCredential)
        {
            yield return new("create", "resourceManager", "^POST .*/NAME/.*regenerateKey", "create", "Create");
            if (kind == RotatedResource.CosmosAccountKeys) { yield return new("list", "resourceManager", "^POST .*/NAME/listKeys", "create", "Create"); }
        }
        yield return new("save created", "cosmos", Save, "create", "Create", At("test"));
        yield return Test(kind, "test", "Test");
        yield return new("store", "keyVault", "^PUT /secrets/SECRET[?]", "test", "Store");
        yield return new("save promoted", "cosmos", Save, "test", "Promote", At("settle"));
    }

    public static IEnumerable<RotationCall> ToRetire(string kind)
    {
        yield return new("claim", "cosmos", Save, "settle", Step: null, At("settle"));
        yield return new("confirm", "keyVault", "^GET /secrets/SECRET/?[?](?!.*api-version=7[.][45]$)", "settle", "Retire");
        yield return Test(kind, "settle", "Retire");
        if (kind == RotatedResource.EntraApplication) { yield return new("retire", "graph", @"^POST /v1\.0/applications\(appId='NAME'\)/removePassword", "settle", "Retire"); }
        else if (kind != RotatedResource.ApiCredential) { yield return new("retire", "resourceManager", "^POST .*/NAME/.*regenerateKey", "settle", "Retire"); }
        yield return new("disable", "keyVault", "^PATCH /secrets/SECRET/", "settle", "Retire");
        yield return new("save retired", "cosmos", Save, "settle", "Retire", At("done"));
    }

    /// <summary>Calls before a rotation, and of one that is taken up again after a failure.</summary>
    public static IEnumerable<RotationCall> AroundIssue(string kind)
    {
        yield return Standing("done");
        var calls = ToIssue(kind).ToDictionary(call => call.Name);
        yield return new("newest", "keyVault", "^GET /secrets/SECRET/?[?](?!.*api-version=7[.][45]$)", Unpublished, "Store", After: calls["store"]);
        if (kind == RotatedResource.EntraApplication) { yield return new("remove lost", "graph", @"^POST /v1\.0/applications\(appId='NAME'\)/removePassword", "create", "Create", After: calls["save created"]); }
        // A Cosmos DB account's keys are listed when one is made, too, which is the same call.
        else if (kind is not (RotatedResource.ApiCredential or RotatedResource.CosmosAccountKeys)) { yield return new("recover", "resourceManager", "^POST .*/NAME/.*listKeys", Unpublished, "Store", After: calls["store"]); }
    }

    public static IEnumerable<RotationCall> AroundRetirement() => [Standing("settle")];

    private static RotationCall Standing(string stored) => new("standing", "cosmos", "^GET /dbs/customers/colls/customers/docs/CUSTOMER$", stored, Step: null);

    /// <summary>Of the fields of a fault those that aim it at the call for one account.</summary>
    public (string Operation, string? Body) AimedAt(RotatedAccount account)
    {
        var name = account.Kind is RotatedResource.ServiceBusKeys or RotatedResource.EventHubKeys ? account.ResourceId!.Split('/')[^3] : account.ResourceName;
        return (For(Operation), Body is null ? null : For(Body));

        string For(string pattern) =>
            pattern.Replace("SECRET", account.SecretName, StringComparison.Ordinal).Replace("DOCUMENT", account.Id, StringComparison.Ordinal).Replace("CUSTOMER", account.CustomerId, StringComparison.Ordinal).Replace("NAME", name, StringComparison.Ordinal);
    }

    /// <summary>A document whose rotation stands at this step.</summary>
    private static string At(string step) => $$"""
        "rotation":{[^{}]*"step":"{{step}}"
        """;

    private static RotationCall Test(string kind, string stored, string step) => kind switch
    {
        RotatedResource.ApiCredential => new("test", "cosmos", "^GET /dbs/customers/colls/customers/docs/DOCUMENT$", stored, step),
        RotatedResource.EntraApplication => new("test", "graph", "^POST /[0-9-]+/oauth2/v2.0/token$", stored, step, "client_id=NAME&"),
        RotatedResource.StorageAccountKeys => new("test", "blob", "^GET /NAME/.*maxresults=1$", stored, step),
        _ => new("test", "dataPlanes", "^GET /[a-z]+/NAME/(?!.*by=test)", stored, step),
    };
}

/// <summary>One cell of the matrix: an account whose rotation meets one misfortune at one call.</summary>
internal sealed record CrashCell(RotatedAccount Account, RotationCall Call, string Misfortune)
{
    public override string ToString() => $"{Account.Kind}, {Call.Name}: {Misfortune}";
}

/// <summary>The accounts of all cells in one cloud, with a user of each credential from the beginning to the end; many rotate in one run of the timer.</summary>
internal sealed class CrashMatrix : IAsyncDisposable
{
    private const string Timer = "RotateServiceAccountKeys";
    private const int CreatedAtOnce = 4;
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

    public int UsesOfKept => consumer.UsesOfKept;

    public static async Task<CrashMatrix> Start(App app, IReadOnlyList<string> kinds, Func<string, IEnumerable<RotationCall>> steps, Func<string, IReadOnlyList<string>> misfortunes)
    {
        var wanted = kinds.SelectMany(kind => steps(kind).SelectMany(call => misfortunes(kind).Select(misfortune => (kind, call, misfortune)))).ToList();
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var cells = new CrashCell[wanted.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, wanted.Count), new ParallelOptions { MaxDegreeOfParallelism = CreatedAtOnce }, async (index, _) =>
        {
            var (kind, call, misfortune) = wanted[index];
            var owner = call.IsOfCustomer ? (string)(await app.CreateCustomer())["id"]! : customerId;
            cells[index] = new CrashCell(await RotatedAccount.CreateFor(app, kind, owner, $"cell-{index}"), call, misfortune);
        });
        return new CrashMatrix(app, cells, await Consumer.Start(app, [.. cells.Select(cell => cell.Account)]));
    }

    /// <summary>Puts every cell's fault in its place. Where the users of an account could meet it first, they wait until it has hit.</summary>
    public async Task Threaten(IEnumerable<CrashCell> cells, Func<CrashCell, object> fault)
    {
        foreach (var cell in cells)
        {
            if (cell.Call.IsMadeByUsersToo) { await consumer.Leave(cell.Account); }
            if (cell.Call.After is { } first) { await App.Cloud.Fault(Once(first, cell.Account)); }
            await App.Cloud.Fault(fault(cell));
        }
    }

    /// <summary>As often as it takes for one attempt to fail.</summary>
    private static object Once(RotationCall call, RotatedAccount account)
    {
        var (operation, body) = call.AimedAt(account);
        return call.Service == "keyVault" ? new { service = call.Service, operation, body, count = 4, seconds = 3600, kind = "unavailable", retryAfterMilliseconds = 20 } : ThrownOnDemand.Fault(call.Service, operation, body);
    }

    /// <summary>The cells whose fault has not hit so often as it is to. The users of the others go on.</summary>
    public async Task<IReadOnlyList<CrashCell>> Ahead()
    {
        var faults = (await App.Cloud.Faults()).Select(fault => ((string?)fault!["fault"]!["operation"], (string?)fault["fault"]!["body"])).ToHashSet();
        var ahead = Cells.Where(cell => faults.Contains(cell.Call.AimedAt(cell.Account))).ToList();
        foreach (var cell in Cells.Where(cell => cell.Call.IsMadeByUsersToo).Except(ahead)) { consumer.TakeUp(cell.Account); }
        return ahead;
    }

    /// <summary>The cells whose fault has not hit even once.</summary>
    public async Task<IReadOnlyList<CrashCell>> Untouched()
    {
        var faults = (await App.Cloud.Faults()).Where(fault => (int)fault!["hits"]! == 0).Select(fault => ((string?)fault!["fault"]!["operation"], (string?)fault["fault"]!["body"])).ToHashSet();
        return [.. Cells.Where(cell => faults.Contains(cell.Call.AimedAt(cell.Account)))];
    }

    /// <summary>
    /// The process has just ended, or stands still, in these. Each account's document is to stand at the cell's step, and to be claimed unless the claim is the step.
    /// </summary>
    /// <returns>Those where that is not so.</returns>
    public async Task<IReadOnlyList<CrashCell>> ElsewhereOf(IEnumerable<CrashCell> cells)
    {
        var (documents, now) = (await Documents(), await App.Cloud.Now());
        return [.. cells.Where(cell => !Stands(cell, documents[cell.Account.Id]))];

        bool Stands(CrashCell cell, JsonObject document) =>
            cell.Call.Stored.Split('|').Contains((string?)document["rotation"]!["step"]) && (document["leasedUntil"]?.GetValue<DateTimeOffset>() > now) == (cell.Call.Step is not null);
    }

    /// <summary>Of each account the app has written that it failed at the cell's step, and why: of the step, or of the account where the step is its claim.</summary>
    public void ShouldHaveFailedAtTheirSteps(Func<CrashCell, string> reason)
    {
        var failures = RotationFailureLog.Read(App.Cloud);
        var missing = Cells.Where(cell => !failures[cell.Account.Id].Any(failure => failure.Step == cell.Call.Step && Regex.IsMatch(failure.Reason, reason(cell))));
        missing.Select(cell => $"{cell}, but {string.Join(" | ", failures[cell.Account.Id])}").Should().BeEmpty("each misfortune meets its own account at its own step");
    }

    /// <summary>
    /// Some users have read their secret before the rotation and hold it still: they go on until the overlap is nearly over. It began at the earliest when the clock said <paramref name="since"/>.
    /// </summary>
    /// <returns>How many accounts have been used for nearly an overlap with what was replaced.</returns>
    public async Task<int> KeepOn(DateTimeOffset since)
    {
        var left = since + (RotatedAccount.Overlap * 0.9) - await App.Cloud.Now();
        if (left > TimeSpan.Zero) { await App.Cloud.Advance(left); }
        await consumer.UsesAgain();
        return Cells.Count(cell => consumer.LongestKept(cell.Account) >= RotatedAccount.Overlap * 0.85);
    }

    /// <summary>Every account's credential has been used once more.</summary>
    public Task UsedAgain() => consumer.UsesAgain();

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
