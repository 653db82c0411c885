using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Access;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.Features;

namespace CustomerFunctions.Edge;

/// <summary>A route that takes an Idempotency-Key.</summary>
internal sealed class TakesIdempotencyKey;

/// <summary>
/// Executes a request with an Idempotency-Key once (draft-ietf-httpapi-idempotency-key-header-07). The same caller, route, key and body get the same answer for a day. Only successes are kept: after a refusal
/// or a failure nothing has come of the request, or something half-made, and the same request executes again, with the ids it had.
/// </summary>
internal sealed partial class Idempotency(RequestDelegate next, IdempotencyStore store, ILogger<Idempotency> log)
{
    public const string Header = "Idempotency-Key";
    public const string ReplayedHeader = "Idempotency-Replayed";
    public const int MostCharacters = 255;

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(2);

    public Task Invoke(HttpContext context) =>
        context.Request.Headers.ContainsKey(Header) && context.GetEndpoint()?.Metadata.GetMetadata<TakesIdempotencyKey>() is not null && context.Features.Get<Caller>() is { } caller
            ? Invoke(context, caller)
            : next(context);

    /// <summary>The key inside an RFC 8941 string; null for anything else.</summary>
    public static string? Parse(string header)
    {
        var text = header.Trim();
        if (text.Length < 3 || text[0] != '"' || text[^1] != '"') { return null; }
        var key = text[1..^1];
        return key.Length <= MostCharacters && key.All(character => character is >= ' ' and <= '~' and not '"' and not '\\') ? key : null;
    }

    private async Task Invoke(HttpContext context, Caller caller)
    {
        if (context.Request.Headers[Header] is not [{ } header] || Parse(header) is not { } key) { await Failures.BadIdempotencyKey(MostCharacters).ExecuteAsync(context); return; }

        // Keyed with what the client chose, and what is stored nowhere: a body may hold a password, which must not be guessed from its hash.
        var bodyHash = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(key), await TakeBody(context.Request, context.RequestAborted)));
        var request = context.Request;
        var id = "idempotency:" + RateLimits.Attempt.Digest(caller.Id, request.Method, request.Path + request.QueryString, key);
        var (record, mayExecute) = await store.Begin(id, bodyHash, context.RequestAborted);
        if (mayExecute) { await Execute(context, record); return; }
        await (record.Value switch
        {
            { BodyHash: var other } when other != bodyHash => Failures.IdempotencyKeyReused().ExecuteAsync(context),
            { Answer: not null } => Replay(context, record.Value),
            _ => Failures.IdempotentRequestInFlight(Soon).ExecuteAsync(context),
        });
    }

    private async Task Execute(HttpContext context, Stored<IdempotencyRecord> record)
    {
        context.Features.Set(new NewIds(record.Value.Seed));
        var client = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        using var buffer = new MemoryStream();
        var isKept = false;
        // Keeping the answer is work within the deadline; giving it is not.
        var untilDeadline = context.RequestAborted;
        try
        {
            var answer = new StreamResponseBodyFeature(buffer);
            context.Features.Set<IHttpResponseBodyFeature>(answer);
            await next(context);
            await answer.CompleteAsync();
            if (context.Response.StatusCode is >= 200 and < 300)
            {
                // An answer that can't be kept is not given either: a secret in it would be another one the next time.
                isKept = await store.TryFinish(record, KeptAnswer.Of(context.Response, buffer.ToArray()), untilDeadline);
                if (!isKept) { throw new IOException("The lease of an idempotent request was lost."); }
            }
        }
        finally
        {
            context.Features.Set(client);
            if (!isKept) { await Release(record); }
        }
        await Send(context.Response, buffer.ToArray(), context.RequestAborted);
    }

    private async Task Replay(HttpContext context, IdempotencyRecord record)
    {
        if (store.Open(record) is not { } answer) { await Failures.IdempotencyKeyReused().ExecuteAsync(context); return; }
        answer.WriteHeadersTo(context.Response);
        await Send(context.Response, answer.Body, context.RequestAborted);
    }

    private static async Task Send(HttpResponse response, ReadOnlyMemory<byte> body, CancellationToken cancellation)
    {
        response.ContentLength = body.Length;
        if (body.Length > 0) { await response.Body.WriteAsync(body, cancellation); }
    }

    private async Task Release(Stored<IdempotencyRecord> record)
    {
        try { await RequestDeadline.TidyUp(Brief, brief => store.Release(record, brief)); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { NotReleased(log, e.GetType().Name); }
    }

    /// <summary>Reads the body, which has a length by now, and leaves it to be read again.</summary>
    private static async Task<byte[]> TakeBody(HttpRequest request, CancellationToken cancellation)
    {
        using var copy = new MemoryStream((int)(request.ContentLength ?? 0));
        await request.Body.CopyToAsync(copy, cancellation);
        var bytes = copy.ToArray();
        request.Body = new MemoryStream(bytes);
        return bytes;
    }

    [LoggerMessage(1006, LogLevel.Warning, "An idempotent request keeps its lease until it is over: {Exception}")]
    private static partial void NotReleased(ILogger log, string exception);
}

internal static class IdempotencyExtensions
{
    /// <summary>The route takes an Idempotency-Key.</summary>
    public static RouteHandlerBuilder IsIdempotent(this RouteHandlerBuilder route) =>
        route.WithMetadata(new TakesIdempotencyKey()).ProducesProblem(400).ProducesProblem(409).ProducesProblem(422);
}
