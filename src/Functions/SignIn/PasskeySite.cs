namespace CustomerFunctions.SignIn;

/// <summary>Where passkeys are made and used. They are the domain's: under another one they are of no use to anybody.</summary>
/// <param name="Domain"><c>Passkeys__Domain</c>: what WebAuthn calls the relying party's id; in Azure by default the host name that Functions gives the app.</param>
/// <param name="Origins"><c>Passkeys__Origins</c>: the pages that may ask for a passkey; with none listed, the domain's own over https, and on a developer's machine any port of it.</param>
internal sealed record PasskeySite(string Domain, IReadOnlyList<string> Origins)
{
    public const string DeveloperDomain = "localhost";

    public static PasskeySite Developer { get; } = new(DeveloperDomain, []);

    public static bool IsDomain(string text) => Uri.CheckHostName(text) == UriHostNameType.Dns;

    /// <summary>An origin as a browser writes it: scheme, host and port, and nothing behind.</summary>
    public static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && (url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && url.IsLoopback)) && url.GetLeftPart(UriPartial.Authority) == text;

    public bool Admits(string origin)
    {
        if (Origins.Count > 0) { return Origins.Contains(origin); }
        return origin == $"https://{Domain}" || (Domain == DeveloperDomain && IsOrigin(origin) && new Uri(origin).Host == DeveloperDomain);
    }
}
