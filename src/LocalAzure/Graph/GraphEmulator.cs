using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json;
using System.Text.RegularExpressions;
using LocalAzure.Faults;
using LocalAzure.Identity;

namespace LocalAzure.Graph;

/// <summary>
/// As much of Microsoft Graph v1.0 as it takes to keep applications, their passwords and their service principals, and Entra's token endpoint that the passwords
/// open (learn.microsoft.com: "Microsoft Graph REST API v1.0", application and servicePrincipal). All else is refused by name.
/// </summary>
internal sealed partial class GraphEmulator : IDisposable
{
    private const string Audience = "https://graph.microsoft.com";
    private readonly DirectoryStore store;
    private readonly TokenAuthority tokens;

    private GraphEmulator(EmulatorEnvironment env)
    {
        store = new DirectoryStore(Path.Combine(env.StateDirectory, "directory.journal"), env.Clock);
        tokens = env.Tokens;
        SignIn = new TokenEndpoint(store, env.Tokens, env.Clock);
    }

    /// <summary>Where applications sign in.</summary>
    public TokenEndpoint SignIn { get; }

    /// <summary>Whether a service principal has got about in the directory, as far as Resource Manager is concerned.</summary>
    public bool KnowsPrincipal(string id) => store.Principals().FirstOrDefault(known => string.Equals(known.Id, id, StringComparison.OrdinalIgnoreCase)) is { } principal && SignIn.HasSpread(principal.Created);

    public static GraphEmulator Open(EmulatorEnvironment env) => new(env);

    public async Task Handle(HttpContext context)
    {
        if (TokenEndpoint.IsFor(context.Request)) { await SignIn.Handle(context); return; }
        context.Response.Headers["request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers.CacheControl = "no-cache";
        try
        {
            Authorize(context);
            await Route(context);
        }
        catch (GraphRefusal refusal)
        {
            if (refusal.Status == StatusCodes.Status501NotImplemented) { context.NoteUnimplemented(refusal.Message); }
            await Answer(context, refusal.Status, new JsonObject
            {
                ["error"] = new JsonObject
                {
                    ["code"] = refusal.Code,
                    ["message"] = refusal.Message,
                    ["innerError"] = new JsonObject { ["request-id"] = context.Response.Headers["request-id"].ToString() },
                },
            });
        }
    }

    public void Dispose() => store.Dispose();

    private void Authorize(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        if (!header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)) { throw GraphRefusal.NoToken(); }
        if (tokens.Refusal(header["Bearer ".Length..], Audience) is { } why) { throw GraphRefusal.BadToken(why); }
    }

    private async Task Route(HttpContext context)
    {
        var parts = context.Request.Path.Value!.Trim('/').Split('/');
        if (parts is not ["v1.0", { } segment, ..] || parts.Length > 4) { throw GraphRefusal.NotImplemented($"'{context.Request.Path}'"); }
        var named = SegmentPattern().Match(segment);
        if (!named.Success) { throw GraphRefusal.NoSegment(segment); }
        var rest = parts[2..];
        DirectoryKey? key = named.Groups["appId"] is { Success: true, Value: var appId } ? new DirectoryKey(appId, IsAppId: true)
            : rest is [{ } id, ..] ? new DirectoryKey(id, IsAppId: false)
            : null;
        var action = key is { IsAppId: true } ? rest.ElementAtOrDefault(0) : rest.ElementAtOrDefault(1);
        await (named.Groups["set"].Value == "applications" ? RouteApplications(context, key, action) : RoutePrincipals(context, key, action));
    }

    private async Task RouteApplications(HttpContext context, DirectoryKey? key, string? action)
    {
        switch (context.Request.Method, key, action)
        {
            case ("GET", null, null): await List(context, store.Applications().Select(GraphAnswers.Of)); break;
            case ("POST", null, null): await Answer(context, 201, GraphAnswers.Of(store.Create(Named(await Read(context))))); break;
            case ("GET", { } one, null): await Answer(context, 200, Selected(context.Request, GraphAnswers.Of(store.Find(one)))); break;
            case ("PATCH", { } one, null): store.Change(one, Changes(await Read(context))); context.Response.StatusCode = 204; break;
            case ("DELETE", { } one, null): store.Delete(one); context.Response.StatusCode = 204; break;
            case ("POST", { } one, "addPassword"): await AddPassword(context, one); break;
            case ("POST", { } one, "removePassword"): store.RemovePassword(one, KeyId(await Read(context))); context.Response.StatusCode = 204; break;
            case (_, _, null): throw GraphRefusal.NoMethod();
            default: throw GraphRefusal.NoSegment(action);
        }
    }

