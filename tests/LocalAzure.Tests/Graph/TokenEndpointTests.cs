using Azure.Core;
using Azure.Identity;

namespace LocalAzure.Tests.Graph;

public sealed class TokenEndpointTests : IAsyncLifetime
{
    private Tenant tenant = null!;

    public async Task InitializeAsync() => tenant = await Tenant.Start();

    public async Task DisposeAsync() => await tenant.DisposeAsync();

    [Fact]
    public async Task The_SDK_signs_in_with_a_current_secret_and_gets_a_token_that_emulators_take()
    {
        var appId = await tenant.CreateApplication();
        var (_, secret) = await tenant.AddPassword(appId);

        var token = await tenant.Credential(appId, secret).GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), default);

        tenant.Tokens.Refusal(token.Token, "https://vault.azure.net").Should().BeNull();
        tenant.Tokens.Refusal(token.Token, "https://graph.microsoft.com").Should().NotBeNull();
    }

    [Fact]
    public async Task The_SDK_is_told_that_a_secret_is_wrong()
    {
        var appId = await tenant.CreateApplication();
        var signIn = () => tenant.Credential(appId, "wrong").GetTokenAsync(new TokenRequestContext(["https://vault.azure.net/.default"]), default).AsTask();
        var failure = (await signIn.Should().ThrowAsync<AuthenticationFailedException>()).Which;
        failure.ToString().Should().Contain("AADSTS7000215");
    }

    [Fact]
    public async Task A_removed_secret_is_wrong_and_an_old_one_expired()
    {
        var appId = await tenant.CreateApplication();
        var (keyId, removed) = await tenant.AddPassword(appId);
        var (_, expiring) = await tenant.AddPassword(appId, tenant.Clock.GetUtcNow().AddDays(1));
        await tenant.Send(HttpMethod.Post, $"applications(appId='{appId}')/removePassword", new { keyId });
        tenant.Clock.Advance(TimeSpan.FromDays(2));

        await Refused(appId, removed, 401, "invalid_client", 7000215);
        await Refused(appId, expiring, 401, "invalid_client", 7000222);
    }

    [Fact]
    public async Task A_disabled_service_principal_gets_no_token_until_it_is_enabled()
    {
        var appId = await tenant.CreateApplication();
        var (_, secret) = await tenant.AddPassword(appId);
        await tenant.Send(HttpMethod.Patch, $"servicePrincipals(appId='{appId}')", new { accountEnabled = false });
        await Refused(appId, secret, 400, "unauthorized_client", 7000112);

        await tenant.Send(HttpMethod.Patch, $"servicePrincipals(appId='{appId}')", new { accountEnabled = true });
        (await tenant.SignInWith(appId, secret)).Status.Should().Be(200);

        await tenant.Send(HttpMethod.Delete, $"servicePrincipals(appId='{appId}')");
        await Refused(appId, secret, 401, "unauthorized_client", 7000229);
    }

    [Fact]
    public async Task A_new_secret_is_not_known_before_it_has_spread()
    {
        var appId = await tenant.CreateApplication();
        tenant.SignIn.Propagation = TimeSpan.FromMinutes(2);
        var (_, secret) = await tenant.AddPassword(appId);
        await Refused(appId, secret, 401, "invalid_client", 7000215);

        tenant.Clock.Advance(TimeSpan.FromMinutes(3));
        (await tenant.SignInWith(appId, secret)).Status.Should().Be(200);
    }

    [Fact]
    public async Task Requests_that_make_no_sense_are_refused_as_Entra_does()
    {
        var appId = await tenant.CreateApplication();
        Expect(await tenant.SignInWith(Guid.NewGuid().ToString(), "x"), 400, "unauthorized_client", 700016);
        Expect(await tenant.SignInWith(appId, "x", scope: "https://vault.azure.net"), 400, "invalid_scope", 1002012);
        Expect(await tenant.SignInWith(appId, "x", scope: ""), 400, "invalid_request", 900144);
        Expect(await tenant.SignInWith(appId, "x", tenant: "elsewhere.example"), 400, "invalid_request", 90002);
        Expect(await tenant.SignInWith(appId, ""), 401, "invalid_client", 7000216);
    }

    private async Task Refused(string appId, string secret, int status, string error, int number) => Expect(await tenant.SignInWith(appId, secret), status, error, number);

    private static void Expect((int Status, System.Text.Json.Nodes.JsonObject Body) answer, int status, string error, int number) =>
        (answer.Status, (string)answer.Body["error"]!, (int)answer.Body["error_codes"]![0]!).Should().Be((status, error, number), answer.Body.ToJsonString());
}
