using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using LocalAzure.State;

namespace LocalAzure.Seed;

/// <summary>The first administrator's account, with a password that is made at the first start and kept in the state folder. Made over HTTP as any caller would.</summary>
internal static class AdminAccount
{
    public const string Email = "admin@example.com";

    /// <summary>The password; null for an app that has no accounts.</summary>
    public static async Task<string?> Ensure(HttpClient app, string adminKey, string passwordFile, CancellationToken cancellation)
    {
        if (File.Exists(passwordFile)) { return await File.ReadAllTextAsync(passwordFile, cancellation); }
        var password = RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/accounts") { Content = JsonContent.Create(new { email = Email, name = "Local Administrator", role = "admin", password }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", adminKey);
        request.Headers.Add("Idempotency-Key", $"\"{Guid.NewGuid()}\"");
        await request.Content.LoadIntoBufferAsync(cancellation);
        using var answer = await app.SendAsync(request, cancellation);
        if (answer.StatusCode != HttpStatusCode.Created) { return null; }
        OwnerOnlyFile.Write(passwordFile, Encoding.UTF8.GetBytes(password));
        return password;
    }
}
