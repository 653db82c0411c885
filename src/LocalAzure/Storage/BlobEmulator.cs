using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LocalAzure.Faults;
using LocalAzure.ResourceManager;

namespace LocalAzure.Storage;

/// <summary>
/// As much of the blob service as it takes to try an account key: List Containers, which is empty, for whoever signs with one of the
/// account's two current keys (learn.microsoft.com: Blob Service REST API, "List Containers", "Blob Storage error codes"). All else is 501.
/// </summary>
internal sealed partial class BlobEmulator
{
    private const string OldestVersion = "2015-02-21";
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(15);
    private readonly ResourceManagerEmulator resourceManager;
    private readonly TimeProvider clock;

    private BlobEmulator(ResourceManagerEmulator resourceManager, TimeProvider clock)
    {
        this.resourceManager = resourceManager;
        this.clock = clock;
    }

    public static BlobEmulator Open(EmulatorEnvironment env, ResourceManagerEmulator resourceManager) => new(resourceManager, env.Clock);

    public Task Handle(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers["x-ms-version"] = request.Headers["x-ms-version"];

        if (!IsList(request) || !AccountPath().IsMatch(request.Path.Value!))
        {
            var what = $"{request.Method} {request.Path.ToUriComponent()}{request.QueryString}";
            context.NoteUnimplemented($"{what} of the blob service");
            return Refuse(context, 501, "NotImplemented", $"LocalAzure does not implement {what} of the blob service.");
        }
        var version = request.Headers["x-ms-version"].ToString();
        if (!VersionPattern().IsMatch(version) || string.CompareOrdinal(version, OldestVersion) < 0)
        {
            return Refuse(context, 400, "InvalidHeaderValue", $"The value for x-ms-version is not a date from {OldestVersion} on.");
        }
        var account = request.Path.Value!.Trim('/');
        if (Authorize(request, account) is var (code, why)) { return Refuse(context, 403, code, why); }
        var endpoint = $"{request.Scheme}://{request.Host}/{account}/";
        return Answer(context, 200, new XElement(
            "EnumerationResults", new XAttribute("ServiceEndpoint", endpoint),
            request.Query.TryGetValue("maxresults", out var most) ? new XElement("MaxResults", most.ToString()) : null, new XElement("Containers"), new XElement("NextMarker")));
    }

    /// <summary><c>GET ?comp=list</c>, perhaps with <c>maxresults</c> from 1 to 5000, which makes no difference where there are no containers.</summary>
    private static bool IsList(HttpRequest request) =>
        request.Method == HttpMethods.Get && request.Query["comp"] == "list"
        && (request.Query.Count == 1
            || (request.Query.Count == 2 && int.TryParse(request.Query["maxresults"], NumberStyles.None, CultureInfo.InvariantCulture, out var most) && most is >= 1 and <= 5000));

    /// <summary>Null for a correct signature with a current key; else the code and the reason.</summary>
    private (string Code, string Why)? Authorize(HttpRequest request, string account)
    {
        const string Failed = "AuthenticationFailed";
        var header = SharedKeyHeader().Match(request.Headers.Authorization.ToString());
        if (!header.Success) { return (Failed, "The Authorization header is not 'SharedKey account:signature'."); }
        var signer = header.Groups["account"].Value;
        if (signer != account) { return (Failed, $"The signature is for the account '{signer}', the request for '{account}'."); }
        if (!IsTimely(request)) { return (Failed, $"The date is missing, unreadable or more than {Tolerance.TotalMinutes} minutes off."); }
        if (resourceManager.StorageAccount(account) is not { } resource) { return (Failed, $"There is no account '{account}'."); }
        if (resource.Body["properties"]?["allowSharedKeyAccess"]?.GetValueKind() == JsonValueKind.False)
        {
            return ("KeyBasedAuthenticationNotPermitted", "Key based authentication is not permitted on this storage account.");
        }
        var text = SharedKey.StringToSign(request, account);
        var verified = resource.Keys.Any(key => SharedKey.Verifies(text, header.Groups["signature"].Value, key.Value));
        // The service also says what it signed, which is how one finds out what is wrong with one's own string.
        return verified ? null : (Failed, $"The signature is of no current key. Server used following string to sign: '{text}'.");
    }

    /// <summary>By the test clock or by the machine's: a client may live by either, and both mean now.</summary>
    private bool IsTimely(HttpRequest request)
    {
        var given = request.Headers.TryGetValue("x-ms-date", out var date) ? date.ToString() : request.Headers.Date.ToString();
        return DateTimeOffset.TryParseExact(given, "R", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var sent)
            && (IsNow(clock) || IsNow(TimeProvider.System));

        bool IsNow(TimeProvider time) => (sent - time.GetUtcNow()).Duration() <= Tolerance;
    }

    private static Task Refuse(HttpContext context, int status, string code, string detail)
    {
        context.Response.Headers["x-ms-error-code"] = code;
        var message = code != "AuthenticationFailed"
            ? detail
            : "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly "
                + "including the signature.";
        return Answer(context, status, new XElement(
            "Error", new XElement("Code", code), new XElement("Message", message), new XElement("AuthenticationErrorDetail", detail)));
    }

    private static Task Answer(HttpContext context, int status, XElement body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml";
        var xml = body.ToString(SaveOptions.DisableFormatting);
        return context.Response.WriteAsync($"<?xml version=\"1.0\" encoding=\"utf-8\"?>{xml}", context.RequestAborted);
    }

    [GeneratedRegex("^/[a-z0-9]{3,24}/?\\z")]
    private static partial Regex AccountPath();

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}\z")]
    private static partial Regex VersionPattern();

    [GeneratedRegex(@"^SharedKey (?<account>[a-z0-9]{3,24}):(?<signature>[A-Za-z0-9+/]{43}=)\z")]
    private static partial Regex SharedKeyHeader();
}