    private async Task RoutePrincipals(HttpContext context, DirectoryKey? key, string? action)
    {
        switch (context.Request.Method, key, action)
        {
            case ("GET", null, null): await List(context, store.Principals().Select(Describe)); break;
            case ("POST", null, null):
                var body = await Read(context);
                var appId = Text(body, "appId") ?? throw GraphRefusal.BadRequest("A value is required for property 'appId' of resource 'ServicePrincipal'.");
                await Answer(context, 201, Describe(store.CreatePrincipal(appId, Enabled(body) ?? true, Changes(body))));
                break;
            case ("GET", { } one, null): await Answer(context, 200, Selected(context.Request, Describe(store.FindPrincipal(one)))); break;
            case ("PATCH", { } one, null):
                var change = await Read(context);
                store.ChangePrincipal(one, Enabled(change), Changes(change));
                context.Response.StatusCode = 204;
                break;
            case ("DELETE", { } one, null): store.DeletePrincipal(one); context.Response.StatusCode = 204; break;
            case (_, _, null): throw GraphRefusal.NoMethod();
            default: throw GraphRefusal.NotImplemented($"servicePrincipals/{action}");
        }
    }

    private async Task AddPassword(HttpContext context, DirectoryKey key)
    {
        var wanted = (await Read(context, mayBeEmpty: true))["passwordCredential"] as JsonObject ?? [];
        if (wanted["secretText"] is not null) { throw GraphRefusal.BadRequest("Property 'secretText' is read-only: the directory makes the text."); }
        var (password, secret) = store.AddPassword(key, Text(wanted, "displayName"), Instant(wanted, "startDateTime"), Instant(wanted, "endDateTime"));
        await Answer(context, 200, GraphAnswers.Of(password, secret));
    }

    private JsonObject Describe(ServicePrincipal principal) =>
        GraphAnswers.Of(principal, store.Applications().FirstOrDefault(application => application.AppId == principal.AppId));

    /// <summary>The whole list, or what <c>$filter=appId eq '…'</c> (or displayName) leaves of it. There are no pages: a local tenant is small.</summary>
    private static Task List(HttpContext context, IEnumerable<JsonObject> items)
    {
        var query = context.Request.Query;
        if (query.Keys.FirstOrDefault(option => option is not ("$filter" or "$select")) is { } other) { throw GraphRefusal.NotImplemented($"the query option '{other}'"); }
        if (query["$filter"].ToString() is { Length: > 0 } text)
        {
            var filter = FilterPattern().Match(text);
            if (!filter.Success) { throw GraphRefusal.NotImplemented($"the filter '{text}'"); }
            var (member, value) = (filter.Groups["member"].Value, filter.Groups["value"].Value.Replace("''", "'", StringComparison.Ordinal));
            items = items.Where(item => string.Equals((string?)item[member], value, StringComparison.OrdinalIgnoreCase));
        }
        return Answer(context, 200, new JsonObject { ["value"] = new JsonArray([.. items.Select(item => Selected(context.Request, item))]) });
    }

    private static JsonObject Selected(HttpRequest request, JsonObject item)
    {
        if (request.Query["$select"].ToString() is not { Length: > 0 } select) { return item; }
        return new JsonObject(select.Split(',').Where(item.ContainsKey).Select(name => KeyValuePair.Create(name, item[name]?.DeepClone())));
    }

    private static JsonObject Named(JsonObject body) =>
        Text(body, "displayName") is { Length: > 0 } ? Changes(body) : throw GraphRefusal.BadRequest("A value is required for property 'displayName' of resource 'Application'.");

    /// <summary>What a request may say of an object; what the directory itself says of it is refused.</summary>
    private static JsonObject Changes(JsonObject body)
    {
        foreach (var name in (string[])["id", "passwordCredentials", "keyCredentials"])
        {
            if (body.ContainsKey(name)) { throw GraphRefusal.BadRequest($"Property '{name}' is read-only and cannot be set."); }
        }
        body.Remove("appId");
        body.Remove("accountEnabled");
        return body;
    }

    private static bool? Enabled(JsonObject body) => body["accountEnabled"] is { } value ? value.GetValueKind() == JsonValueKind.True : null;

    private static string KeyId(JsonObject body) => Text(body, "keyId") ?? throw GraphRefusal.BadRequest("A value is required for parameter 'keyId'.");

    private static string? Text(JsonObject owner, string name) => owner[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static DateTimeOffset? Instant(JsonObject owner, string name)
    {
        if (Text(owner, name) is not { } text) { return null; }
        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant)
            ? instant
            : throw GraphRefusal.BadRequest($"Cannot convert the literal '{text}' to the expected type 'Edm.DateTimeOffset'.");
    }

    private static async Task<JsonObject> Read(HttpContext context, bool mayBeEmpty = false)
    {
        using var reader = new StreamReader(context.Request.Body);
        var text = await reader.ReadToEndAsync(context.RequestAborted);
        if (mayBeEmpty && text.Length == 0) { return []; }
        try
        {
            return JsonNode.Parse(text) as JsonObject
                ?? throw GraphRefusal.BadRequest("Unable to read JSON request payload: it is not an object.");
        }
        catch (JsonException)
        {
            throw GraphRefusal.BadRequest("Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.");
        }
    }

    private static Task Answer(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    [GeneratedRegex(@"^(?<set>applications|servicePrincipals)(\(appId='(?<appId>[^']+)'\))?\z")]
    private static partial Regex SegmentPattern();

    [GeneratedRegex("^(?<member>appId|displayName) eq '(?<value>([^']|'')*)'\\z")]
    private static partial Regex FilterPattern();
}
