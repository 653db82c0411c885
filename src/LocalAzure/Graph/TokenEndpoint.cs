using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LocalAzure.Identity;

namespace LocalAzure.Graph;

/// <summary>
/// <c>POST /{tenant}/oauth2/v2.0/token</c> for client credentials with a secret (learn.microsoft.com: "Microsoft identity platform and the OAuth 2.0 client credentials
/// flow", "Microsoft Entra authentication and authorization error codes"). It accepts a current password of an application whose service principal is enabled.
/// </summary>
internal sealed partial class TokenEndpoint(DirectoryStore store, TokenAuthority tokens, TimeProvider clock)
{
    private long propagationTicks;

    /// <summary>How long a new password is not known here yet, by the test clock: the directory is replicated, and nobody is told when that is done.</summary>
    public TimeSpan Propagation
    {
        get => new(Interlocked.Read(ref propagationTicks));
        set => Interlocked.Exchange(ref propagationTicks, value.Ticks);
    }

    /// <summary>Whether what was made then is known everywhere by now.</summary>
    public bool HasSpread(DateTimeOffset made) => made + Propagation <= clock.GetUtcNow();

    public static bool IsFor(HttpRequest request) => PathPattern().IsMatch(request.Path.Value!);

    public async Task Handle(HttpContext context)
    {
        var tenant = PathPattern().Match(context.Request.Path.Value!).Groups["tenant"].Value;
        var form = context.Request.HasFormContentType ? await context.Request.ReadFormAsync(context.RequestAborted) : FormCollection.Empty;
        var (answer, refusal) = context.Request.Method == HttpMethods.Post ? SignIn(tenant, form) : (null, new SignInRefusal(400, "invalid_request", 900561, "The endpoint only accepts POST requests."));
        context.Response.StatusCode = refusal?.Status ?? 200;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store, no-cache";
        await context.Response.WriteAsync((answer ?? Describe(refusal!)).ToJsonString(), context.RequestAborted);
    }

    private (JsonObject? Answer, SignInRefusal? Refusal) SignIn(string tenant, IFormCollection form)
    {
        string appId = form["client_id"].ToString(), secret = form["client_secret"].ToString(), scope = form["scope"].ToString();
        if (!string.Equals(tenant, TokenAuthority.TenantId, StringComparison.OrdinalIgnoreCase)) { return (null, new(400, "invalid_request", 90002, $"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.")); }
        if (Missing(form, "grant_type", "client_id", "scope") is { } missing) { return (null, new(400, "invalid_request", 900144, $"The request body must contain the following parameter: '{missing}'.")); }
        if (form["grant_type"] != "client_credentials") { return (null, new(400, "unsupported_grant_type", 70003, $"The app requested an unsupported grant type '{form["grant_type"]}'.")); }
        if (!scope.EndsWith("/.default", StringComparison.Ordinal)) { return (null, new(400, "invalid_scope", 1002012, $"The provided value for scope {scope} is not valid. Client credential flows must have a scope value with /.default suffixed to the resource identifier (application ID URI).")); }
        if (store.Applications().FirstOrDefault(known => Same(known.AppId, appId)) is not { } application) { return (null, new(400, "unauthorized_client", 700016, $"Application with identifier '{appId}' was not found in the directory '{tenant}'.")); }
        if (secret.Length == 0) { return (null, new(401, "invalid_client", 7000216, "'client_assertion', 'client_secret' or 'request' is required for the 'client_credentials' grant type.")); }

        var now = clock.GetUtcNow();
        var password = DirectoryStore.Recognise(application, secret);
        if (password is null || password.Start > now || !HasSpread(password.Made)) { return (null, new(401, "invalid_client", 7000215, $"Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app '{appId}'.")); }
        if (password.End <= now) { return (null, new(401, "invalid_client", 7000222, $"The provided client secret keys for app '{appId}' are expired.")); }
        if (store.Principals().FirstOrDefault(known => Same(known.AppId, appId)) is not { } principal) { return (null, new(401, "unauthorized_client", 7000229, $"The client application {appId} is missing service principal in the tenant {tenant}.")); }
        if (!principal.AccountEnabled) { return (null, new(400, "unauthorized_client", 7000112, $"Application '{appId}'({application.DisplayName}) is disabled.")); }
        return (Granted(scope, principal), null);
    }

    private JsonObject Granted(string scope, ServicePrincipal principal)
    {
        var (token, expires) = tokens.Issue(scope[..^"/.default".Length], principal.Id);
        var seconds = (long)(expires - TimeProvider.System.GetUtcNow()).TotalSeconds;
        return new JsonObject { ["token_type"] = "Bearer", ["expires_in"] = seconds, ["ext_expires_in"] = seconds, ["access_token"] = token };
    }

    private JsonObject Describe(SignInRefusal refusal)
    {
        var (trace, correlation, at) = (Guid.NewGuid(), Guid.NewGuid(), clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture));
        return new JsonObject
        {
            ["error"] = refusal.Error,
            ["error_description"] = string.Create(CultureInfo.InvariantCulture, $"AADSTS{refusal.Number}: {refusal.Text} Trace ID: {trace} Correlation ID: {correlation} Timestamp: {at}"),
            ["error_codes"] = new JsonArray(refusal.Number),
            ["timestamp"] = at,
            ["trace_id"] = trace.ToString(),
            ["correlation_id"] = correlation.ToString(),
            ["error_uri"] = string.Create(CultureInfo.InvariantCulture, $"https://login.microsoftonline.com/error?code={refusal.Number}"),
        };
    }

    private static string? Missing(IFormCollection form, params string[] names) => names.FirstOrDefault(name => form[name].ToString().Length == 0);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"^/(?<tenant>[A-Za-z0-9.-]+)/oauth2/v2\.0/token\z")]
    private static partial Regex PathPattern();

    private sealed record SignInRefusal(int Status, string Error, int Number, string Text);
}
