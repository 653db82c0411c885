using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace LocalAzure.Tests.FunctionsHost;

/// <summary>A custom handler that tells what it was sent, for tests of the host's side of the contract.</summary>
internal static class SampleApp
{
    public const string ExitAtStart = "SAMPLE_EXIT_AT_START";

    public static async Task Run()
    {
        if (Environment.GetEnvironmentVariable(ExitAtStart) is { } code)
        {
            await Console.Error.WriteLineAsync("the sample app was told to end at start");
            Environment.Exit(int.Parse(code, CultureInfo.InvariantCulture));
        }
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{Environment.GetEnvironmentVariable("FUNCTIONS_CUSTOMHANDLER_PORT")}");
        await using var app = builder.Build();
        app.Run(Handle);
        await app.StartAsync();
        Console.WriteLine("the sample app is up");
        await KeepAdminKey();
        await Task.Delay(Timeout.InfiniteTimeSpan);
    }

    private static Task Handle(HttpContext context) => context.Request.Path.Value switch
    {
        "/" => Task.CompletedTask,
        "/api/setting" => context.Response.WriteAsync(Environment.GetEnvironmentVariable(context.Request.Query["name"]!) ?? "(none)"),
        "/api/exit" => Exit(),
        "/api/redirect" => Redirect(context),
        "/api/stream" => Stream(context),
        "/Fail" => Answer(context, 500, """{"Outputs":{},"Logs":["it broke"],"ReturnValue":null}"""),
        "/Empty" => Task.CompletedTask,
        "/Hang" => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted),
        "/Tick" => Tick(context),
        _ => Echo(context),
    };

    private static async Task Echo(HttpContext context)
    {
        using var body = new StreamReader(context.Request.Body);
        await context.Response.WriteAsJsonAsync(new Seen(
            context.Request.Method,
            context.Features.Get<IHttpRequestFeature>()!.RawTarget,
            context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            await body.ReadToEndAsync(),
            Environment.ProcessId));
    }

    private static async Task Tick(HttpContext context)
    {
        using var envelope = new StreamReader(context.Request.Body);
        await Answer(context, 200, $$"""{"Outputs":{},"Logs":["ticked"],"ReturnValue":{{await envelope.ReadToEndAsync()}}}""");
    }

    private static Task Answer(HttpContext context, int status, string json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    private static Task Redirect(HttpContext context)
    {
        context.Response.Redirect("/api/elsewhere");
        context.Response.Cookies.Append("seen", "yes");
        return Task.CompletedTask;
    }

    /// <summary>Sends a first part and holds the answer open until the caller goes.</summary>
    private static async Task Stream(HttpContext context)
    {
        await context.Response.WriteAsync("first");
        await context.Response.Body.FlushAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
    }

    private static Task Exit()
    {
        Environment.Exit(3);
        return Task.CompletedTask;
    }

    /// <summary>Does what LocalAzure waits for of an app: keeps a first administrator's key in Key Vault, by its managed identity.</summary>
    private static async Task KeepAdminKey()
    {
        if (Environment.GetEnvironmentVariable("KeyVault__Uri") is not { } vault) { return; }
        using var identity = new HttpClient();
        identity.DefaultRequestHeaders.Add("X-IDENTITY-HEADER", Environment.GetEnvironmentVariable("IDENTITY_HEADER"));
        var endpoint = Environment.GetEnvironmentVariable("IDENTITY_ENDPOINT");
        var token = await identity.GetFromJsonAsync<JsonElement>($"{endpoint}?resource=https://vault.azure.net&api-version=2019-08-01");

        var trust = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        trust.CustomTrustStore.ImportFromPemFile(Environment.GetEnvironmentVariable("Azure__TrustedCertificates")!);
        using var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = trust;
        using var secrets = new HttpClient(handler);
        secrets.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        using var answer = await secrets.PutAsJsonAsync($"{vault}/secrets/bootstrap-admin-key?api-version=7.6", new { value = "sample-admin-key" });
        answer.EnsureSuccessStatusCode();
    }

    internal sealed record Seen(string Method, string Target, Dictionary<string, string> Headers, string Body, int Pid);
}
