using System.Text.RegularExpressions;

namespace Infra.Tests.Bicep;

/// <summary>What the deployment promises about security, read from the Bicep itself.</summary>
public sealed partial class SecurityTests
{
    [Fact]
    public void No_file_asks_for_a_key()
    {
        foreach (var (file, text) in BicepSource.Files)
        {
            KeyFunction().Matches(text).Should().BeEmpty(because: "{0} must not read keys", file);
            text.Should().NotContain("AccountKey=", because: file).And.NotContain("SharedAccessKey=", because: file);
        }
    }

    [Fact]
    public void Nothing_secret_goes_in_or_out()
    {
        foreach (var (file, text) in BicepSource.Files)
        {
            var names = InOrOut().Matches(text).Select(match => match.Groups[1].Value);
            names.Should().NotContain(name => Secretive().IsMatch(name), because: "{0} has neither secret parameters nor outputs", file);
            text.Should().NotContain("@secure()", because: file);
        }
    }

    [Fact]
    public void No_app_setting_is_a_secret()
    {
        var settings = BicepSource.Properties(BicepSource.Resources.Single(resource => resource.Symbol == "app::settings").Body);
        settings.Keys.Where(name => Secretive().IsMatch(name)).Should().BeEquivalentTo(["Mail__SecretName"], because: "that one is the name of a secret");
        settings.Values.Should().NotContain(value => value.Contains("reference(", StringComparison.Ordinal) || value.Contains("Microsoft.KeyVault", StringComparison.Ordinal));
    }

    [Fact]
    public void Key_Vault_asks_roles_and_cannot_be_emptied()
    {
        var vault = BicepSource.OfType("Microsoft.KeyVault/vaults").Should().ContainSingle().Subject;
        vault["enableRbacAuthorization"].Should().Be("true");
        vault["enablePurgeProtection"].Should().Be("true");
        vault["softDeleteRetentionInDays"].Should().Be("90");
        vault["accessPolicies"].Should().BeNull();
    }

    [Fact]
    public void Storage_takes_identities_only_and_TLS_1_2()
    {
        var accounts = BicepSource.OfType("Microsoft.Storage/storageAccounts");
        accounts.Should().HaveCount(2);
        foreach (var account in accounts)
        {
            account["allowSharedKeyAccess"].Should().Be("false");
            account["allowBlobPublicAccess"].Should().Be("false");
            account["minimumTlsVersion"].Should().Be("'TLS1_2'");
            account["supportsHttpsTrafficOnly"].Should().Be("true");
        }
    }

    [Fact]
    public void Cosmos_DB_takes_identities_only_and_TLS_1_2()
    {
        var account = BicepSource.OfType("Microsoft.DocumentDB/databaseAccounts").Should().ContainSingle().Subject;
        account["disableLocalAuth"].Should().Be("true");
        account["disableKeyBasedMetadataWriteAccess"].Should().Be("true");
        account["minimalTlsVersion"].Should().Be("'Tls12'");
    }

    [Fact]
    public void Telemetry_is_taken_from_identities_only()
    {
        BicepSource.OfType("Microsoft.Insights/components").Should().ContainSingle().Which["DisableLocalAuth"].Should().Be("true");
        BicepSource.OfType("Microsoft.OperationalInsights/workspaces").Should().ContainSingle().Which["features"].Should().Contain("disableLocalAuth: true");
    }

    [Fact]
    public void The_app_is_reached_over_TLS_1_2_and_deployed_with_identities_only()
    {
        var app = BicepSource.OfType("Microsoft.Web/sites").Should().ContainSingle().Subject;
        app["httpsOnly"].Should().Be("true");
        app["minTlsVersion"].Should().Be("'1.2'");
        app["scmMinTlsVersion"].Should().Be("'1.2'");
        app["ftpsState"].Should().Be("'Disabled'");
        app["authentication"].Should().Contain("UserAssignedIdentity");
        BicepSource.OfType("basicPublishingCredentialsPolicies").Select(policy => (policy["name"], policy["properties"])).Should()
            .BeEquivalentTo([("'scm'", "{ allow: false }"), ("'ftp'", "{ allow: false }")]);
    }

