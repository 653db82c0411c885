using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace LocalAzure;

/// <summary>The first administrator's key, which the app makes at its first start and keeps in Key Vault.</summary>
internal static class AdminKey
{
    private const string Path = "/secrets/bootstrap-admin-key?api-version=7.6";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits until the key is there; null for an app that makes none.</summary>
    public static async Task<string?> Wait(HttpClient keyVault, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience)
        {
            using var answer = await keyVault.GetAsync(Path, cancellation);
            if (answer.StatusCode == HttpStatusCode.OK)
            {
                using var secret = JsonDocument.Parse(await answer.Content.ReadAsByteArrayAsync(cancellation));
                return secret.RootElement.GetProperty("value").GetString();
            }
            await Task.Delay(PollInterval, cancellation);
        }
        return null;
    }
}
