using System.Diagnostics;
using LocalAzure.KeyVault;

namespace LocalAzure;

/// <summary>The first administrator's key, which the app makes at its first start and keeps in Key Vault.</summary>
internal static class AdminKey
{
    private const string Secret = "bootstrap-admin-key";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(25);

    /// <summary>Waits until the key is there; null for an app that makes none.</summary>
    public static async Task<string?> Wait(HttpClient keyVault, CancellationToken cancellation)
    {
        var begun = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begun) < Patience)
        {
            if (await VaultSecret.Read(keyVault, Secret, cancellation) is { } key) { return key; }
            await Task.Delay(PollInterval, cancellation);
        }
        return null;
    }
}