    [Theory]
    [InlineData("Microsoft.KeyVault/vaults")]
    [InlineData("Microsoft.Storage/storageAccounts")]
    [InlineData("Microsoft.DocumentDB/databaseAccounts")]
    [InlineData("Microsoft.Web/sites")]
    public void Whether_the_internet_reaches_it_is_a_parameter(string type)
    {
        BicepSource.OfType(type).Should().NotBeEmpty().And.OnlyContain(resource => resource["publicNetworkAccess"] == "publicNetworkAccess");
    }

    [Theory]
    [InlineData("modules/vault.bicep")]
    [InlineData("modules/documents.bicep")]
    [InlineData("modules/audit-storage.bicep")]
    public void What_cannot_be_made_again_can_be_locked(string file)
    {
        BicepSource.OfType("Microsoft.Authorization/locks").Should().ContainSingle(guard => guard.File == file).Which["properties"].Should().Contain("CanNotDelete");
    }

    [Fact]
    public void What_holds_data_is_reached_through_the_virtual_network_by_its_own_name_when_that_is_asked_for()
    {
        var network = BicepSource.Files["modules/network.bicep"];
        PrivateService().Matches(network).Select(match => (match.Groups[1].Value, match.Groups[2].Value)).Should()
            .BeEquivalentTo([("hostStorageId", "blob"), ("auditStorageId", "table"), ("documentsId", "Sql"), ("vaultId", "vault")]);
        BicepSource.Resources.Where(resource => resource.File == "modules/private-endpoint.bicep").Select(resource => resource.Type).Should()
            .Contain(["Microsoft.Network/privateEndpoints", "Microsoft.Network/privateDnsZones", "privateDnsZoneGroups", "virtualNetworkLinks"]);
        BicepSource.Files["main.bicep"].Should().Contain("= if (privateNetworking) {").And.Contain("var access = privateNetworking ? 'Disabled' : 'Enabled'");
    }

    [Theory]
    [InlineData("vault", "categoryGroup: 'audit'")]
    [InlineData("account", "'ControlPlaneRequests'")]
    [InlineData("account::tables", "'StorageDelete'")]
    public void Who_touches_secrets_documents_settings_and_the_audit_log_is_logged(string scope, string what)
    {
        BicepSource.OfType("Microsoft.Insights/diagnosticSettings").Should().ContainSingle(logs => logs["scope"] == scope).Which.Body.Should().Contain(what).And.Contain("workspaceId: workspaceId");
    }

    [Fact]
    public void Whatever_can_have_tags_has_them()
    {
        // A resource that has a place of its own can; what is part of another, or belongs to one (roles, locks, logs), cannot.
        var placed = BicepSource.Resources.Where(resource => resource["location"] is not null && resource.Type != "virtualNetworkLinks").ToList();

        placed.Should().HaveCountGreaterThan(12).And.OnlyContain(resource => resource["tags"] == "tags" || resource["tags"] == "allTags" || resource["tags"] == "union(tags, { 'azd-service-name': 'api' })");
        BicepSource.Files["main.bicep"].Should().Contain("var allTags = union(tags, { 'azd-env-name': environmentName })");
    }

    [GeneratedRegex(@"\{ id: (\w+), part: '(\w+)'")]
    private static partial Regex PrivateService();

    [GeneratedRegex(@"\blist(Keys|AccountSas|ServiceSas|Secrets|Credentials|ConnectionStrings)?\(|\bgetSecret\(", RegexOptions.IgnoreCase)]
    private static partial Regex KeyFunction();

    [GeneratedRegex(@"^(?:param|output) (\w+)", RegexOptions.Multiline)]
    private static partial Regex InOrOut();

    [GeneratedRegex("secret|password|connectionstring|accesskey|accountkey|sharedkey|sas$", RegexOptions.IgnoreCase)]
    private static partial Regex Secretive();
}
