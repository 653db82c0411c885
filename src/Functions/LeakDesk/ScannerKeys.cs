using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.LeakDesk;

/// <summary>The list of public keys as GitHub serves it (docs.github.com, secret scanning partner program).</summary>
internal sealed record ScannerKeyList(IReadOnlyList<ScannerKey> PublicKeys);

internal sealed record ScannerKey(string KeyIdentifier, string Key);

/// <summary>
/// Checks that a report comes from the scanner: ECDSA with P-256 and SHA-256 over the body, by a key from the scanner's published list. The list is read again for a key that it did not
/// have, but not more than once a minute, so that made-up key ids are no load on the scanner.
/// </summary>
internal sealed class ScannerKeys(AzureClients azure, AppSettings settings, TimeProvider clock) : IDisposable
{
    private const int MaxListBytes = 64 * 1024;
    private static readonly TimeSpan Freshness = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenReads = TimeSpan.FromMinutes(1);

    private readonly SemaphoreSlim reading = new(1);
    private volatile Known? known;

    private sealed record Known(IReadOnlyDictionary<string, string> PemById, long ReadAt);

    public async Task<bool> Verify(string keyId, string signature, byte[] body, CancellationToken cancellation)
    {
        var bytes = new byte[signature.Length];
        if (!Convert.TryFromBase64String(signature, bytes, out var length)) { return false; }
        if (await Find(keyId, cancellation) is not { } pem) { return false; }
        using var key = ECDsa.Create();
        key.ImportFromPem(pem);
        return key.KeySize == 256 && key.VerifyData(body, bytes.AsSpan(0, length), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    private async Task<string?> Find(string keyId, CancellationToken cancellation)
    {
        var seen = known;
        if (seen is null || clock.GetElapsedTime(seen.ReadAt) > Freshness) { seen = await Read(seen, cancellation); }
        if (!seen.PemById.ContainsKey(keyId) && clock.GetElapsedTime(seen.ReadAt) > BetweenReads) { seen = await Read(seen, cancellation); }
        return seen.PemById.GetValueOrDefault(keyId);
    }

    private async Task<Known> Read(Known? seen, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            if (known is { } other && !ReferenceEquals(other, seen)) { return other; }
            using var request = new HttpRequestMessage(HttpMethod.Get, settings.ScannerKeysUrl);
            request.Headers.UserAgent.ParseAdd("CustomerFunctions");
            using var response = await azure.Http.SendAsync(request, cancellation);
            response.EnsureSuccessStatusCode();
            await response.Content.LoadIntoBufferAsync(MaxListBytes, cancellation);
            var list = await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(cancellation), ScannerJson.Default.ScannerKeyList, cancellation);
            return known = new Known(list!.PublicKeys.ToDictionary(key => key.KeyIdentifier, key => key.Key), clock.GetTimestamp());
        }
        finally
        {
            reading.Release();
        }
    }

    public void Dispose() => reading.Dispose();
}

/// <summary>What the scanner sends and serves: its own names, and fields that may be added any day.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ScannerKeyList))]
[JsonSerializable(typeof(IReadOnlyList<LeakReport>))]
internal sealed partial class ScannerJson : JsonSerializerContext;
