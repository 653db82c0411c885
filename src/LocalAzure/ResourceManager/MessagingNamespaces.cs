using System.Security.Cryptography;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalAzure.ResourceManager;

/// <summary>
/// Namespaces of Service Bus and of Event Hubs and their authorization rules with two keys each (learn.microsoft.com: Service Bus and Event Hubs resource provider REST API, Namespaces,
/// Authorization Rules). A namespace is born with the rule <c>RootManageSharedAccessKey</c>.
/// </summary>
internal static partial class MessagingNamespaces
{
    public const string ServiceBus = "Microsoft.ServiceBus";
    public const string EventHubs = "Microsoft.EventHub";
    private const int KeyBytes = 32;
    private static readonly string[] ServiceBusVersions = ["2017-04-01", "2021-11-01", "2022-10-01-preview", "2024-01-01"];
    private static readonly string[] EventHubsVersions = ["2017-04-01", "2021-11-01", "2022-10-01-preview", "2024-01-01"];

    /// <summary>The four types: both services' namespaces and rules.</summary>
    /// <param name="baseUrl">Where <see cref="DataPlanes.DataPlaneEmulator"/> listens, without a trailing slash.</param>
    public static IEnumerable<ResourceType> Types(string baseUrl) =>
        [.. Types(ServiceBus, ServiceBusVersions, $"{baseUrl}/servicebus"), .. Types(EventHubs, EventHubsVersions, $"{baseUrl}/eventhubs")];

    /// <summary>What a rule lets its keys do: Listen, Send, Manage.</summary>
    public static IReadOnlyList<string> RightsOf(Resource rule) =>
        [.. (rule.Body["properties"]?["rights"] as JsonArray ?? []).Select(right => (string?)right ?? "")];

    private static IEnumerable<ResourceType> Types(string space, IReadOnlyList<string> versions, string url)
    {
        var rules = Rules(space, versions, url);
        yield return new ResourceType
        {
            Namespace = space,
            Type = "namespaces",
            Noun = "namespace",
            ApiVersions = versions,
            NamePattern = NamespacePattern(),
            BadName = name => ResourceManagerRefusal.BadName("BadRequest", $"The specified service namespace '{name}' is invalid."),
            TakenCode = "Conflict",
            Describe = (resource, body) =>
            {
                var properties = body["properties"] as JsonObject ?? [];
                body["properties"] = properties;
                properties["provisioningState"] = "Succeeded";
                properties["status"] = "Active";
                properties["serviceBusEndpoint"] = $"{url}/{resource.Name}/";
            },
            BornWith = (rules, "RootManageSharedAccessKey", """{"properties":{"rights":["Listen","Manage","Send"]}}"""),
        };
        yield return rules;
    }

    private static ResourceType Rules(string space, IReadOnlyList<string> versions, string url) => new()
    {
        Namespace = space,
        Type = "namespaces/authorizationRules",
        Noun = "authorization rule",
        ApiVersions = versions,
        NamePattern = RulePattern(),
        BadName = name => ResourceManagerRefusal.BadName("BadRequest", $"The authorization rule name '{name}' is invalid."),
        TakenCode = "Conflict",
        Required = ["properties.rights"],
        Describe = (_, _) => { },
        Keys = new KeySlots
        {
            Names = ["PrimaryKey", "SecondaryKey"],
            ListAction = "listKeys",
            RegenerateAction = "regenerateKeys",
            SlotProperty = "keyType",
            NewValue = () => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)),
            Answer = rule => Answer(rule, url),
        },
    };

    private static JsonObject Answer(Resource rule, string url)
    {
        var (space, name) = (rule.Name.Split('/')[0], rule.Name.Split('/')[1]);
        var keys = rule.Keys.ToDictionary(key => key.Slot, key => key.Value);
        string Connection(string key) => $"Endpoint={url.Replace("https://", "sb://", StringComparison.Ordinal)}/{space}/;SharedAccessKeyName={name};SharedAccessKey={key}";
        return new JsonObject
        {
            ["primaryConnectionString"] = Connection(keys["PrimaryKey"]),
            ["secondaryConnectionString"] = Connection(keys["SecondaryKey"]),
            ["primaryKey"] = keys["PrimaryKey"],
            ["secondaryKey"] = keys["SecondaryKey"],
            ["keyName"] = name,
        };
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9-]{4,48}[A-Za-z0-9]\\z")]
    private static partial Regex NamespacePattern();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,48}[A-Za-z0-9])?\\z")]
    private static partial Regex RulePattern();
}
