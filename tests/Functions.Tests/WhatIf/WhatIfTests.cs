namespace CustomerFunctions.Tests.WhatIf;

/// <summary>What is said to happen is what then happens: no more, no less, and nothing before it is asked for in earnest.</summary>
public sealed class WhatIfTests : IAsyncLifetime
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);
    private App app = null!;
    private string id = "";
    private string path = "";

    /// <summary>What can act for the customer: the id of each, and the credential that it has.</summary>
    private readonly Dictionary<string, string> credentials = [];
    private string apiAccount = "";
    private string storageAccount = "";

    public async Task InitializeAsync()
    {
        app = await App.StartWithoutSchedules();
        id = (string)(await app.CreateCustomer())["id"]!;
        path = $"/api/customers/{id}";
        foreach (var name in new[] { "ci", "revoked", "spare" })
        {
            var key = (await app.Admin.Post(path + "/api-keys", new { name })).ShouldBe(201);
            credentials[(string)key["id"]!] = (string)key["key"]!;
            if (name == "revoked") { (await app.Admin.Delete($"{path}/api-keys/{key["id"]}")).ShouldBe(204); }
        }
        var account = await app.CreateServiceAccount(id);
        apiAccount = (string)account["id"]!;
        credentials[apiAccount] = await app.CurrentSecret((string)account["secretName"]!);
        storageAccount = (string)(await app.CreateStorageServiceAccount(id, await app.CreateStorageAccount()))["id"]!;
    }

    public async Task DisposeAsync() => await app.DisposeAsync();

    [Fact]
    public async Task Suspending_stops_what_was_said_and_pauses_the_rotations_that_were_said()
    {
        var body = new { hold = "billing", reason = "Unpaid" };
        var effects = await Foresee(() => app.Admin.Post(path + "/suspend?whatIf=true", body));
        var working = await Working();

        (await app.Admin.Post(path + "/suspend", body)).ShouldBe(200);

        (await Working()).Should().BeEmpty();
        Targets(effects, "keyStops", "serviceAccountStops").Should().BeEquivalentTo(working).And.HaveCount(3, "the revoked key had stopped before");
        Targets(effects, "holdPlaced").Should().Equal(id);
        Targets(effects, "secretCloses").Should().Equal((string)(await app.ReadDocument("customers", id, storageAccount))["secretName"]!);
        await ShouldPause(effects);
        effects.Select(effect => effect.Action).Distinct().Should().BeEquivalentTo(["holdPlaced", "keyStops", "serviceAccountStops", "secretCloses", "rotationPauses"]);
        (await Foresee(() => app.Admin.Post(path + "/suspend?whatIf=true", body))).Should().BeEmpty("the hold is there");
        (await Foresee(() => app.Admin.Post(path + "/suspend?whatIf=true", new { hold = "admin", reason = "x" }))).Select(effect => effect.Action).Should().Equal("holdPlaced");
    }

    [Fact]
    public async Task Deleting_stops_what_was_said_cancels_the_trials_end_and_purges_on_the_day_that_was_said()
    {
        (await app.Admin.Delete(path + "?whatIf=true")).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Delete(path + "?whatIf=true", "\"stale\"")).ShouldBeRefused(412, "stale");
        var effects = await Foresee(() => app.Admin.Delete(path + "?whatIf=true", "*"));
        var (working, trialEnd) = (await Working(), (await app.Admin.Get(path))["trial"]!["endsAt"]!.GetValue<DateTimeOffset>());

        (await app.Admin.Delete(path, "*")).ShouldBe(204);

        (await Working()).Should().BeEmpty();
        Targets(effects, "keyStops", "serviceAccountStops").Should().BeEquivalentTo(working);
        effects.Single(effect => effect.Action == "trialEndCancelled").At.Should().Be(trialEnd);
        await app.Cloud.Advance(TimeSpan.FromDays(14));
        (await app.Cloud.RunTimer("ExpireTrials"))["returnValue"]!.AsObject().Should().BeEmpty();
        var purge = effects.Single(effect => effect.Action == "purge").At!.Value;
        await app.Cloud.Advance(purge - await app.Cloud.Now() - Slack);
        (await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!.AsObject().Should().BeEmpty();
        await app.Cloud.Advance(Slack + Slack);
        ((int?)(await app.Cloud.RunTimer("PurgeCustomers"))["returnValue"]!["purged"]).Should().Be(1);
    }

    [Fact]
    public async Task Revoking_stops_the_one_key()
    {
        var working = await Working();
        var key = working.First(name => name.StartsWith("key_", StringComparison.Ordinal));
        var effects = await Foresee(() => app.Admin.Delete($"{path}/api-keys/{key}?whatIf=true"));

        (await app.Admin.Delete($"{path}/api-keys/{key}")).ShouldBe(204);

        effects.Select(effect => (effect.Action, effect.Target)).Should().Equal(("keyRevoked", key), ("keyStops", key));
        working.Except(await Working()).Should().Equal(key);
        (await Foresee(() => app.Admin.Delete($"{path}/api-keys/{key}?whatIf=true"))).Should().BeEmpty("it is revoked");
        (await app.Admin.Delete(path + "/api-keys/key_none?whatIf=true")).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task What_a_suspended_account_has_lost_before_is_not_said_to_go_with_its_customer()
    {
        foreach (var account in new[] { apiAccount, storageAccount }) { (await app.Admin.Post($"{path}/service-accounts/{account}/suspend", new { reason = "audit" })).Status.Should().Be(200); }
        var working = await Working();

        var effects = await Foresee(() => app.Admin.Post(path + "/suspend?whatIf=true", new { hold = "billing", reason = "Unpaid" }));

        Targets(effects, "keyStops").Should().BeEquivalentTo(working);
        effects.Select(effect => effect.Action).Distinct().Should().BeEquivalentTo(["holdPlaced", "keyStops"]);
    }

    [Fact]
    public async Task Rotating_retires_the_key_and_comes_again_when_it_was_said()
    {
        foreach (var account in new[] { apiAccount, storageAccount })
        {
            var rotate = $"{path}/service-accounts/{account}/rotate";
            var effects = await Foresee(() => app.Admin.Post(rotate + "?whatIf=true"));

            (await app.Admin.Post(rotate)).ShouldBe(202);

            effects.Select(effect => effect.Action).Should().Equal("keyIssued", "keyRetires", "nextRotation");
            var document = await app.ReadDocument("customers", id, account);
            var retiring = document["keys"]!.AsArray().Single(key => (string?)key!["state"] == "retiring")!;
            effects[1].Target.Should().Be((string)retiring["id"]!);
            retiring["retireAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(effects[1].At!.Value, Slack);
            document["nextRotationAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(effects[2].At!.Value, Slack);
            (await app.Admin.Post(rotate + "?whatIf=true")).ShouldBeRefused(409, "rotation-in-progress");
        }
    }

    [Theory]
    [InlineData("?whatIf=yes", "?whatIf")]
    [InlineData("?whatIf=", "?whatIf")]
    [InlineData("?dryRun=true", "?dryRun")]
    public async Task A_question_that_is_misspelt_is_not_taken_for_an_order(string query, string parameter)
    {
        var before = await Stored();
        (await app.Admin.Post(path + "/suspend" + query, new { hold = "billing", reason = "x" })).ShouldBeRefused(400, "invalid-request", parameter);
        (await app.Admin.Delete(path + query, "*")).ShouldBeRefused(400, "invalid-request", parameter);
        (await app.Admin.Delete($"{path}/api-keys/{credentials.Keys.First()}{query}")).ShouldBeRefused(400, "invalid-request", parameter);
        (await app.Admin.Post($"{path}/service-accounts/{apiAccount}/rotate{query}")).ShouldBeRefused(400, "invalid-request", parameter);
        (await Stored()).Should().Equal(before);
    }

    /// <summary>Asks, and sees that asking changed nothing in any container nor in Key Vault.</summary>
    private async Task<IReadOnlyList<(string Action, string Target, DateTimeOffset? At)>> Foresee(Func<Task<Answer>> ask)
    {
        var before = await Stored();
        await app.Cloud.ResetRequests();
        var answer = (await ask()).ShouldBe(200);
        (await app.Cloud.Requests())["keyVault"]?.GetValue<int>().Should().Be(0);
        (await Stored()).Should().Equal(before);
        ((bool)answer["whatIf"]!).Should().BeTrue();
        return [.. answer["effects"]!.AsArray().Select(effect => ((string)effect!["action"]!, (string)effect["target"]!, effect["at"]?.GetValue<DateTimeOffset>()))];
    }

    private async Task<IReadOnlyList<string>> Stored()
    {
        var documents = new List<string>();
        foreach (var document in (await app.Data.All("customers")).Concat(await app.Data.All("directory")))
        {
            // A key's use is noted a moment after its answer.
            if ((string?)document["type"] == "keyVersionUse") { continue; }
            if ((string?)document["type"] == "apiKey") { foreach (var noted in new[] { "lastUsedAt", "lastUsedFrom", "_etag", "_ts" }) { document.Remove(noted); } }
            documents.Add(document.ToJsonString());
        }
        return documents;
    }

    /// <summary>Whose credential opens the customer right now; what an instance remembers of a revoked one is over when this one asks the app that revoked it.</summary>
    private async Task<IReadOnlyList<string>> Working()
    {
        var working = new List<string>();
        foreach (var (name, credential) in credentials)
        {
            if ((await app.Caller(credential).Get(path)).Status == 200) { working.Add(name); }
        }
        return working;
    }

    private async Task ShouldPause(IReadOnlyList<(string Action, string Target, DateTimeOffset? At)> effects)
    {
        var paused = effects.Where(effect => effect.Action == "rotationPauses").ToList();
        paused.Select(effect => effect.Target).Should().BeEquivalentTo([apiAccount, storageAccount]);
        await app.Cloud.Advance(paused.Min(effect => effect.At)!.Value - await app.Cloud.Now() - Slack);
        (await app.Cloud.RunTimer("RotateServiceAccountKeys"))["returnValue"]!.AsObject().Should().BeEmpty("nothing was due before");
        await app.Cloud.Advance(paused.Max(effect => effect.At)!.Value - await app.Cloud.Now() + Slack);
        ((int?)(await app.Cloud.RunTimer("RotateServiceAccountKeys"))["returnValue"]!["paused"]).Should().Be(2);
    }

    private static IEnumerable<string> Targets(IEnumerable<(string Action, string Target, DateTimeOffset? At)> effects, params string[] actions) =>
        effects.Where(effect => actions.Contains(effect.Action)).Select(effect => effect.Target);
}
