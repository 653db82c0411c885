using System.Net;
using System.Text.Json;

namespace LocalAzure.KeyVault;

/// <summary>A secret that LocalAzure shares with the app: in the emulated vault, and by HTTP, as for everybody.</summary>
internal static class VaultSecret
{
    /// <summary>Its newest version; null when there is none that can be read.</summary>
    public static async Task<string?> Read(HttpClient keyVault, string name, CancellationToken cancellation)
    {
        using var answer = await keyVault.GetAsync(Url(name), cancellation);
        if (answer.StatusCode != HttpStatusCode.OK) { return null; }
        using var secret = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
        return secret.RootElement.GetProperty("value").GetString();
    }

    /// <summary>The secret as it is, or <paramref name="made"/> where there is none; null when somebody has deleted it, for then none can be made.</summary>
    public static async Task<string?> Ensure(HttpClient keyVault, string name, string made, CancellationToken cancellation)
    {
        if (await Read(keyVault, name, cancellation) is { } there) { return there; }
        using var set = await keyVault.PutAsJsonAsync(Url(name), new { value = made }, cancellation);
        return set.IsSuccessStatusCode ? made : null;
    }

    private static string Url(string name) => $"/secrets/{name}?api-version=7.6";
}
