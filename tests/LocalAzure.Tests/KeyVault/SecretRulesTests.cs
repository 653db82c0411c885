using System.Text.Json;
using Azure.Core.Pipeline;
using Azure.Security.KeyVault.Secrets;
using LocalAzure.Tests.Identity;

namespace LocalAzure.Tests.KeyVault;

public sealed class SecretRulesTests : IAsyncLifetime
{
    private Vault vault = null!;

    public async Task InitializeAsync() => vault = await Vault.Start();

    public async Task DisposeAsync() => await vault.DisposeAsync();

    public static TheoryData<string, string, bool> Bodies() => new()
    {
        { "a value", """{"value":"v"}""", true },
        { "an empty value", """{"value":""}""", true },
        { "no value", """{"contentType":"text/plain"}""", false },
        { "a null value", """{"value":null}""", false },
        { "a number as value", """{"value":1}""", false },
        { "a value of 25 kB", $$"""{"value":"{{new string('x', 25 * 1024)}}"}""", true },
        { "a value above 25 kB", $$"""{"value":"{{new string('x', (25 * 1024) + 1)}}"}""", false },
        { "a value above 25 kB in bytes, not in characters", $$"""{"value":"{{new string('é', 13 * 1024)}}"}""", false },
        { "15 tags", WithTags(Enumerable.Range(0, 15).Select(i => ($"t{i}", "v"))), true },
        { "16 tags", WithTags(Enumerable.Range(0, 16).Select(i => ($"t{i}", "v"))), false },
        { "a tag name of 512", WithTags([(new string('n', 512), "v")]), true },
        { "a tag name of 513", WithTags([(new string('n', 513), "v")]), false },
        { "a tag value of 256", WithTags([("n", new string('v', 256))]), true },
        { "a tag value of 257", WithTags([("n", new string('v', 257))]), false },
        { "a tag that is a number", """{"value":"v","tags":{"a":1}}""", false },
        { "a content type of 255", $$"""{"value":"v","contentType":"{{new string('c', 255)}}"}""", true },
        { "a content type of 256", $$"""{"value":"v","contentType":"{{new string('c', 256)}}"}""", false },
        { "an expiry that is text", """{"value":"v","attributes":{"exp":"tomorrow"}}""", false },
        { "an expiry below zero", """{"value":"v","attributes":{"exp":-1}}""", false },
        { "an expiry after all time", """{"value":"v","attributes":{"exp":999999999999999}}""", false },
        { "enabled as text", """{"value":"v","attributes":{"enabled":"yes"}}""", false },
        { "attributes that are a list", """{"value":"v","attributes":[]}""", false },
        { "half a body", """{"value":"v" """, false },
        { "a list", "[]", false },
        { "nothing", "", false },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task A_set_is_taken_or_refused_by_its_body(string what, string body, bool taken)
    {
        var (status, answer) = await vault.Send(HttpMethod.Put, "/secrets/tried", body);

        status.Should().Be(taken ? 200 : 400, "of {0}: {1}", what, answer[..Math.Min(200, answer.Length)]);
        if (!taken) { CodeOf(answer).Should().Be("BadParameter"); }
        (await vault.Send(HttpMethod.Get, "/secrets/tried")).Status.Should().Be(taken ? 200 : 404);
    }

    [Theory]
    [InlineData("a", 200)]
    [InlineData("sva-acme-1", 200)]
    [InlineData("a_b", 400)]
    [InlineData("a.b", 400)]
    [InlineData("a%20b", 400)]
    [InlineData("a%2Fb", 400)]
    [InlineData("a%0A", 400)]
    public async Task A_name_has_letters_digits_and_dashes(string name, int status) =>
        (await vault.Send(HttpMethod.Put, $"/secrets/{name}", """{"value":"v"}""")).Status.Should().Be(status);

    [Theory]
    [InlineData(127, 200)]
    [InlineData(128, 400)]
    public async Task A_name_has_at_most_127_characters(int length, int status) =>
        (await vault.Send(HttpMethod.Put, $"/secrets/{new string('n', length)}", """{"value":"v"}""")).Status.Should().Be(status);

    [Theory]
    [InlineData("GET", "/secrets/none", 404, "SecretNotFound")]
    [InlineData("GET", "/secrets/none/0123456789abcdef0123456789abcdef", 404, "SecretNotFound")]
    [InlineData("GET", "/secrets/there/0123456789abcdef0123456789abcdef", 404, "SecretNotFound")]
    [InlineData("PATCH", "/secrets/none", 404, "SecretNotFound")]
    [InlineData("DELETE", "/secrets/none", 404, "SecretNotFound")]
    [InlineData("POST", "/secrets/none/backup", 404, "SecretNotFound")]
    [InlineData("GET", "/deletedsecrets/there", 404, "SecretNotFound")]
    [InlineData("DELETE", "/deletedsecrets/there", 404, "SecretNotFound")]
    [InlineData("POST", "/deletedsecrets/there/recover", 404, "SecretNotFound")]
    [InlineData("GET", "/secrets?maxresults=0", 400, "BadParameter")]
    [InlineData("GET", "/secrets?maxresults=26", 400, "BadParameter")]
    [InlineData("GET", "/secrets?maxresults=some", 400, "BadParameter")]
    [InlineData("GET", "/secrets?$skiptoken=!", 400, "BadParameter")]
    [InlineData("POST", "/secrets/there", 405, "MethodNotAllowed")]
    [InlineData("DELETE", "/secrets", 405, "MethodNotAllowed")]
    [InlineData("GET", "/keys/there", 501, "NotImplemented")]
    [InlineData("GET", "/", 501, "NotImplemented")]
    public async Task What_can_not_be_done_is_refused_by_name(string method, string path, int status, string code)
    {
        await vault.Secrets.SetSecretAsync("there", "v");

        var (actual, answer) = await vault.Send(new HttpMethod(method), path, method == "PATCH" ? "{}" : null);

        actual.Should().Be(status);
        CodeOf(answer).Should().Be(code);
    }

    [Theory]
    [InlineData("7.4", 200)]
    [InlineData("7.5", 200)]
    [InlineData("7.6", 200)]
    [InlineData("2025-07-01", 200)]
    [InlineData("2015-06-01", 400)]
    [InlineData("", 400)]
    public async Task The_version_of_the_api_is_required_and_known(string version, int status) =>
        (await vault.Send(HttpMethod.Get, "/secrets", apiVersion: version)).Status.Should().Be(status);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"value":""}""")]
    [InlineData("""{"value":"bm90IGEgYmFja3Vw"}""")]
    [InlineData("""{"value":"bm90IGEgYmFja3Vwbm90IGEgYmFja3Vwbm90IGEgYmFja3Vwbm90IGEgYmFja3Vw"}""")]
    [InlineData("""{"value":"not base64url!"}""")]
    public async Task A_restore_of_something_else_than_a_backup_is_400(string body)
    {
        var (status, answer) = await vault.Send(HttpMethod.Post, "/secrets/restore", body);

        status.Should().Be(400);
        CodeOf(answer).Should().Be("BadParameter");
    }

    [Fact]
    public async Task Without_a_token_the_vault_says_where_to_get_one_and_for_what()
    {
        using var response = await vault.Http.GetAsync("/secrets?api-version=7.6");

        ((int)response.StatusCode).Should().Be(401);
        const string Authority = "https://login.microsoftonline.com/11111111-1111-1111-1111-111111111111";
        response.Headers.WwwAuthenticate.Should().ContainSingle().Which.ToString()
            .Should().Be($"Bearer authorization=\"{Authority}\", resource=\"https://vault.azure.net\"");
        CodeOf(await response.Content.ReadAsStringAsync()).Should().Be("Unauthorized");
    }

    [Fact]
    public async Task A_token_for_another_audience_is_refused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/secrets?api-version=7.6");
        request.Headers.Authorization = new("Bearer", vault.Tokens.Issue("https://management.azure.com", "me").Token);
        using var response = await vault.Http.SendAsync(request);

        ((int)response.StatusCode).Should().Be(401);
    }

    [Fact]
    public async Task The_sdk_refuses_a_vault_outside_the_domain_of_the_challenge_until_it_is_told_otherwise()
    {
        var strict = vault.Client(options => options.DisableChallengeResourceVerification = false);

        await strict.Invoking(client => client.GetSecretAsync("any"))
            .Should().ThrowAsync<InvalidOperationException>().WithMessage("*challenge resource*");
    }

    [Theory]
    [InlineData(SecretClientOptions.ServiceVersion.V7_4)]
    [InlineData(SecretClientOptions.ServiceVersion.V7_6)]
    [InlineData(SecretClientOptions.ServiceVersion.V2025_07_01)]
    public async Task The_sdk_works_with_each_version_it_knows(SecretClientOptions.ServiceVersion version)
    {
        var client = new SecretClient(vault.Secrets.VaultUri, new LocalCredential(vault.Tokens), new SecretClientOptions(version)
        {
            Transport = new HttpClientTransport(vault.Http),
            DisableChallengeResourceVerification = true,
        });

        await client.SetSecretAsync("versioned", "v");

        (await client.GetSecretAsync("versioned")).Value.Value.Should().Be("v");
    }

    [Fact]
    public async Task The_summary_for_people_has_names_and_dates_and_no_values()
    {
        await vault.Secrets.SetSecretAsync("shown", "hidden-value");
        await vault.Secrets.SetSecretAsync("gone", "hidden-value");
        await vault.Secrets.StartDeleteSecretAsync("gone");

        var summary = vault.Emulator.Summary();

        summary.Select(s => (s.Name, s.DeletedOn is null, s.Versions.Count)).Should().Equal(("shown", true, 1), ("gone", false, 1));
        JsonSerializer.Serialize(summary).Should().NotContain("hidden");
    }

    private static string WithTags(IEnumerable<(string Name, string Value)> tags) =>
        JsonSerializer.Serialize(new { value = "v", tags = tags.ToDictionary(tag => tag.Name, tag => tag.Value) });

    private static string CodeOf(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("error").GetProperty("code").GetString()!;
    }
}
