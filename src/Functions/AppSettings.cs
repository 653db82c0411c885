using System.Globalization;
using System.Text.Json;
using CustomerFunctions.Edge;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;

namespace CustomerFunctions;

/// <summary>Everything that can be set, read and checked once at start. A wrong setting stops the app with one line that names it.</summary>
/// <param name="Azure">Where the backing services are.</param>
/// <param name="KeyEnvironment"><c>ApiKeys__Environment</c>: stands in every key, so that one of another environment is recognised, and in the names of service accounts' secrets.</param>
/// <param name="MailWebhook"><c>Mail__WebhookUrl</c>: who sends mail; without one it waits.</param>
/// <param name="MailSecretName"><c>Mail__SecretName</c>: the Key Vault secret that signs the webhook, in Standard Webhooks' form <c>whsec_…</c>.</param>
/// <param name="OffsetFile"><c>Clock__OffsetFile</c>: a test clock, in Development only.</param>
/// <param name="ScannerKeysUrl"><c>LeakDesk__PublicKeysUrl</c>: the public keys of whoever reports leaked keys.</param>
internal sealed record AppSettings(AzureSettings Azure, string KeyEnvironment, Uri? MailWebhook, string MailSecretName, string? OffsetFile, Uri ScannerKeysUrl)
{
    private const string PasskeyOrigins = "https origins, parted by commas";
    private static readonly string[] Services = ["Cosmos:Endpoint", "KeyVault:Uri", "Tables:Endpoint"];

    /// <summary><c>RateLimits__Factor</c>: what every request limit is multiplied with; more than 1 for load tests.</summary>
    public int LimitFactor { get; init; } = 1;

    /// <summary>Where people use passkeys.</summary>
    public PasskeySite Passkeys { get; init; } = PasskeySite.Developer;

    /// <summary><c>Rotation__QuietHours</c>: when no scheduled rotation starts (docs/rotation.md).</summary>
    public IReadOnlyList<RotationWindow> QuietHours { get; init; } = [];

    /// <summary>What service accounts are given in Azure, and what never.</summary>
    public RoleSettings Roles { get; init; } = new(new Dictionary<string, IReadOnlyList<string>>(), []);

    /// <summary><c>Webhooks__AllowLocalReceivers</c>: whether customers' webhooks may go to private and loopback addresses, and over http; for developers and tests.</summary>
    public bool AllowLocalWebhooks { get; init; }

    /// <summary><c>Stripe__ApiUrl</c>: where Stripe is asked for the events that it could not deliver.</summary>
    public Uri StripeApi { get; init; } = new("https://api.stripe.com");

    /// <summary>For describing the app without running it: services that are never called.</summary>
    public static AppSettings Nowhere => Read(new ConfigurationBuilder().AddInMemoryCollection(
        Services.Select(name => KeyValuePair.Create<string, string?>(name, "https://invalid.invalid"))).Build());

    /// <summary>Every setting there is; docs/configuration.md is written from them.</summary>
    public static IReadOnlyList<Setting> Known
    {
        get
        {
            var reader = new SettingsReader(new ConfigurationBuilder().Build());
            _ = Ask(reader);
            return reader.Asked;
        }
    }

    /// <summary>Reads the settings; throws <see cref="SettingsException"/> that names everything wrong with them.</summary>
    public static AppSettings Read(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var settings = Ask(reader);
        return reader.Refusal is { } refusal ? throw new SettingsException(refusal) : settings;
    }

    /// <summary>For a command that reads tables and asks no other service; throws <see cref="SettingsException"/> like <see cref="Read"/>.</summary>
    public static AzureSettings ReadTables(IConfiguration configuration)
    {
        var reader = new SettingsReader(configuration);
        var tables = Nowhere.Azure with
        {
            TablesEndpoint = reader.SecureUrl("Tables__Endpoint"),
            ClientId = reader.Optional("AZURE_CLIENT_ID"),
            TrustedCertificates = reader.File("Azure__TrustedCertificates"),
        };
        return reader.Refusal is { } refusal ? throw new SettingsException(refusal) : tables;
    }

    private static AppSettings Ask(SettingsReader reader)
    {
        var settings = new AppSettings(
            new AzureSettings(
                reader.Url("Cosmos__Endpoint"),
                reader.Text("Cosmos__Database", "customers"),
                reader.SecureUrl("KeyVault__Uri"),
                reader.SecureUrl("Tables__Endpoint"),
                reader.SecureUrl("ResourceManager__Endpoint", "https://management.azure.com"),
                reader.Text("ResourceManager__Audience", "https://management.azure.com"),
                reader.Optional("AZURE_CLIENT_ID"),
                reader.File("Azure__TrustedCertificates"))
            {
                GraphEndpoint = reader.SecureUrl("Graph__Endpoint", "https://graph.microsoft.com"),
                EntraEndpoint = reader.SecureUrl("Entra__Endpoint", "https://login.microsoftonline.com"),
            },
            reader.Text("ApiKeys__Environment", "live", ApiKeyText.IsEnvironment, "1 to 12 lower-case letters and digits"),
            reader.OptionalUrl("Mail__WebhookUrl"),
            reader.Text("Mail__SecretName", "mail-webhook-secret"),
            reader.File("Clock__OffsetFile"),
            reader.Url("LeakDesk__PublicKeysUrl", "https://api.github.com/meta/public_keys/secret_scanning"))
        {
            LimitFactor = reader.Number("RateLimits__Factor", fallback: 1, least: 1, most: 10_000),
            QuietHours = ReadQuietHours(reader),
            Roles = RoleSettings.Read(reader),
            AllowLocalWebhooks = reader.Text("Webhooks__AllowLocalReceivers", "false", text => text is "true" or "false", "true or false") == "true",
            StripeApi = reader.Url("Stripe__ApiUrl", "https://api.stripe.com"),
            // Functions names the app's own host there, Core Tools with a port.
            Passkeys = new PasskeySite(
                reader.Text("Passkeys__Domain", reader.OfHost("WEBSITE_HOSTNAME")?.Split(':')[0] ?? PasskeySite.DeveloperDomain, PasskeySite.IsDomain, "a host name"),
                reader.Optional("Passkeys__Origins", PasskeyOrigins)?.Split(',', StringSplitOptions.TrimEntries) ?? []),
        };

        if (settings.OffsetFile is not null && reader.OfHost("AZURE_FUNCTIONS_ENVIRONMENT") != "Development")
        {
            reader.Wrong("Clock__OffsetFile", "is for AZURE_FUNCTIONS_ENVIRONMENT=Development only");
        }
        if (!settings.Passkeys.Origins.All(PasskeySite.IsOrigin)) { reader.Wrong("Passkeys__Origins", $"must be {PasskeyOrigins}"); }
        if (settings.MailWebhook is { Scheme: "http", IsLoopback: false }) { reader.Wrong("Mail__WebhookUrl", "must be an https URL"); }
        if (settings.StripeApi is { Scheme: "http", IsLoopback: false }) { reader.Wrong("Stripe__ApiUrl", "must be an https URL"); }
        return settings;
    }

