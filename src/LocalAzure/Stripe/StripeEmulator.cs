using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using LocalAzure.Faults;

namespace LocalAzure.Stripe;

/// <summary>An event as it was put here.</summary>
internal sealed record StripeEvent(string Id, string Type, long Created, JsonElement Json);

/// <summary>
/// <c>GET /v1/events</c> of Stripe (docs.stripe.com/api/events/list): the events of the last thirty days of the test clock, the newest first, by types, by when they were made, and page by page. Nothing is kept on disk.
/// </summary>
internal sealed partial class StripeEmulator(TimeProvider clock)
{
    private const int DefaultLimit = 10;
    private const int MostPerPage = 100;
    private const int MostTypes = 20;
    private static readonly TimeSpan Listed = TimeSpan.FromDays(30);

    /// <summary>The newest last, and of those of one second the one that was put last.</summary>
    private ImmutableList<StripeEvent> events = [];

    /// <summary>The key that it knows; set once the vault has it.</summary>
    public string? Key { get; set; }

    public IReadOnlyList<StripeEvent> Events => events;

    /// <summary>Adds events, or puts them in place of those with their ids.</summary>
    public void Put(IReadOnlyList<StripeEvent> put)
    {
        var ids = put.Select(one => one.Id).ToHashSet();
        ImmutableInterlocked.Update(ref events, all => [.. all.RemoveAll(one => ids.Contains(one.Id)).Concat(put).OrderBy(one => one.Created)]);
    }

    public void Clear() => ImmutableInterlocked.Update(ref events, _ => []);

    public async Task Handle(HttpContext context)
    {
        var (status, body) = Answer(context.Request);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers["Request-Id"] = "req_" + Guid.NewGuid().ToString("N")[..14];
        await context.Response.WriteAsync(JsonSerializer.Serialize(body), context.RequestAborted);
    }

    private (int Status, object Body) Answer(HttpRequest request)
    {
        try
        {
            CheckKey(request.Headers.Authorization.ToString());
            if (request.Headers["Stripe-Version"].ToString() is { Length: > 0 } version && !Version().IsMatch(version)) { throw StripeRefusal.WrongVersion(version); }
            if (request.Path != $"{StripeApi.Path}/v1/events" || request.Method != HttpMethods.Get) { throw StripeRefusal.NotImplemented($"{request.Method} {request.Path.Value![StripeApi.Path.Length..]}"); }
            return (200, List(new StripeQuery(request.Query)));
        }
        catch (StripeRefusal refusal)
        {
            if (refusal.Status == StatusCodes.Status501NotImplemented) { request.HttpContext.NoteUnimplemented(refusal.Message); }
            return (refusal.Status, refusal.Body);
        }
    }

    private void CheckKey(string authorization)
    {
        if (authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase)) { throw StripeRefusal.NotImplemented("Basic authentication"); }
        var key = authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..].Trim() : "";
        if (key.Length == 0) { throw StripeRefusal.NoKey(); }
        if (key != Key) { throw StripeRefusal.WrongKey(key); }
    }

    private Dictionary<string, object> List(StripeQuery query)
    {
        var limit = query.Integer("limit") ?? DefaultLimit;
        if (limit < 1) { throw StripeRefusal.TooSmall("limit", 1); }
        if (limit > MostPerPage) { throw StripeRefusal.TooGreat("limit", MostPerPage, limit); }
        if (query.Types.Count > MostTypes) { throw StripeRefusal.TooManyTypes(MostTypes); }
        var oldest = (clock.GetUtcNow() - Listed).ToUnixTimeSeconds();
        var newestFirst = events.Where(one => one.Created >= oldest).Reverse().ToList();
        if (query.StartingAfter is { } after)
        {
            var index = newestFirst.FindIndex(one => one.Id == after);
            if (index < 0) { throw StripeRefusal.NoSuchEvent(after); }
            newestFirst.RemoveRange(0, index + 1);
        }
        var found = newestFirst.Where(query.Matches).Take((int)limit + 1).ToList();
        return new Dictionary<string, object> { ["object"] = "list", ["data"] = found.Take((int)limit).Select(one => one.Json), ["has_more"] = found.Count > limit, ["url"] = "/v1/events" };
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}(\.[a-z]+)?\z")]
    private static partial Regex Version();
}
