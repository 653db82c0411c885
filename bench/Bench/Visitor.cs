using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>Calls one instance of the app from a chosen address: past the host, which would put its own caller's address in.</summary>
internal sealed class Visitor : IDisposable
{
    private readonly HttpClient instance;

    private Visitor(HttpClient instance) => this.instance = instance;

    public static async Task<Visitor> Of(LocalCloud cloud)
    {
        var instances = (await cloud.Local.GetFromJsonAsync<JsonArray>("/instances"))!;
        return new Visitor(new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{instances[0]!["port"]}"), Timeout = TimeSpan.FromMinutes(1) });
    }

    /// <summary>Makes an account with a password and returns its email address.</summary>
    public static async Task<string> Account(LocalCloud cloud, string password)
    {
        var email = NewEmail();
        await cloud.Post("/api/accounts", new { email, name = "Ada Lovelace", password });
        return email;
    }

    /// <summary>An address that no account has.</summary>
    public static string NewEmail() => $"{Guid.NewGuid():N}@example.com";

    /// <summary>The status of the answer, once it is read.</summary>
    public async Task<int> Post(string path, string address, object body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(body)) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        return await Send(request, address);
    }

    public async Task<int> Get(string path, string address, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("X-Api-Key", key);
        return await Send(request, address);
    }

    private async Task<int> Send(HttpRequestMessage request, string address)
    {
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", address);
        using var response = await instance.SendAsync(request);
        return (int)response.StatusCode;
    }

    public void Dispose() => instance.Dispose();
}
