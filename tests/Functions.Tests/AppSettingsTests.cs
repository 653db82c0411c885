using Microsoft.Extensions.Configuration;

namespace CustomerFunctions.Tests;

public sealed class AppSettingsTests
{
    private static readonly Dictionary<string, string?> Right = new()
    {
        ["Cosmos:Endpoint"] = "https://a.documents.azure.com",
        ["KeyVault:Uri"] = "https://a.vault.azure.net",
        ["Tables:Endpoint"] = "https://a.table.core.windows.net",
    };

    [Fact]
    public void Three_settings_are_enough_for_the_public_cloud()
    {
        var settings = AppSettings.Read(With([]));

        settings.Azure.CosmosDatabase.Should().Be("customers");
        settings.Azure.ResourceManagerEndpoint.Should().Be(new Uri("https://management.azure.com"));
        settings.KeyEnvironment.Should().Be("live");
        settings.Passkeys.Domain.Should().Be("localhost");
    }

    [Theory]
    [InlineData("Cosmos:Endpoint", null, "Cosmos__Endpoint is missing")]
    [InlineData("Cosmos:Endpoint", "not a url", "Cosmos__Endpoint must be an absolute http or https URL")]
    [InlineData("KeyVault:Uri", "ftp://a", "KeyVault__Uri must be an absolute http or https URL")]
    [InlineData("ApiKeys:Environment", "Live_1", "ApiKeys__Environment must be 1 to 12 lower-case letters and digits")]
    [InlineData("Azure:TrustedCertificates", "/no/such/file.pem", "Azure__TrustedCertificates names a file that does not exist")]
    [InlineData("RateLimits:Factor", "0", "RateLimits__Factor must be a whole number from 1 to 10000")]
    [InlineData("Stripe:ApiUrl", "http://stripe.example", "Stripe__ApiUrl must be an https URL")]
    [InlineData("Passkeys:Domain", "https://a", "Passkeys__Domain must be a host name")]
    [InlineData("Passkeys:Origins", "https://a, https://b/path", "Passkeys__Origins must be https origins, parted by commas")]
    [InlineData("Rotation:QuietHours", "[null]", "Rotation__QuietHours must be a JSON list of hours")]
    [InlineData("Roles:ForbiddenScopes", "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/platform, everything", "Roles__ForbiddenScopes must be ids of subscriptions")]
    [InlineData("Roles:WholeSubscriptions", "yes", "Roles__WholeSubscriptions must be true or false")]
    [InlineData("Roles:Forbidden", "Owner, reader", "Roles__Forbidden may not name 'Reader', which the plan 'trial' gives; Roles__Forbidden may not name 'Reader', which the plan 'free' gives")]
    [InlineData("Clock:OffsetFile", "/no/such/file", "Clock__OffsetFile names a file that does not exist")]
    public void A_wrong_setting_is_named(string name, string? value, string line)
    {
        var reading = () => AppSettings.Read(With(new() { [name] = value }));
        reading.Should().Throw<SettingsException>().Which.Message.Should().Contain(line).And.NotContain("\n");
    }

    [Fact]
    public void Every_setting_that_cannot_be_just_any_text_is_refused_by_its_name()
    {
        var taken = AppSettings.Known.Where(setting =>
        {
            try { AppSettings.Read(With(new() { [setting.Name.Replace("__", ":", StringComparison.Ordinal)] = "http://no such value/" })); return true; }
            catch (SettingsException e) { return !e.Message.StartsWith($"Settings: {setting.Name} ", StringComparison.Ordinal); }
        });

        taken.Select(setting => setting.Name).Should().BeEquivalentTo(["Cosmos__Database", "ResourceManager__Audience", "AZURE_CLIENT_ID", "Mail__SecretName", "Roles__Forbidden"]);
    }

    [Fact]
    public void Passkeys_are_for_the_host_that_Functions_names_unless_another_is_set()
    {
        AppSettings.Read(With(new() { ["WEBSITE_HOSTNAME"] = "app.azurewebsites.net" })).Passkeys.Domain.Should().Be("app.azurewebsites.net");
        AppSettings.Read(With(new() { ["WEBSITE_HOSTNAME"] = "localhost:7071" })).Passkeys.Domain.Should().Be("localhost");
        AppSettings.Read(With(new() { ["WEBSITE_HOSTNAME"] = "app.azurewebsites.net", ["Passkeys:Domain"] = "example.com" })).Passkeys.Domain.Should().Be("example.com");
    }

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var reading = () => AppSettings.Read(new ConfigurationBuilder().Build());
        reading.Should().Throw<SettingsException>().Which.Message.Should().Contain("Cosmos__Endpoint").And.Contain("KeyVault__Uri").And.Contain("Tables__Endpoint");
    }

    [Fact]
    public void A_test_clock_is_refused_outside_development()
    {
        var file = Path.GetTempFileName();
        var reading = () => AppSettings.Read(With(new() { ["Clock:OffsetFile"] = file }));
        reading.Should().Throw<SettingsException>().Which.Message.Should().Contain("Development only");
        File.Delete(file);
    }

    private static IConfiguration With(Dictionary<string, string?> changes) => new ConfigurationBuilder().AddInMemoryCollection(Right).AddInMemoryCollection(changes).Build();
}
