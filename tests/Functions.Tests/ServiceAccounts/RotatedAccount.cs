using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>A service account under test, seen from all sides: through the API, as its document in Cosmos DB, as its secret in Key Vault, and by trying its credentials.</summary>
internal sealed class RotatedAccount(App app, string kind, string customerId, string? resourceId, JsonObject created)
{
    public const string ApiCredential = RotatedResource.ApiCredential;
    public const string StorageAccountKeys = RotatedResource.StorageAccountKeys;

    public static readonly TimeSpan Interval = TimeSpan.FromDays(30);
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(6);

    public string Kind => kind;

    public string CustomerId => customerId;

    public string Id { get; } = (string)created["id"]!;

    public string SecretName { get; } = (string)created["secretName"]!;

    /// <summary>What its credentials open; null for API credentials.</summary>
    public string? ResourceId => resourceId;

    /// <summary>Where it is migrated to; a user of its secret reads there which of the two it opens.</summary>
    public string? TargetId { get; set; }

    /// <summary>The last part of that.</summary>
    public string? ResourceName => resourceId?.Split('/')[^1];

    public string Path => $"/api/customers/{CustomerId}/service-accounts/{Id}";

    public static object Body(string kind, string? resourceId, string name = "deploy") => new { name, kind, resourceId, rotation = new { interval = "P30D", overlap = "PT6H" } };

    /// <summary>A customer of its own with one service account of this kind.</summary>
    public static async Task<RotatedAccount> Create(App app, string kind, string name = "deploy") => await CreateFor(app, kind, (string)(await app.CreateCustomer())["id"]!, name);

    /// <summary>One more of a customer.</summary>
    public static async Task<RotatedAccount> CreateFor(App app, string kind, string customerId, string name)
    {
        var resourceId = await RotatedResource.Create(app, kind);
        var created = (await app.Admin.Post($"/api/customers/{customerId}/service-accounts", Body(kind, resourceId, name))).ShouldBe(201).Object;
        return new RotatedAccount(app, kind, customerId, resourceId, created);
    }

    public async Task<JsonObject> Get() => (await app.Admin.Get(Path)).ShouldBe(200).Object;

    /// <summary>Its key versions as they are stored, newest first.</summary>
    public async Task<IReadOnlyList<JsonObject>> Keys() => [.. (await Document())["keys"]!.AsArray().Select(key => key!.AsObject()).Reverse()];

    public async Task<IReadOnlyList<string>> KeyStates() => [.. (await Keys()).Select(key => (string)key["state"]!)];

    /// <summary>What is stored, as it is stored.</summary>
    public Task<JsonObject> Document() => app.ReadDocument("customers", CustomerId, Id);

    /// <summary>The secret's versions: which key each holds and whether it is enabled.</summary>
    public async Task<IReadOnlyList<(string KeyId, string Version, bool Enabled)>> Versions()
    {
        using var request = app.ToVault(HttpMethod.Get, $"/secrets/{SecretName}/versions?maxresults=25");
        using var answer = await app.Azure.SendAsync(request);
        answer.EnsureSuccessStatusCode();
        var versions = (await answer.Content.ReadFromJsonAsync<JsonObject>())!["value"]!.AsArray();
        return [.. versions.Select(version => ((string)version!["tags"]!["keyId"]!, ((string)version["id"]!).Split('/')[^1], (bool)version["attributes"]!["enabled"]!))];
    }

    /// <summary>The newest version: the credential as consumers get it, and the key it says it is.</summary>
    public async Task<(string Value, string KeyId)> Current()
    {
        var secret = await app.Secret(SecretName);
        return ((string)secret["value"]!, (string)secret["tags"]!["keyId"]!);
    }

    /// <summary>The resource of a secret, by the endpoint that stands in its tags.</summary>
    public string? ResourceOf(JsonObject secret) => TargetId is not null && NameIn(TargetId) == ((string)secret["tags"]!["endpoint"]!).TrimEnd('/').Split('/')[^1] ? TargetId : ResourceId;

    private string NameIn(string id) => kind is RotatedResource.ServiceBusKeys or RotatedResource.EventHubKeys ? id.Split('/')[^3] : id.Split('/')[^1];

    /// <summary>Whether a credential opens what it is for, asked until somebody answers.</summary>
    public async Task<bool> Accepts(string credential, string? of = null)
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            if (await Consumer.TryUse(app, this, of ?? ResourceId, credential, await app.Cloud.Now()) is { } answer) { return answer; }
            waiting.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(60), "somebody says whether the credential of {0} is accepted", SecretName);
        }
    }

    /// <summary>What its rotation does next.</summary>
    public async Task<string?> Step() => (string?)(await Document())["rotation"]!["step"];

    /// <summary>Runs the timer, past leases and back-offs, until one of <paramref name="steps"/> is what comes next.</summary>
    public async Task RunTimerUntil(params string[] steps)
    {
        for (var run = 0; run < 8; run++)
        {
            var step = await Step();
            if (steps.Contains(step)) { return; }
            await app.Cloud.Advance(TimeSpan.FromMinutes(5));
            await app.Cloud.RunTimer("RotateServiceAccountKeys");
        }
        throw new InvalidOperationException($"It did not get to {steps[0]}: {await Document()}");
    }

    /// <summary>One key is current, it is the newest and enabled in Key Vault, and it works; nothing is pending or claimed.</summary>
    public async Task ShouldHaveOneCurrentKey()
    {
        var keys = await Keys();
        var current = keys.Should().ContainSingle(key => (string?)key["state"] == "current").Subject;
        keys.Should().NotContain(key => (string?)key["state"] == "pending");
        (await Document()).Should().NotContainKey("leasedUntil");
        var (value, keyId) = await Current();
        keyId.Should().Be((string)current["id"]!);
        (await Versions()).Should().Contain((keyId, (string)current["vaultVersion"]!, true));
        (await Accepts(value)).Should().BeTrue("the current credential works");
    }

    /// <summary>Everything that was rotated away is disabled in Key Vault, and refused as soon as no instance remembers it.</summary>
    public async Task ShouldHaveRetired(params string[] credentials)
    {
        var live = (await Keys()).Where(key => (string?)key["state"] is "current" or "retiring").Select(key => (string)key["id"]!).ToHashSet();
        (await Versions()).Should().OnlyContain(version => version.Enabled == live.Contains(version.KeyId));
        var waiting = Stopwatch.StartNew();
        foreach (var credential in credentials)
        {
            while (await Accepts(credential)) { waiting.Elapsed.Should().BeLessThan(TimeSpan.FromSeconds(15), "the old credential is retired"); }
        }
    }

    /// <summary>Takes it out of the timer's sight, so that the next test on the same environment has the timer to itself.</summary>
    public Task Forget() => app.DeleteDocument("customers", CustomerId, Id);
}
