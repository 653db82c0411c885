using Azure.Core;
using LocalAzure.Identity;

namespace LocalAzure.Tests.Identity;

/// <summary>Takes its tokens straight from the authority, for tests that are about something else than getting tokens.</summary>
internal sealed class LocalCredential(TokenAuthority tokens) : TokenCredential
{
    public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken)
    {
        var audience = requestContext.Scopes.Single().Replace("/.default", "", StringComparison.Ordinal);
        var (token, expires) = tokens.Issue(audience, ManagedIdentityEndpoint.ObjectId);
        return new AccessToken(token, expires);
    }

    public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
        ValueTask.FromResult(GetToken(requestContext, cancellationToken));
}
