namespace LocalAzure.ResourceManager;

/// <summary>
/// Every refusal of Azure Resource Manager, with its codes and texts (learn.microsoft.com: "Troubleshoot common Azure deployment errors"
/// and the error pages below it; "Azure Storage resource provider REST API", status and error codes).
/// </summary>
internal sealed class ResourceManagerRefusal(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    public static ResourceManagerRefusal NoToken() =>
        new(401, "AuthenticationFailed", "Authentication failed. The 'Authorization' header is missing.");

    public static ResourceManagerRefusal BadToken(string why) =>
        new(401, "InvalidAuthenticationToken", $"The access token is invalid: {why}.");

    public static ResourceManagerRefusal NotAuthorized(string objectId, string action, string scope) => new(403, "AuthorizationFailed",
        $"The client '{objectId}' with object id '{objectId}' does not have authorization to perform action '{action}' over scope '{scope}' or the scope is invalid. "
        + "If access was recently granted, please refresh your credentials.");

    public static ResourceManagerRefusal NoApiVersion() =>
        new(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");

    public static ResourceManagerRefusal BadApiVersion(string given, IEnumerable<string> known) =>
        new(400, "InvalidApiVersionParameter",
            $"The api-version '{given}' is invalid. The supported versions are '{string.Join(',', known)}'.");

    public static ResourceManagerRefusal NoProviderFor(string location, string apiVersion, ResourceType type) =>
        new(400, "NoRegisteredProviderFound",
            $"No registered resource provider found for location '{location}' and API version '{apiVersion}' for type '{type.Type}'. "
            + $"The supported api-versions are '{string.Join(", ", type.ApiVersions)}'.");

    public static ResourceManagerRefusal NoSubscription(string id) =>
        new(404, "SubscriptionNotFound", $"The subscription '{id}' could not be found.");

    public static ResourceManagerRefusal NoGroup(string name) =>
        new(404, "ResourceGroupNotFound", $"Resource group '{name}' could not be found.");

    public static ResourceManagerRefusal NoResource(ResourcePath path) => new(404, "ResourceNotFound",
        $"The Resource '{path.Namespace}/{path.Type}/{path.Name}' under resource group '{path.Group}' was not found. "
        + "For more details please go to https://aka.ms/ARMResourceNotFoundFix");

    public static ResourceManagerRefusal NoParent(string parent) => new(404, "ParentResourceNotFound",
        $"Can not perform requested operation on nested resource. Parent resource '{parent}' not found.");

    public static ResourceManagerRefusal NoOperation(string id) => new(404, "NotFound", $"The operation '{id}' was not found.");

    /// <summary>As it is told in terraform-provider-azurerm#15842.</summary>
    public static ResourceManagerRefusal Busy(Resource resource) =>
        new(412, "PreconditionFailed", $"There is another user operation in progress which requires an exclusive lock on [{resource.Name}]. Please retry after sometime.");

    public static ResourceManagerRefusal NoNamespace(string name) =>
        new(404, "InvalidResourceNamespace", $"The resource namespace '{name}' is invalid.");

    public static ResourceManagerRefusal NoType(string space, string type, string apiVersion) => new(404, "InvalidResourceType",
        $"The resource type '{type}' could not be found in the namespace '{space}' for api version '{apiVersion}'.");

    public static ResourceManagerRefusal NoAction(string action, ResourceType type) =>
        new(400, "InvalidResourceAction", $"The action '{action}' is not supported by the resource type '{type.FullName}'.");

    public static ResourceManagerRefusal NoMethod(string method) =>
        new(405, "HttpMethodNotAllowed", $"The requested resource does not support http method '{method}'.");

    public static ResourceManagerRefusal BadContent(string why) =>
        new(400, "InvalidRequestContent", $"The request content was invalid and could not be deserialized: '{why}'.");

    public static ResourceManagerRefusal NoLocation() =>
        new(400, "LocationRequired", "The location property is required for this definition.");

    public static ResourceManagerRefusal OtherLocation(string name, string group, string existing, string wanted) =>
        new(409, "InvalidResourceLocation",
            $"The resource '{name}' already exists in location '{existing}' in resource group '{group}'. "
            + $"A resource with the same name cannot be created in location '{wanted}'. Please select a new resource name.");

    public static ResourceManagerRefusal BadGroupName(string name) =>
        new(400, "InvalidResourceGroup", $"The resource group name '{name}' has invalid characters or is longer than 90 characters.");

    public static ResourceManagerRefusal BadName(string code, string text) => new(400, code, text);

    public static ResourceManagerRefusal NameTaken(ResourceType type, string name) =>
        new(409, type.TakenCode, $"The {type.Noun} named {name} is already taken.");

    public static ResourceManagerRefusal BadValue(string property) =>
        new(400, "InvalidValuesForRequestParameters", $"Values for request parameters are invalid: {property}.");

    public static ResourceManagerRefusal NotImplemented(string what) =>
        new(501, "NotImplemented", $"LocalAzure does not implement {what}.");
}