    private static IReadOnlyList<RotationWindow> ReadQuietHours(SettingsReader reader)
    {
        const string Name = "Rotation__QuietHours";
        const string Expected = "a JSON list of hours, such as [{\"start\":\"08:00\",\"duration\":\"PT10H\",\"timeZone\":\"Europe/Berlin\"}]";
        if (reader.Optional(Name, Expected) is not { } text) { return []; }
        var checks = new Checks();
        IReadOnlyList<RotationWindow> hours = [];
        try { hours = JsonSerializer.Deserialize(text, ApiJson.Default.IReadOnlyListRotationWindow) ?? []; }
        catch (JsonException) { checks.Add("", "malformed", ""); }
        foreach (RotationWindow? one in hours)
        {
            if (one is null) { checks.Add("", "malformed", ""); }
            else { one.Check(checks, ""); }
        }
        if (checks.Refusal is not null) { reader.Wrong(Name, $"must be {Expected}"); }
        return hours;
    }
}

/// <summary>The settings are wrong; the message is the line to print.</summary>
internal sealed class SettingsException(string message) : Exception(message);

/// <summary>A setting as it was asked for.</summary>
/// <param name="Name">Its name as an app setting.</param>
/// <param name="Expected">What its value must be, in words.</param>
/// <param name="Default">What counts without it: null when there must be one, empty for nothing.</param>
internal sealed record Setting(string Name, string Expected, string? Default);

/// <summary>Reads settings by the names they have as app settings (<c>__</c> parts sections), and remembers which there are and what is wrong with them.</summary>
internal sealed class SettingsReader(IConfiguration configuration)
{
    private const string AnyUrl = "an absolute http or https URL";
    private static readonly Uri Nowhere = new("https://invalid.invalid");
    private readonly List<Setting> asked = [];
    private readonly List<string> wrong = [];

    public IReadOnlyList<Setting> Asked => asked;

    public string? Refusal => wrong.Count == 0 ? null : "Settings: " + string.Join("; ", wrong);

    public void Wrong(string name, string what) => wrong.Add($"{name} {what}");

    /// <summary>What the Functions host says of itself; not a setting of ours.</summary>
    public string? OfHost(string name) => configuration[name];

    public string? Optional(string name, string expected = "text") => Value(name, expected, fallback: "");

    public string Text(string name, string fallback, Func<string, bool>? isValid = null, string expected = "text")
    {
        var value = Value(name, expected, fallback) ?? fallback;
        if (isValid?.Invoke(value) == false) { Wrong(name, $"must be {expected}"); }
        return value;
    }

    public int Number(string name, int fallback, int least, int most)
    {
        var expected = $"a whole number from {least} to {most}";
        if (Value(name, expected, fallback.ToString(CultureInfo.InvariantCulture)) is not { } text) { return fallback; }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) { return number; }
        Wrong(name, $"must be {expected}");
        return fallback;
    }

    public Uri Url(string name, string? fallback = null) => ReadUrl(name, AnyUrl, fallback);

    public Uri? OptionalUrl(string name) => Value(name, AnyUrl, fallback: "") is null ? null : Url(name);

    /// <summary>For services whose SDKs send a bearer token over TLS only.</summary>
    public Uri SecureUrl(string name, string? fallback = null)
    {
        var url = ReadUrl(name, "an https URL", fallback);
        if (url.Scheme != Uri.UriSchemeHttps) { Wrong(name, "must be an https URL"); }
        return url;
    }

    public string? File(string name)
    {
        var value = Optional(name, "a file that exists");
        if (value is not null && !System.IO.File.Exists(value)) { Wrong(name, "names a file that does not exist"); }
        return value;
    }

    private Uri ReadUrl(string name, string expected, string? fallback)
    {
        var value = Value(name, expected, fallback) ?? fallback;
        if (value is null) { Wrong(name, "is missing: set it to the service's URL"); return Nowhere; }
        if (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https") { return url; }
        Wrong(name, $"must be {AnyUrl}");
        return Nowhere;
    }

    private string? Value(string name, string expected, string? fallback)
    {
        if (!asked.Exists(setting => setting.Name == name)) { asked.Add(new Setting(name, expected, fallback)); }
        return configuration[name.Replace("__", ":", StringComparison.Ordinal)] is { Length: > 0 } value ? value : null;
    }
}
