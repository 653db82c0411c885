using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Infra.Tests.Bicep;

/// <summary>App settings: what the app knows (docs/configuration.md, itself held against the code), what Bicep sets, what local.settings.sample.json sets, what timers ask for.</summary>
public sealed partial class SettingsTests
{
    /// <summary>They are for developers and tests: another cloud than Azure, another clock, receivers on the same machine.</summary>
    private static readonly string[] LocalOnly = ["Azure__TrustedCertificates", "Clock__OffsetFile", "Webhooks__AllowLocalReceivers"];

    private static readonly string[] OfTheHost =
    [
        "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId", "AzureWebJobsStorage__blobServiceUri", "APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    ];

    private static readonly string[] OfTheLocalHost = ["FUNCTIONS_WORKER_RUNTIME", "AzureWebJobsStorage"];

    private readonly IReadOnlyList<string> known = [.. Row().Matches(File.ReadAllText(Repository.PathOf("docs", "configuration.md"))).Select(match => match.Groups[1].Value).Where(name => !name.EndsWith("Schedule", StringComparison.Ordinal))];
    private readonly IReadOnlyDictionary<string, string> bicep = BicepSource.Properties(BicepSource.Resources.Single(resource => resource.Symbol == "app::settings").Body)
        .Where(setting => setting.Key is not ("name" or "properties")).ToDictionary();

    [Fact]
    public void Bicep_sets_every_setting_of_the_app_and_every_schedule_and_nothing_else()
    {
        bicep.Keys.Should().BeEquivalentTo(known.Except(LocalOnly).Concat(OfTheHost).Concat(Timers().Select(timer => timer.Schedule)), because: "modules/functions.bicep sets what docs/configuration.md lists and timers ask for");
    }

    [Fact]
    public void The_sample_for_local_use_has_every_schedule_and_only_settings_that_there_are()
    {
        var sample = JsonDocument.Parse(File.ReadAllText(Repository.PathOf("local.settings.sample.json"))).RootElement.GetProperty("Values").EnumerateObject().Select(value => value.Name).ToList();

        sample.Should().BeSubsetOf(known.Concat(OfTheLocalHost).Concat(Timers().Select(timer => timer.Schedule)));
        sample.Should().Contain(Timers().Select(timer => timer.Schedule)).And.Contain(["Cosmos__Endpoint", "KeyVault__Uri", "Tables__Endpoint"]);
    }

    [Fact]
    public void An_environment_may_choose_by_names_that_reach_a_setting()
    {
        var options = BicepSource.Properties(BicepSource.Files["modules/options.bicep"].Split("type appOptions = {")[1].Split('}')[0]).Keys.ToList();

        options.Should().NotBeEmpty().And.OnlyContain(option => bicep.Values.Any(value => value.Contains($"options.?{option}", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_schedules_in_the_docs_are_the_ones_deployed()
    {
        var table = new StringBuilder("| setting | deployed as | function |\n|---|---|---|\n");
        foreach (var (function, schedule) in Timers()) { table.Append(System.Globalization.CultureInfo.InvariantCulture, $"| `{schedule}` | `{bicep[schedule].Trim('\'')}` | `{function}` |\n"); }
        DocsTable.Hold("configuration.md", "The schedules are written from the functions and the Bicep: UPDATE_DOCS=1 dotnet test tests/Infra.Tests --filter SettingsTests", "End of the schedules.", table.ToString());
    }

    private static IReadOnlyList<(string Function, string Schedule)> Timers() =>
        [.. Repository.BuiltApp.Functions.Where(function => !function.IsHttp).Select(function => (function.Name, function.Trigger.Schedule!.Trim('%')))];

    [GeneratedRegex(@"^\| `(\w+)` \|.*\|.*\|.*\|\r?$", RegexOptions.Multiline)]
    private static partial Regex Row();
}
