using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using CustomerFunctions.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace CustomerFunctions.Tests.Webhooks;

/// <summary>A message as its receiver got it.</summary>
internal sealed record Received(string Id, string Timestamp, string Signatures, byte[] Bytes)
{
    public JsonObject Body => JsonNode.Parse(Encoding.UTF8.GetString(Bytes))!.AsObject();

    public string Type => (string)Body["type"]!;

    public bool IsSignedBy(string secret) => StandardWebhook.Verify(StandardWebhook.Secret(secret)!, Id, Timestamp, Signatures, Bytes, DateTimeOffset.FromUnixTimeSeconds(long.Parse(Timestamp, System.Globalization.CultureInfo.InvariantCulture)));
}

/// <summary>Somebody to whom a customer has its notices sent: a web server of its own on a free port, that answers as a test says.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication server;

    private Receiver(WebApplication server) => this.server = server;

    public ConcurrentQueue<Received> Messages { get; } = new();

    /// <summary>What it answers; 204 unless a test says otherwise.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    };

    public string Url => server.Urls.Single() + "/hooks";

    public static async Task<Receiver> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver.server.MapPost("/hooks", receiver.Take);
        await receiver.server.StartAsync();
        return receiver;
    }

    public void AnswerWith(int status, string? retryAfter = null, string? location = null) => Answer = context =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null) { context.Response.Headers.RetryAfter = retryAfter; }
        if (location is not null) { context.Response.Headers.Location = location; }
        return Task.CompletedTask;
    };

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private async Task Take(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers;
        Messages.Enqueue(new Received(headers[StandardWebhook.IdHeader].ToString(), headers[StandardWebhook.TimestampHeader].ToString(), headers[StandardWebhook.SignatureHeader].ToString(), body.ToArray()));
        await Answer(context);
    }
}
