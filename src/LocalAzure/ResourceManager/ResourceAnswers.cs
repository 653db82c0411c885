using System.Text.Json.Nodes;
using LocalAzure.Identity;

namespace LocalAzure.ResourceManager;

/// <summary>The JSON of Azure Resource Manager's answers (REST reference: Subscription, Provider, ResourceGroup, GenericResource).</summary>
internal static class ResourceAnswers
{
    public static JsonObject Subscription(string id) => new()
    {
        ["id"] = $"/subscriptions/{id}",
        ["subscriptionId"] = id,
        ["tenantId"] = TokenAuthority.TenantId,
        ["displayName"] = id == ResourceManagerEmulator.SubscriptionId ? "LocalAzure" : "LocalAzure, the other",
        ["state"] = "Enabled",
    };

    public static JsonObject Provider(string subscription, string space, IEnumerable<ResourceType> types) => new()
    {
        ["id"] = $"/subscriptions/{subscription}/providers/{space}",
        ["namespace"] = space,
        ["registrationState"] = "Registered",
        ["resourceTypes"] = new JsonArray([.. types.Select(type => new JsonObject
        {
            ["resourceType"] = type.Type,
            ["locations"] = new JsonArray(),
            // ARM lists the newest version first, and the SDK takes the first.
            ["apiVersions"] = new JsonArray([.. type.ApiVersions.Reverse().Select(version => JsonValue.Create(version))]),
        })]),
    };

    public static JsonObject Of(ResourceGroup group) => new()
    {
        ["id"] = group.Id,
        ["name"] = group.Name,
        ["type"] = "Microsoft.Resources/resourceGroups",
        ["location"] = group.Location,
        ["tags"] = group.Tags?.DeepClone() ?? new JsonObject(),
        ["properties"] = new JsonObject { ["provisioningState"] = "Succeeded" },
    };

    public static JsonObject Of(Resource resource, ResourceType type)
    {
        var body = (JsonObject)resource.Body.DeepClone();
        (body["id"], body["name"], body["type"]) = (resource.Id, resource.Name.Split('/')[^1], resource.Type);
        if (!type.IsChild) { body["location"] = resource.Location; }
        type.Describe(resource, body);
        return body;
    }
}
