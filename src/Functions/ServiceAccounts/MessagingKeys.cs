using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The keys of an authorization rule of a Service Bus or Event Hubs namespace (learn.microsoft.com: Namespaces, List Keys, Regenerate Keys; "Service Bus access control with Shared Access
/// Signatures"). A key is tried by listing the namespace's queues or hubs, which only rules with Manage may: for the others the service says that the key's claims do not
/// suffice, and so that the key is right.
/// </summary>
internal static class MessagingKeys
{
    private static readonly TimeSpan SignatureLifetime = TimeSpan.FromMinutes(5);

    public static TwoSlotResource ServiceBus { get; } = Of("serviceBusKeys", "Microsoft.ServiceBus", "Service Bus authorization rule", "2024-01-01", "$Resources/queues?api-version=2017-04&$skip=0&$top=1");

    public static TwoSlotResource EventHubs { get; } = Of("eventHubKeys", "Microsoft.EventHub", "Event Hubs authorization rule", "2024-01-01", "$Resources/eventhubs?api-version=2014-01&$skip=0&$top=1");

    private static TwoSlotResource Of(string kind, string space, string noun, string apiVersion, string list) => new()
    {
        Kind = kind,
        ContentType = "application/vnd.customer-functions.shared-access-key",
        Type = $"{space}/namespaces/authorizationRules",
        Noun = noun,
        IdExample = $"{space}/namespaces/…/authorizationRules/…",
        ApiVersion = apiVersion,
        RegenerateAction = "regenerateKeys",
        SlotProperty = "keyType",
        Slots = ("PrimaryKey", "SecondaryKey"),
        KeyIn = (answer, slot) => answer.GetProperty(JsonNamingPolicy.CamelCase.ConvertName(slot)).GetString()!,
        OpensParent = true,
        DataEndpoint = properties => properties.GetProperty("serviceBusEndpoint").GetString(),
        Request = trial => List(trial, list),
        IsOfAValidKey = refusal => refusal.Contains("claims required", StringComparison.OrdinalIgnoreCase),
    };

    private static HttpRequestMessage List(KeyTrial trial, string list)
    {
        var audience = Uri.EscapeDataString(trial.Endpoint.AbsoluteUri.ToLowerInvariant());
        var expires = (trial.Now + SignatureLifetime).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(trial.Reveal()), Encoding.UTF8.GetBytes($"{audience}\n{expires}")));
        var request = new HttpRequestMessage(HttpMethod.Get, new Uri(trial.Endpoint, list));
        request.Headers.Authorization = new AuthenticationHeaderValue("SharedAccessSignature", $"sr={audience}&sig={Uri.EscapeDataString(signature)}&se={expires}&skn={Uri.EscapeDataString(trial.Name)}");
        return request;
    }
}
