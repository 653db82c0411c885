using System.Security.Cryptography;
using System.Text;
using LocalAzure.State;
using Microsoft.Extensions.Primitives;

namespace LocalAzure.Identity;

/// <summary>
/// The managed identity of an app on App Service and Functions, protocol 2019-08-01: the app is given <c>IDENTITY_ENDPOINT</c> and
/// <c>IDENTITY_HEADER</c> and asks for tokens by resource (learn.microsoft.com: "How to use managed identities for App Service and
/// Azure Functions", REST endpoint reference). One system-assigned identity, which may also be named by its client id.
/// </summary>
internal sealed class ManagedIdentityEndpoint(TokenAuthority tokens, string header, IReadOnlySet<string> audiences)
{
    public const string ClientId = "22222222-2222-2222-2222-222222222222";
    public const string ObjectId = "33333333-3333-3333-3333-333333333333";
    private const string ApiVersion = "2019-08-01";

    /// <summary>Audiences that every LocalAzure serves; services whose audience is their own address come on top.</summary>
    public static readonly IReadOnlyList<string> WellKnownAudiences =
    [
        "https://vault.azure.net", "https://management.azure.com", "https://management.core.windows.net",
        "https://storage.azure.com", "https://cosmos.azure.com", "https://graph.microsoft.com",
    ];

    /// <summary>The value for the app's <c>IDENTITY_HEADER</c>; who knows it gets tokens.</summary>
    public string Header => header;

    /// <summary>The header's value is kept in the state folder, so that a restart of LocalAzure does not orphan a running app.</summary>
    public static ManagedIdentityEndpoint Open(EmulatorEnvironment env, IEnumerable<string> furtherAudiences)
    {
        var path = Path.Combine(env.StateDirectory, "identity-header");
        if (!File.Exists(path)) { OwnerOnlyFile.Write(path, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(32))); }
        var audiences = WellKnownAudiences.Concat(furtherAudiences.Select(audience => audience.TrimEnd('/')));
        return new ManagedIdentityEndpoint(env.Tokens, File.ReadAllText(path), audiences.ToHashSet(StringComparer.OrdinalIgnoreCase));
    }

    public async Task Handle(HttpContext context)
    {
        if (Refusal(context.Request) is var (status, message))
        {
            context.Response.StatusCode = status;
            await context.Response.WriteAsJsonAsync(new { statusCode = status, message, correlationId = Guid.NewGuid() });
            return;
        }
        var resource = context.Request.Query["resource"].ToString();
        var (token, expires) = tokens.Issue(resource, ObjectId);
        await context.Response.WriteAsJsonAsync(new Dictionary<string, string>
        {
            ["access_token"] = token,
            ["client_id"] = ClientId,
            // Seconds as text, as the service sends them.
            ["expires_on"] = FormattableString.Invariant($"{expires.ToUnixTimeSeconds()}"),
            ["resource"] = resource,
            ["token_type"] = "Bearer",
        });
    }

    private (int Status, string Message)? Refusal(HttpRequest request)
    {
        if (request.Method != HttpMethods.Get) { return (405, "Only GET is supported."); }
        if (!Knows(request.Headers["X-IDENTITY-HEADER"])) { return (401, "The header X-IDENTITY-HEADER is missing or wrong."); }
        if (request.Query["api-version"] != ApiVersion) { return (400, $"The api-version must be {ApiVersion}."); }
        if (request.Query["resource"].ToString() is not { Length: > 0 } resource) { return (400, "The parameter 'resource' is missing."); }
        if (!IsOurs(request.Query))
        {
            return (400, "No User Assigned or Delegated Managed Identity found for specified ClientId/ResourceId/PrincipalId.");
        }
        return audiences.Contains(resource.TrimEnd('/'))
            ? null
            : (400, $"AADSTS500011: The resource principal named {resource} was not found in the tenant named {TokenAuthority.TenantId}.");
    }

    private bool Knows(StringValues given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given.ToString()), Encoding.UTF8.GetBytes(header));

    private static bool IsOurs(IQueryCollection query) =>
        !query.ContainsKey("mi_res_id")
        && (!query.TryGetValue("client_id", out var client) || string.Equals(client, ClientId, StringComparison.OrdinalIgnoreCase))
        && (!query.TryGetValue("principal_id", out var principal) || string.Equals(principal, ObjectId, StringComparison.OrdinalIgnoreCase));
}
