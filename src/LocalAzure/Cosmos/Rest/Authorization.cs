using System.Web;
using LocalAzure.Identity;

namespace LocalAzure.Cosmos.Rest;

/// <summary>
/// The <c>authorization</c> header, url-encoded: <c>type=aad&amp;ver=1.0&amp;sig=TOKEN</c>. The .NET SDK asks for a token for <c>https://HOST</c>, without the
/// port; the service's common audience is accepted too. Keys are refused: local authentication is off, as in our deployment.
/// </summary>
internal static class Authorization
{
    private const string CommonAudience = "https://cosmos.azure.com";

    public static void Check(HttpContext context, TokenAuthority tokens)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (header.Length == 0)
        {
            throw CosmosRefusal.Unauthorized("Required Header authorization is missing. Ensure a valid Authorization token is passed.");
        }
        var fields = HttpUtility.ParseQueryString(header.Contains('%', StringComparison.Ordinal) ? Uri.UnescapeDataString(header) : header);
        if (fields["type"] != "aad")
        {
            throw CosmosRefusal.Unauthorized("Local Authorization is disabled. Use an AAD token to authorize all requests.");
        }

        var refusal = tokens.Refusal(fields["sig"], CommonAudience);
        foreach (var audience in OwnAudiences(context.Request))
        {
            if (refusal is null) { return; }
            refusal = tokens.Refusal(fields["sig"], audience);
        }
        if (refusal is not null) { throw CosmosRefusal.Unauthorized($"The AAD token is not valid: {refusal}."); }
    }

    private static string[] OwnAudiences(HttpRequest request) =>
        [$"https://{request.Host}", $"http://{request.Host}", $"http://{request.Host.Host}", $"https://{request.Host.Host}"];
}
