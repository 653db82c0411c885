namespace LocalAzure.Graph;

/// <summary>Every refusal of Microsoft Graph, with its codes and texts (learn.microsoft.com: "Microsoft Graph error responses and resource types").</summary>
internal sealed class GraphRefusal(int status, string code, string message) : Exception(message)
{
    public int Status => status;

    public string Code => code;

    public static GraphRefusal NoToken() => new(401, "InvalidAuthenticationToken", "Access token is empty.");

    public static GraphRefusal BadToken(string why) => new(401, "InvalidAuthenticationToken", $"Access token validation failure: {why}.");

    public static GraphRefusal NotFound(string id) =>
        new(404, "Request_ResourceNotFound", $"Resource '{id}' does not exist or one of its queried reference-property objects are not present.");

    public static GraphRefusal NoSegment(string segment) => new(400, "BadRequest", $"Resource not found for the segment '{segment}'.");

    public static GraphRefusal NoMethod() => new(405, "Request_BadRequest", "Specified HTTP method is not allowed for the request target.");

    public static GraphRefusal BadRequest(string message) => new(400, "Request_BadRequest", message);

    public static GraphRefusal NoPassword(string keyId) => BadRequest($"No password credential found with keyId '{keyId}'.");

    public static GraphRefusal TooManyPasswords(int most) => BadRequest($"You can only add a maximum of {most} encrypted credentials.");

    public static GraphRefusal TooLarge() =>
        new(400, "Directory_ResourceSizeExceeded", "The size of the object has exceeded its limit. Please reduce the number of values and retry your request.");

    public static GraphRefusal NoBackingApplication(string appId) => BadRequest($"The appId '{appId}' of the service principal does not reference a valid application object.");

    public static GraphRefusal PrincipalExists(string appId) => new(
        409, "Request_MultipleObjectsWithSameKeyValue",
        $"The service principal cannot be created, updated, or restored because the service principal name {appId} is already in use.");

    public static GraphRefusal NotImplemented(string what) => new(501, "NotImplemented", $"LocalAzure does not implement {what} of Microsoft Graph.");
}
