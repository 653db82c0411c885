using System.Security.Cryptography;
using System.Text;
using LocalAzure.State;

namespace LocalAzure.GitHub;

/// <summary>
/// GitHub's part in secret scanning: its list of public keys, and a report of leaked tokens, signed as GitHub signs it (docs.github.com, secret scanning partner program: ECDSA with P-256
/// and SHA-256 over the body, DER in base64).
/// </summary>
internal static class SecretScanning
{
    /// <summary>Where api.github.com has it.</summary>
    public const string KeysPath = "/github/meta/public_keys/secret_scanning";

    public static void MapSecretScanning(this IEndpointRouteBuilder routes, string keyFile, string reportsUrl)
    {
        var key = Open(keyFile);
        var id = Convert.ToHexStringLower(SHA256.HashData(key.ExportSubjectPublicKeyInfo()));
        routes.MapGet(KeysPath, () => Results.Json(new { public_keys = new[] { new { key_identifier = id, key = key.ExportSubjectPublicKeyInfoPem(), is_current = true } } }));
        // Signs what is posted here as it is and hands it on; answers with what the app said.
        routes.MapPost("/leak-reports", async (HttpRequest request, CancellationToken cancellation) =>
        {
            using var buffer = new MemoryStream();
            await request.Body.CopyToAsync(buffer, cancellation);
            var body = buffer.ToArray();
            using var http = new HttpClient();
            using var report = new HttpRequestMessage(HttpMethod.Post, reportsUrl) { Content = new ByteArrayContent(body) };
            report.Content.Headers.ContentType = new("application/json");
            report.Headers.Add("Github-Public-Key-Identifier", id);
            report.Headers.Add("Github-Public-Key-Signature", Convert.ToBase64String(key.SignData(body, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence)));
            using var answer = await http.SendAsync(report, cancellation);
            return Results.Text(await answer.Content.ReadAsStringAsync(cancellation), answer.Content.Headers.ContentType?.ToString(), Encoding.UTF8, (int)answer.StatusCode);
        });
    }

    private static ECDsa Open(string keyFile)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(keyFile)) { key.ImportFromPem(File.ReadAllText(keyFile)); }
        else { OwnerOnlyFile.Write(keyFile, Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem())); }
        return key;
    }
}
