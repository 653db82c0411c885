using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace CustomerFunctions.Shared.Azure;

/// <summary>An app registration, as much of it as rotation needs.</summary>
/// <param name="IsForPersonalAccounts">Then the directory lets it have two passwords and no third.</param>
public sealed record GraphApplication(string AppId, bool IsForPersonalAccounts, IReadOnlyList<GraphPassword> Passwords);

/// <summary>A password of an application; never its text.</summary>
public sealed record GraphPassword(string KeyId, string? DisplayName);

/// <param name="TenantId">The tenant in which the application is at home.</param>
public sealed record GraphServicePrincipal(string Id, bool AccountEnabled, string TenantId);

/// <summary>Microsoft Graph did not do what it was asked for.</summary>
public sealed class GraphFailedException(int status, string? errorCode, TimeSpan? retryAfter)
    : RequestFailedException(status, string.Create(CultureInfo.InvariantCulture, $"Microsoft Graph answered {status}."), errorCode, null)
{
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>
/// The few operations on applications and service principals that this app needs, over Azure.Core's pipeline as this app's identity (learn.microsoft.com: "Microsoft Graph REST API v1.0",
/// application, servicePrincipal). An application is named by its application (client) id.
/// </summary>
public sealed class GraphClient(Uri endpoint, HttpPipeline pipeline)
{
    public const string Audience = "https://graph.microsoft.com";

    /// <summary>Null when there is none.</summary>
    public async Task<GraphApplication?> FindApplication(string appId, CancellationToken cancellation)
    {
        using var found = await Find($"applications(appId='{appId}')?$select=appId,signInAudience,passwordCredentials", cancellation);
        if (found is null) { return null; }
        var audience = found.RootElement.GetProperty("signInAudience").GetString();
        return new GraphApplication(
            found.RootElement.GetProperty("appId").GetString()!, audience is "AzureADandPersonalMicrosoftAccount" or "PersonalMicrosoftAccount",
            [.. found.RootElement.GetProperty("passwordCredentials").EnumerateArray().Select(password => new GraphPassword(password.GetProperty("keyId").GetString()!, password.GetProperty("displayName").GetString()))]);
    }

    /// <summary>Null when the application has none in this tenant.</summary>
    public async Task<GraphServicePrincipal?> FindServicePrincipal(string appId, CancellationToken cancellation)
    {
        using var found = await Find($"servicePrincipals(appId='{appId}')?$select=id,accountEnabled,appOwnerOrganizationId", cancellation);
        return found is null ? null : new GraphServicePrincipal(
            found.RootElement.GetProperty("id").GetString()!, found.RootElement.GetProperty("accountEnabled").GetBoolean(), found.RootElement.GetProperty("appOwnerOrganizationId").GetString()!);
    }

    /// <summary>Whether the service principal of this object id may sign in; null when there is none.</summary>
    public async Task<bool?> IsServicePrincipalEnabled(string id, CancellationToken cancellation)
    {
        using var found = await Find($"servicePrincipals/{Uri.EscapeDataString(id)}?$select=accountEnabled", cancellation);
        return found?.RootElement.GetProperty("accountEnabled").GetBoolean();
    }

    /// <summary>Lets a service principal sign in, or not: then it gets no token, and those it has run out within about an hour. One that is gone needs neither.</summary>
    public async Task SetServicePrincipalEnabled(string id, bool enabled, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Patch, $"servicePrincipals/{Uri.EscapeDataString(id)}", $$"""{"accountEnabled":{{(enabled ? "true" : "false")}}}""");
        try { await Send(message, cancellation); }
        catch (GraphFailedException e) when (e.Status == 404)
        {
            // Nobody signs in as it any more.
        }
    }

    /// <summary>Adds a password. Its text is in this answer and never again; see <see cref="RepeatOnlyWhatWasRefused"/> for one that is lost.</summary>
    public async Task<(string KeyId, string Secret)> AddPassword(string appId, string displayName, DateTimeOffset end, CancellationToken cancellation)
    {
        var until = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var body = $$$"""{"passwordCredential":{"displayName":"{{{JavaScriptEncoder.Default.Encode(displayName)}}}","endDateTime":"{{{until}}}"}}""";
        using var message = Message(RequestMethod.Post, $"applications(appId='{appId}')/addPassword", body);
        message.ResponseClassifier = RepeatOnlyWhatWasRefused.Instance;
        await Send(message, cancellation);
        using var added = JsonDocument.Parse(message.Response.Content);
        return (added.RootElement.GetProperty("keyId").GetString()!, added.RootElement.GetProperty("secretText").GetString()!);
    }

    /// <summary>Removes a password; one that is gone counts as removed. Graph says 400 of one that it does not find, as of much else, so it is looked for.</summary>
    public async Task RemovePassword(string appId, string keyId, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Post, $"applications(appId='{appId}')/removePassword", $$"""{"keyId":"{{keyId}}"}""");
        try { await Send(message, cancellation); }
        catch (GraphFailedException e) when (e.Status is 400 or 404)
        {
            var application = await FindApplication(appId, cancellation);
            if (application?.Passwords.Any(password => password.KeyId == keyId) == true) { throw; }
        }
    }

    private async Task<JsonDocument?> Find(string path, CancellationToken cancellation)
    {
        using var message = Message(RequestMethod.Get, path, body: null);
        try { await Send(message, cancellation); }
        catch (GraphFailedException e) when (e.Status == 404) { return null; }
        return JsonDocument.Parse(message.Response.Content);
    }

    private HttpMessage Message(RequestMethod method, string path, string? body)
    {
        var message = pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(endpoint, $"/v1.0/{path}"));
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(new BinaryData(body));
        }
        return message;
    }

    private async Task Send(HttpMessage message, CancellationToken cancellation)
    {
        await pipeline.SendAsync(message, cancellation);
        if (message.Response.IsError) { throw new GraphFailedException(message.Response.Status, ErrorCode(message.Response), Throttling.RetryAfter(message.Response)); }
    }

    private static string? ErrorCode(Response response)
    {
        try
        {
            using var body = JsonDocument.Parse(response.Content);
            return body.RootElement.TryGetProperty("error", out var error) && error.TryGetProperty("code", out var code) ? code.GetString() : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
