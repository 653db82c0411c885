using System.Globalization;
using System.Text.Json;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;

namespace CustomerFunctions;

/// <summary>Everything that can be set, read and checked once at start. A wrong setting stops the app with one line that names it.</summary>
/// <param name="Azure">Where the backing services are.</param>
/// <param name="KeyEnvironment"><c>ApiKeys__Environment</c>: stands in every key, so that one of another environment is recognised; default <c>live</c>.</param>
/// <param name="MailWebhook"><c>Mail__WebhookUrl</c>: who sends mail; without one it waits.</param>
/// <param name="MailSecretName"><c>Mail__SecretName</c>: the Key Vault secret that signs the webhook, in Standard Webhooks' form <c>whsec_…</c>.</param>
/// <param name="OffsetFile"><c>Clock__OffsetFile</c>: a test clock, in Development only.</param>
/// <param name="ScannerKeysUrl"><c>LeakDesk__PublicKeysUrl</c>: the public keys of whoever reports leaked keys; GitHub's by default.</param>
internal sealed record AppSettings(AzureSettings Azure, string KeyEnvironment, Uri? MailWebhook, string MailSecretName, string? OffsetFile, Uri ScannerKeysUrl)
{
    /// <summary><c>RateLimits__Factor</c>: what every request limit is multiplied with; 1 by default, more for load tests.</summary>
    public int LimitFactor { get; init; } = 1;

    /// <summary><c>Passkeys__Domain</c> and <c>Passkeys__Origins</c>: where people use passkeys; by default where the app itself is.</summary>
    public PasskeySite Passkeys { get; init; } = PasskeySite.Developer;

    /// <summary><c>Rotation__QuietHours</c>: when no scheduled rotation starts, as a JSON list of <see cref="RotationWindow"/>; none by default.</summary>
    public IReadOnlyList<RotationWindow> QuietHours { get; init; } = [];

    /// <summary>For describing the app without running it: services that are never called.</summary>
    public static AppSettings Nowhere { get; } = Read(new ConfigurationBuilder().AddInMemoryCollection(
        new[] { "Cosmos:Endpoint", "KeyVault:Uri", "Tables:Endpoint" }.Select(name => KeyValuePair.Create<string, string?>(name, "https://invalid.invalid"))).Build());

    /// <summary>Reads the settings; throws <see cref="SettingsException"/> that names everything wrong with them.</summary>
    public static AppSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = new AppSettings(
            new AzureSettings(
                reader.Url("Cosmos__Endpoint"),
                reader.Text("Cosmos__Database", "customers"),
                reader.SecureUrl("KeyVault__Uri"),
                reader.SecureUrl("Tables__Endpoint"),
                reader.SecureUrl("ResourceManager__Endpoint", "https://management.azure.com"),
                reader.Text("ResourceManager__Audience", "https://management.azure.com"),
                reader.Optional("AZURE_CLIENT_ID"),
                reader.File("Azure__TrustedCertificates")),
            reader.Text("ApiKeys__Environment", "live", ApiKeyText.IsEnvironment, "1 to 12 lower-case letters and digits"),
            reader.Optional("Mail__WebhookUrl") is null ? null : reader.Url("Mail__WebhookUrl"),
            reader.Text("Mail__SecretName", "mail-webhook-secret"),
            reader.File("Clock__OffsetFile"),
            reader.Url("LeakDesk__PublicKeysUrl", "https://api.github.com/meta/public_keys/secret_scanning"))
        {
            LimitFactor = reader.Number("RateLimits__Factor", fallback: 1, least: 1, most: 10_000),
            QuietHours = ReadQuietHours(reader),
            // Functions names the app's own host there, Core Tools with a port.
            Passkeys = new PasskeySite(
                reader.Text("Passkeys__Domain", configuration["WEBSITE_HOSTNAME"]?.Split(':')[0] ?? PasskeySite.DeveloperDomain, PasskeySite.IsDomain, "a host name"),
                reader.Optional("Passkeys__Origins")?.Split(',', StringSplitOptions.TrimEntries) ?? []),
        };

        if (settings.OffsetFile is not null && configuration["AZURE_FUNCTIONS_ENVIRONMENT"] != "Development")
        {
            reader.Wrong("Clock__OffsetFile", "is for AZURE_FUNCTIONS_ENVIRONMENT=Development only");
        }
        if (!settings.Passkeys.Origins.All(PasskeySite.IsOrigin)) { reader.Wrong("Passkeys__Origins", "must be https origins, parted by commas"); }
        if (settings.MailWebhook is { Scheme: "http", IsLoopback: false }) { reader.Wrong("Mail__WebhookUrl", "must be an https URL"); }
        return reader.Refusal is { } refusal ? throw new SettingsException(refusal) : settings;
    }

    private static IReadOnlyList<RotationWindow> ReadQuietHours(SettingsReader reader)
    {
        const string Name = "Rotation__QuietHours";
        if (reader.Optional(Name) is not { } text) { return []; }
        var checks = new Checks();
        IReadOnlyList<RotationWindow> hours = [];
        try { hours = JsonSerializer.Deserialize(text, ApiJson.Default.IReadOnlyListRotationWindow) ?? []; }
        catch (JsonException) { checks.Add("", "malformed", ""); }
        foreach (var one in hours) { one.Check(checks, ""); }
        if (checks.Refusal is not null) { reader.Wrong(Name, "must be a JSON list of hours, such as [{\"start\":\"08:00\",\"duration\":\"PT10H\",\"timeZone\":\"Europe/Berlin\"}]"); }
        return hours;
    }
}

/// <summary>The settings are wrong; the message is the line to print.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>Reads settings by the names they have as app settings (<c>__</c> parts sections) and remembers what is wrong with them.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private static readonly Uri Nowhere = new("https://invalid.invalid");
    private readonly List<string> wrong = [];

    public string? Refusal => wrong.Count == 0 ? null : "Settings: " + string.Join("; ", wrong);

    public void Wrong(string name, string what) => wrong.Add($"{name} {what}");

    public string? Optional(string name) => configuration[name.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } value ? value : null;

    public string Text(string name, string fallback, Func<string, bool>? isValid = null, string? expected = null)
    {
        var value = Optional(name) ?? fallback;
        if (isValid?.Invoke(value) == false) { Wrong(name, $"must be {expected}"); }
        return value;
    }

    public int Number(string name, int fallback, int least, int most)
    {
        if (Optional(name) is not { } text) { return fallback; }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) { return number; }
        Wrong(name, $"must be a whole number from {least} to {most}");
        return fallback;
    }

    public Uri Url(string name, string? fallback = null)
    {
        var value = Optional(name) ?? fallback;
        if (value is null) { Wrong(name, "is missing: set it to the service's URL"); return Nowhere; }
        if (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") { return url; }
        Wrong(name, "must be an absolute http or https URL");
        return Nowhere;
    }

    /// <summary>For services whose SDKs send a bearer token over TLS only.</summary>
    public Uri SecureUrl(string name, string? fallback = null)
    {
        var url = Url(name, fallback);
        if (url.Scheme != Uri.UriSchemeHttps) { Wrong(name, "must be an https URL"); }
        return url;
    }

    public string? File(string name)
    {
        var value = Optional(name);
        if (value is not null && !System.IO.File.Exists(value)) { Wrong(name, "names a file that does not exist"); }
        return value;
    }
}
