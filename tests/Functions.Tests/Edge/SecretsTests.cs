using System.Text.Json;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Edge;

/// <summary>A secret is in Key Vault, in the hands of its holder, and nowhere else.</summary>
public sealed class SecretsTests
{
    [Fact]
    public async Task No_secret_that_was_seen_on_the_main_path_is_in_a_document_or_a_log()
    {
        await using var app = await App.StartWithoutSchedules();
        var secrets = new List<string> { app.AdminKey, app.Cloud.Token("https://vault.azure.net"), app.Cloud.Token("https://cosmos.azure.com") };
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        secrets.Add(await app.CreateApiKey(customerId));
        var resource = await app.CreateStorageAccount();
        foreach (var account in new[] { await app.CreateServiceAccount(customerId), await app.CreateStorageServiceAccount(customerId, resource) })
        {
            secrets.Add(await app.CurrentSecret((string)account["secretName"]!));
            (await app.Admin.Post($"/api/customers/{customerId}/service-accounts/{account["id"]}/rotate")).ShouldBe(202);
            secrets.Add(await app.CurrentSecret((string)account["secretName"]!));
        }
        var keys = await app.Arm(HttpMethod.Post, $"{resource}/listKeys?api-version=2023-05-01");
        secrets.AddRange(keys["keys"]!.AsArray().Select(key => (string)key!["value"]!));
        await Misuse(app, customerId, secrets);

        var files = SecretSearch.FilesOf(app.Cloud.State);
        files.Should().Contain(path => path.Contains("cosmos", StringComparison.Ordinal)).And.Contain(path => path.Contains("logs", StringComparison.Ordinal));
        foreach (var file in files)
        {
            var text = await SecretSearch.Read(file);
            secrets.Where(secret => text.Contains(secret, StringComparison.Ordinal) || text.Contains(secret[^40..], StringComparison.Ordinal)).Should().BeEmpty(file);
        }
        // Azurite writes its files when it likes, so the audit log is asked itself.
        var log = string.Concat((await new Audit.AuditTrail(app, customerId).Rows()).Select(row => row.ToJsonString()));
        log.Should().Contain("serviceAccount.rotated").And.Contain("apiKey.created");
        secrets.Where(secret => log.Contains(secret, StringComparison.Ordinal) || log.Contains(secret[^40..], StringComparison.Ordinal)).Should().BeEmpty("the audit log is read by many");
        // The console greets the developer with the first key; no other secret is printed.
        var output = app.Cloud.Output();
        secrets.Skip(1).Where(secret => output.Contains(secret[^40..], StringComparison.Ordinal)).Should().BeEmpty("the console is read by many");
    }

    [Fact]
    public async Task A_secret_in_a_log_is_found()
    {
        await using var app = await App.StartWithoutSchedules();
        await app.CreateServiceAccount((string)(await app.CreateCustomer())["id"]!);
        var key = (string)(await app.Arm(HttpMethod.Post, $"{await app.CreateStorageAccount()}/listKeys?api-version=2023-05-01"))["keys"]![1]!["value"]!;
        const string Broken = "no run of it/is+so long \"that it\" tells";
        using (var request = app.ToVault(HttpMethod.Put, "/secrets/planted", new { value = Broken })) { (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode(); }
        const string ClientSecret = "AbC8Q~0123456789_.-abcdefghijklmnopqrstu";

        string[] planted =
        [
            $"fail: System.InvalidOperationException: {app.AdminKey}", $"a resource's key: {key}", $"?sig={Uri.EscapeDataString(key)}", JsonSerializer.Serialize(new { Broken }), Broken, Uri.EscapeDataString(Broken), ClientSecret,
        ];
        for (var i = 0; i < planted.Length; i++)
        {
            var file = Path.Combine(app.Cloud.State, "logs", $"planted-{i}.log");
            await File.WriteAllTextAsync(file, planted[i]);
            (await SecretSearch.Run(app.Cloud.State)).Leaks.Should().ContainSingle(planted[i]).Which.Should().Contain($"planted-{i}.log");
            File.Delete(file);
            (await SecretSearch.Run(app.Cloud.State, planted[i])).Leaks.Should().ContainSingle(planted[i]).Which.Should().StartWith("what was printed");
        }
    }

    [Fact]
    public async Task Answers_are_searched_but_for_those_that_reveal_a_secret()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "src", "Functions"), "*.cs", SearchOption.AllDirectories).SelectMany(File.ReadLines);
        var revealing = sources.Where(line => line.Contains(".LimitsReveals()", StringComparison.Ordinal)).Select(line => Regex.Match(line, "WithName\\(\"(\\w+)\"\\)").Groups[1].Value);

        revealing.Should().BeEquivalentTo(ApiDescription.Revealing);
        (await (await App.Shared).Description).Reveals("POST", "/api/customers/cus_1/service-accounts/sva_1/keys/current/reveal").Should().BeTrue();
        (await (await App.Shared).Description).Reveals("GET", "/api/customers/cus_1").Should().BeFalse();
    }

    /// <summary>Secrets where they do not belong, and failures while they are handled: what a careless log line would show.</summary>
    private static async Task Misuse(App app, string customerId, List<string> secrets)
    {
        foreach (var secret in secrets.ToList())
        {
            await app.Caller(secret).Get("/api/nothing");
            await app.Caller(secret + "x").Get($"/api/customers/{customerId}");
            await app.Admin.Post("/api/customers", $$"""{"name":"Ada","{{secret}}":1}""");
            await app.Admin.Get($"/api/customers?{Uri.EscapeDataString(secret)}=1");
        }
        await app.Cloud.Fault(new { service = "keyVault", kind = "unavailable", seconds = 20 });
        await app.Admin.Post($"/api/customers/{customerId}/service-accounts", new { name = "fails", kind = "apiCredential" });
        await app.Cloud.ClearFaults();
    }
}
