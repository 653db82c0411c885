using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Azure.Core;
using Microsoft.Azure.Cosmos;

namespace LocalAzure.Tests.Cosmos;

/// <summary>
/// The account that the tests of Cosmos DB are run against instead of LocalAzure, named by environment variables: <c>COSMOS_TEST_ENDPOINT</c>, and
/// <c>COSMOS_TEST_KEY</c> (Microsoft's emulator, or a real account that takes keys) or <c>COSMOS_TEST_TOKEN</c> (an access token for <c>https://cosmos.azure.com</c>).
/// </summary>
internal sealed record Elsewhere(Uri Endpoint, string? Key, string? Token)
{
    /// <summary>Null to test LocalAzure.</summary>
    public static Elsewhere? Account { get; } = Environment.GetEnvironmentVariable("COSMOS_TEST_ENDPOINT") is { Length: > 0 } endpoint
        ? new Elsewhere(new Uri(endpoint), Environment.GetEnvironmentVariable("COSMOS_TEST_KEY"), Environment.GetEnvironmentVariable("COSMOS_TEST_TOKEN"))
        : null;

    public CosmosClient NewClient(CosmosClientOptions options)
    {
        options.LimitToEndpoint = true;
        if (Endpoint.IsLoopback) { options.HttpClientFactory = () => NewHttp(); }
        return Key is not null ? new CosmosClient(Endpoint.ToString(), Key, options) : new CosmosClient(Endpoint.ToString(), new GivenToken(Token!), options);
    }

    /// <summary>An emulator on this machine has a certificate that nobody has signed.</summary>
    public HttpClient NewHttp() => new(Endpoint.IsLoopback
        ? new HttpClientHandler { ServerCertificateCustomValidationCallback = HttpClientHandler.DangerousAcceptAnyServerCertificateValidator }
        : new HttpClientHandler())
    {
        BaseAddress = Endpoint,
    };

    /// <summary>Authorizes a request that no SDK sends (learn.microsoft.com: "Access control on Azure Cosmos DB resources", "Constructing the hashed token signature").</summary>
    public void Authorize(HttpRequestMessage request)
    {
        if (Key is null) { Add(request, "aad", Token!); return; }
        var segments = request.RequestUri!.ToString().Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries);
        var isFeed = segments.Length % 2 == 1;
        var (type, link) = segments.Length == 0 ? ("", "") : (segments[^(isFeed ? 1 : 2)], string.Join('/', isFeed ? segments[..^1] : segments));
        var date = TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture);
        var text = $"{request.Method.Method.ToLowerInvariant()}\n{type}\n{link}\n{date.ToLowerInvariant()}\n\n";
        request.Headers.TryAddWithoutValidation("x-ms-date", date);
        Add(request, "master", Convert.ToBase64String(HMACSHA256.HashData(Convert.FromBase64String(Key), Encoding.UTF8.GetBytes(text))));
    }

    private static void Add(HttpRequestMessage request, string type, string signature)
    {
        request.Headers.TryAddWithoutValidation("authorization", Uri.EscapeDataString($"type={type}&ver=1.0&sig={signature}"));
        request.Headers.TryAddWithoutValidation("x-ms-version", "2020-07-15");
    }

    private sealed class GivenToken(string token) : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancellation) => new(token, TimeProvider.System.GetUtcNow().AddMinutes(30));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext request, CancellationToken cancellation) => new(GetToken(request, cancellation));
    }
}

/// <summary>A test of what LocalAzure alone has: its clock, its files, what it does not implement.</summary>
internal sealed class LocalFactAttribute : FactAttribute
{
    public LocalFactAttribute()
    {
        if (Elsewhere.Account is not null) { Skip = "Only LocalAzure has this."; }
    }
}

/// <inheritdoc cref="LocalFactAttribute"/>
internal sealed class LocalTheoryAttribute : TheoryAttribute
{
    public LocalTheoryAttribute()
    {
        if (Elsewhere.Account is not null) { Skip = "Only LocalAzure has this."; }
    }
}
