using System.Globalization;
using System.Text.Json.Nodes;
using LocalAzure.Identity;

namespace LocalAzure.Graph;

/// <summary>The JSON of Microsoft Graph's answers (learn.microsoft.com: resource types application, servicePrincipal, passwordCredential).</summary>
internal static class GraphAnswers
{
    public static JsonObject Of(Application application)
    {
        var body = (JsonObject)application.Body.DeepClone();
        body["id"] = application.Id;
        body["appId"] = application.AppId;
        body["createdDateTime"] = Text(application.Created);
        body["signInAudience"] ??= "AzureADMyOrg";
        body["passwordCredentials"] = new JsonArray([.. application.Passwords.Select(password => Of(password, secret: null))]);
        body["keyCredentials"] = new JsonArray();
        return body;
    }

    public static JsonObject Of(ServicePrincipal principal, Application? application)
    {
        var body = (JsonObject)principal.Body.DeepClone();
        body["id"] = principal.Id;
        body["appId"] = principal.AppId;
        body["accountEnabled"] = principal.AccountEnabled;
        body["displayName"] = application?.DisplayName;
        body["appDisplayName"] = application?.DisplayName;
        body["appOwnerOrganizationId"] = TokenAuthority.TenantId;
        body["servicePrincipalType"] = "Application";
        body["servicePrincipalNames"] = new JsonArray(principal.AppId);
        body["passwordCredentials"] = new JsonArray();
        return body;
    }

    public static JsonObject Of(Password password, string? secret) => new()
    {
        ["customKeyIdentifier"] = null,
        ["displayName"] = password.DisplayName,
        ["endDateTime"] = Text(password.End),
        ["hint"] = password.Hint,
        ["keyId"] = password.KeyId,
        ["secretText"] = secret,
        ["startDateTime"] = Text(password.Start),
    };

    private static string Text(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'Z'", CultureInfo.InvariantCulture);
}
