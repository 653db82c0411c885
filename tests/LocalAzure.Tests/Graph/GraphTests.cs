namespace LocalAzure.Tests.Graph;

public sealed class GraphTests : IAsyncLifetime
{
    private Tenant tenant = null!;

    public async Task InitializeAsync() => tenant = await Tenant.Start();

    public async Task DisposeAsync() => await tenant.DisposeAsync();

    [Fact]
    public async Task An_application_is_found_by_its_id_and_by_its_appId()
    {
        var appId = await tenant.CreateApplication();
        var byAppId = (await tenant.Send(HttpMethod.Get, $"applications(appId='{appId}')")).Body;
        var byId = (await tenant.Send(HttpMethod.Get, $"applications/{byAppId["id"]}")).Body;
        var listed = (await tenant.Send(HttpMethod.Get, $"applications?$filter=appId eq '{appId}'&$select=id,displayName")).Body["value"]!.AsArray();

        byId.ToJsonString().Should().Be(byAppId.ToJsonString());
        listed.Should().ContainSingle().Which!.ToJsonString().Should().Be($$"""{"id":"{{byId["id"]}}","displayName":"billing"}""");
    }

    [Fact]
    public async Task The_text_of_a_password_is_shown_once()
    {
        var appId = await tenant.CreateApplication();
        var (keyId, secret) = await tenant.AddPassword(appId, tenant.Clock.GetUtcNow().AddDays(10));

        var application = (await tenant.Send(HttpMethod.Get, $"applications(appId='{appId}')")).Body;
        var password = application["passwordCredentials"]!.AsArray().Should().ContainSingle().Subject!;
        ((string)password["keyId"]!).Should().Be(keyId);
        ((string)password["displayName"]!).Should().Be("key_1");
        ((string)password["hint"]!).Should().Be(secret[..3]);
        password["secretText"].Should().BeNull();
        application.ToJsonString().Should().NotContain(secret);
    }

    [Fact]
    public async Task What_is_not_there_is_refused_by_name()
    {
        var appId = await tenant.CreateApplication();
        var unknown = Guid.NewGuid();

        await Refused(HttpMethod.Get, $"applications/{unknown}", null, 404, "Request_ResourceNotFound");
        await Refused(HttpMethod.Post, $"applications(appId='{appId}')/removePassword", new { keyId = unknown }, 400, "Request_BadRequest");
        await Refused(HttpMethod.Post, "servicePrincipals", new { appId = unknown }, 400, "Request_BadRequest");
        await Refused(HttpMethod.Post, "servicePrincipals", new { appId }, 409, "Request_MultipleObjectsWithSameKeyValue");
        await Refused(HttpMethod.Get, "users", null, 400, "BadRequest");
        await Refused(HttpMethod.Get, "applications?$filter=startswith(displayName,'b')", null, 501, "NotImplemented");
        await Refused(HttpMethod.Put, $"applications(appId='{appId}')", new { }, 405, "Request_BadRequest");
    }

    [Fact]
    public async Task Only_a_token_for_graph_opens_it()
    {
        (await tenant.Send(HttpMethod.Get, "applications", audience: null)).Status.Should().Be(401);
        var (status, body) = await tenant.Send(HttpMethod.Get, "applications", audience: "https://vault.azure.net");
        status.Should().Be(401);
        ((string)body["error"]!["code"]!).Should().Be("InvalidAuthenticationToken");
    }

    [Fact]
    public async Task An_application_for_personal_accounts_has_two_passwords_at_most()
    {
        var appId = await tenant.CreateApplication("AzureADandPersonalMicrosoftAccount");
        await tenant.AddPassword(appId);
        await tenant.AddPassword(appId);
        await Refused(HttpMethod.Post, $"applications(appId='{appId}')/addPassword", new { }, 400, "Request_BadRequest");
    }

    [Fact]
    public async Task Everything_is_there_after_a_restart_but_the_text_of_passwords()
    {
        var appId = await tenant.CreateApplication();
        var (_, secret) = await tenant.AddPassword(appId);
        await tenant.Send(HttpMethod.Patch, $"applications(appId='{appId}')", new { displayName = "invoices" });
        var before = (await tenant.Send(HttpMethod.Get, $"applications(appId='{appId}')")).Body;

        await tenant.Restart();

        (await tenant.Send(HttpMethod.Get, $"applications(appId='{appId}')")).Body.ToJsonString().Should().Be(before.ToJsonString()).And.Contain("invoices");
        (await tenant.SignInWith(appId, secret)).Status.Should().Be(200);
    }

    [Fact]
    public async Task A_deleted_application_takes_its_service_principal_with_it()
    {
        var appId = await tenant.CreateApplication();
        (await tenant.Send(HttpMethod.Delete, $"applications(appId='{appId}')")).Status.Should().Be(204);
        await Refused(HttpMethod.Get, $"servicePrincipals(appId='{appId}')", null, 404, "Request_ResourceNotFound");
    }

    private async Task Refused(HttpMethod method, string path, object? body, int status, string code)
    {
        var answer = await tenant.Send(method, path, body);
        (answer.Status, (string)answer.Body["error"]!["code"]!).Should().Be((status, code), answer.Body.ToJsonString());
    }
}
