using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>The wire to Key Vault, Azure Resource Manager, Microsoft Graph, Entra and the data planes: the few operations that rotation needs, on the world's state.</summary>
internal sealed class Wire(Func<World> world) : HttpMessageHandler
{
    public const string Vault = "https://explored.vault.azure.net/";
    public const string Tenant = "0f6a1a10-0000-4000-8000-000000000001";
    public const string ApplicationId = "0f6a1a10-0000-4000-8000-000000000002";
    public const string PrincipalId = "0f6a1a10-0000-4000-8000-000000000003";
    private const string Challenge = "authorization=\"https://login.microsoftonline.com/" + Tenant + "\", resource=\"https://vault.azure.net\"";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var uri = request.RequestUri!;
        var path = uri.AbsolutePath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var body = request.Content is null ? [] : request.Content.ReadAsByteArrayAsync(CancellationToken.None).GetAwaiter().GetResult();
        if (uri.Host.Contains(".vault.", StringComparison.Ordinal))
        {
            if (request.Headers.Authorization is null) { return Task.FromResult(Challenged(request)); }
            var (name, changes, effect) = OfVault(request, path, body);
            return Send(request, "vault " + name, changes, effect, cancellationToken);
        }
        if (uri.Host.StartsWith("tables", StringComparison.Ordinal)) { return OfTables(request); }
        if (uri.Host == "management.azure.com")
        {
            var (name, changes, effect) = OfResourceManager(request, uri.AbsolutePath, body);
            return Send(request, "arm " + name, changes, effect, cancellationToken);
        }
        if (uri.Host == "graph.microsoft.com")
        {
            var (name, changes, effect) = OfGraph(request, uri.AbsolutePath, body);
            return Send(request, "graph " + name, changes, effect, cancellationToken);
        }
        if (uri.Host == "login.microsoftonline.com") { return Send(request, "sign-in", false, state => SignIn(state, body), cancellationToken); }
        return Send(request, "blob list", false, state => Listed(state, request), cancellationToken);
    }

    private Task<HttpResponseMessage> Send(HttpRequestMessage request, string name, bool changes, Func<CloudState, (int Status, JsonNode? Body, string Said)> effect, CancellationToken cancellation) => world().Send(
        name, changes,
        () =>
        {
            var (status, body, said) = effect(world().State);
            return (Answer(request, status, body), $"{status.ToString(CultureInfo.InvariantCulture)} {said}");
        },
        () =>
        {
            // The SDK would repeat a refusal of Graph's, in real time.
            if (name.StartsWith("graph", StringComparison.Ordinal)) { throw new UnansweredException(); }
            // Longer than the SDK's patience: it hands the refusal on instead of repeating the call, which would take real time.
            var refusal = Answer(request, 503, null);
            refusal.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(5));
            return refusal;
        },
        static () => new UnansweredException(),
        cancellation);

    private (string Name, bool Changes, Func<CloudState, (int, JsonNode?, string)> Effect) OfVault(HttpRequestMessage request, string[] path, byte[] body)
    {
        var (isDeletedSecrets, secret) = (path[0] == "deletedsecrets", path[1]);
        switch (request.Method.Method, path)
        {
            case ("PUT", ["secrets", _]):
                var set = JsonNode.Parse(body)!;
                return ("set", true, state => Set(state, secret, set));
            case ("GET", ["secrets", _, "versions"]): return ("list versions", false, state => ListVersions(state, secret));
            case ("GET", ["secrets", _]): return ("get newest", false, state => Get(state, secret, null));
            case ("GET", ["secrets", _, var version]): return ("get version", false, state => Get(state, secret, version));
            case ("PATCH", ["secrets", _, var version]):
                var patch = JsonNode.Parse(body)!;
                return (patch["attributes"]?["enabled"]?.GetValue<bool>() == false ? "disable" : "enable", true, state => Patch(state, secret, version, patch));
            case ("DELETE", ["secrets", _]): return ("delete", true, state => Delete(state, secret));
            case ("POST", ["deletedsecrets", _, "recover"]): return ("recover", true, state => Recover(state, secret));
            default: throw new NotSupportedException($"{request.Method} {string.Join('/', path)} {isDeletedSecrets}");
        }
    }

    private (int, JsonNode?, string) Set(CloudState state, string name, JsonNode body)
    {
        var secret = state.Secrets.GetValueOrDefault(name) ?? new VaultSecret([], false);
        if (secret.IsDeleted) { return (409, Error("Conflict", "ObjectIsDeletedButRecoverable"), "deleted"); }
        var tags = body["tags"]?.AsObject().ToDictionary(tag => tag.Key, tag => tag.Value!.GetValue<string>()) ?? [];
        var version = new SecretVersion(
            state.Next().ToString("x32", CultureInfo.InvariantCulture), body["value"]!.GetValue<string>(), tags, body["contentType"]?.GetValue<string>(), body["attributes"]?["exp"]?.GetValue<long>(),
            body["attributes"]?["enabled"]?.GetValue<bool>() ?? true);
        state.Secrets[name] = secret with { Versions = [.. secret.Versions, version] };
        return (200, Bundle(name, version, withValue: true), $"{world().NameOf(version.Value)}{(version.Enabled ? "" : " disabled")}");
    }

    private (int, JsonNode?, string) Get(CloudState state, string name, string? id)
    {
        if (state.Secrets.GetValueOrDefault(name) is not { IsDeleted: false } secret) { return (404, Error("SecretNotFound"), ""); }
        var version = id is null ? secret.Versions[^1] : secret.Versions.FirstOrDefault(version => version.Id == id);
        return version is null ? (404, Error("SecretNotFound"), "")
            : version.Enabled ? (200, Bundle(name, version, withValue: true), world().NameOf(version.Value))
            : (403, Error("Forbidden", "SecretDisabled"), $"{world().NameOf(version.Value)} is disabled");
    }

    private static (int, JsonNode?, string) ListVersions(CloudState state, string name)
    {
        var versions = state.Secrets.GetValueOrDefault(name) is { IsDeleted: false } secret ? secret.Versions : [];
        return (200, new JsonObject { ["value"] = new JsonArray([.. versions.Select(version => Bundle(name, version, withValue: false))]) }, $"{versions.Count}");
    }

    private (int, JsonNode?, string) Patch(CloudState state, string name, string id, JsonNode body)
    {
        if (state.Secrets.GetValueOrDefault(name) is not { IsDeleted: false } secret || secret.Versions.FirstOrDefault(version => version.Id == id) is not { } version) { return (404, Error("SecretNotFound"), ""); }
        var changed = body["attributes"]?["enabled"]?.GetValue<bool>() is { } enabled ? version with { Enabled = enabled } : version;
        state.Secrets[name] = secret with { Versions = [.. secret.Versions.Select(one => one == version ? changed : one)] };
        return (200, Bundle(name, changed, withValue: false), world().NameOf(version.Value));
    }

    private static (int, JsonNode?, string) Delete(CloudState state, string name)
    {
        if (state.Secrets.GetValueOrDefault(name) is not { IsDeleted: false } secret) { return (404, Error("SecretNotFound"), ""); }
        state.Secrets[name] = secret with { IsDeleted = true };
        var deleted = Bundle(name, secret.Versions[^1], withValue: false);
        deleted["recoveryId"] = $"{Vault}deletedsecrets/{name}";
        deleted["deletedDate"] = 0;
        deleted["scheduledPurgeDate"] = 0;
        return (200, deleted, "");
    }

    private static (int, JsonNode?, string) Recover(CloudState state, string name)
    {
        if (state.Secrets.GetValueOrDefault(name) is not { IsDeleted: true } secret) { return (404, Error("SecretNotFound"), ""); }
        state.Secrets[name] = secret with { IsDeleted = false };
        return (200, Bundle(name, secret.Versions[^1], withValue: false), "");
    }

    private static JsonObject Bundle(string name, SecretVersion version, bool withValue)
    {
        var tags = new JsonObject();
        foreach (var (tag, text) in version.Tags) { tags[tag] = text; }
        var bundle = new JsonObject
        {
            ["id"] = $"{Vault}secrets/{name}/{version.Id}",
            ["contentType"] = version.ContentType,
            ["tags"] = tags,
            ["attributes"] = new JsonObject { ["enabled"] = version.Enabled, ["exp"] = version.Expires, ["created"] = 0, ["updated"] = 0 },
        };
        if (withValue) { bundle["value"] = version.Value; }
        return bundle;
    }

    private (string Name, bool Changes, Func<CloudState, (int, JsonNode?, string)> Effect) OfResourceManager(HttpRequestMessage request, string path, byte[] body)
    {
        if (request.Method == HttpMethod.Get) { return ("get", false, _ => (200, Properties(path), "")); }
        var (resource, action) = (path[..path.LastIndexOf('/')], path[(path.LastIndexOf('/') + 1)..]);
        if (action == "listKeys") { return ("listKeys", false, state => (200, Keys(state, resource), "")); }
        var slot = JsonNode.Parse(body)!["keyName"]!.GetValue<string>();
        return ($"regenerateKey {slot}", true, state =>
        {
            var value = NewStorageKey(state);
            state.ResourceKeys[(resource.ToLowerInvariant(), slot)] = value;
            return (200, Keys(state, resource), world().NameOf(value));
        });
    }

    public static string NewStorageKey(CloudState state) => Convert.ToBase64String(Encoding.UTF8.GetBytes(state.Next().ToString("d64", CultureInfo.InvariantCulture)));

    private static JsonObject Properties(string path) => new()
    {
        ["id"] = path,
        ["properties"] = new JsonObject { ["primaryEndpoints"] = new JsonObject { ["blob"] = $"https://{path[(path.LastIndexOf('/') + 1)..]}.blob.core.windows.net/" } },
    };

    private static JsonObject Keys(CloudState state, string resource) => new()
    {
        ["keys"] = new JsonArray([.. new[] { "key1", "key2" }.Select(slot => new JsonObject { ["keyName"] = slot, ["value"] = state.ResourceKeys[(resource.ToLowerInvariant(), slot)] })]),
    };

    /// <summary>Opens for what either key of the account has signed at this instant.</summary>
    private (int, JsonNode?, string) Listed(CloudState state, HttpRequestMessage request)
    {
        var endpoint = new Uri(request.RequestUri!.GetLeftPart(UriPartial.Authority) + "/");
        var name = endpoint.Host.Split('.')[0];
        var date = DateTimeOffset.Parse(request.Headers.GetValues("x-ms-date").Single(), CultureInfo.InvariantCulture);
        foreach (var ((resource, _), value) in state.ResourceKeys.Where(key => key.Key.ResourceId.EndsWith("/" + name, StringComparison.Ordinal)))
        {
            using var expected = StorageAccountKeys.Resource.Request(new KeyTrial(endpoint, name, value, date));
            if (expected.Headers.Authorization!.Parameter == request.Headers.Authorization!.Parameter) { return (200, null, world().NameOf(value)); }
        }
        return (403, null, "refused");
    }

    private (string Name, bool Changes, Func<CloudState, (int, JsonNode?, string)> Effect) OfGraph(HttpRequestMessage request, string path, byte[] body)
    {
        if (path.EndsWith("/addPassword", StringComparison.Ordinal))
        {
            var wanted = JsonNode.Parse(body)!["passwordCredential"]!;
            return ("addPassword", true, state => AddPassword(state, wanted));
        }
        if (path.EndsWith("/removePassword", StringComparison.Ordinal))
        {
            var keyId = JsonNode.Parse(body)!["keyId"]!.GetValue<string>();
            return ("removePassword", true, state =>
            {
                var known = state.Passwords.FirstOrDefault(password => password.KeyId == keyId);
                if (known is null) { return (400, Error("Request_BadRequest"), "unknown"); }
                state.Passwords.Remove(known);
                return (204, null, world().NameOf(known.Value));
            });
        }
        if (path.Contains("/applications", StringComparison.Ordinal)) { return ("get application", false, state => (200, Application(state), $"{state.Passwords.Count}")); }
        if (request.Method == HttpMethod.Get) { return ("get principal", false, state => (200, Principal(state), $"{state.IsPrincipalEnabled}")); }
        var enabled = JsonNode.Parse(body)!["accountEnabled"]!.GetValue<bool>();
        return (enabled ? "enable principal" : "disable principal", true, state =>
        {
            state.IsPrincipalEnabled = enabled;
            return (204, null, "");
        });
    }

    private (int, JsonNode?, string) AddPassword(CloudState state, JsonNode wanted)
    {
        if (state.IsForPersonalAccounts && state.Passwords.Count >= 2) { return (400, Error("TooManyPasswords"), "full"); }
        var number = state.Next();
        var password = new AppPassword(
            new Guid(number, 0, 0, new byte[8]).ToString(), wanted["displayName"]!.GetValue<string>(), $"secret-{number}", DateTimeOffset.Parse(wanted["endDateTime"]!.GetValue<string>(), CultureInfo.InvariantCulture));
        state.Passwords.Add(password);
        return (200, new JsonObject { ["keyId"] = password.KeyId, ["secretText"] = password.Value }, world().NameOf(password.Value));
    }

    private static JsonObject Application(CloudState state) => new()
    {
        ["appId"] = ApplicationId,
        ["signInAudience"] = state.IsForPersonalAccounts ? "AzureADandPersonalMicrosoftAccount" : "AzureADMyOrg",
        ["passwordCredentials"] = new JsonArray([.. state.Passwords.Select(password => new JsonObject { ["keyId"] = password.KeyId, ["displayName"] = password.DisplayName })]),
    };

    private static JsonObject Principal(CloudState state) => new() { ["id"] = PrincipalId, ["accountEnabled"] = state.IsPrincipalEnabled, ["appOwnerOrganizationId"] = Tenant };

    private (int, JsonNode?, string) SignIn(CloudState state, byte[] body)
    {
        var form = System.Web.HttpUtility.ParseQueryString(Encoding.UTF8.GetString(body));
        var secret = form["client_secret"];
        var isRight = state.IsPrincipalEnabled && state.Passwords.Any(password => password.Value == secret && password.End > world().Now);
        return isRight ? (200, new JsonObject { ["access_token"] = "token" }, world().NameOf(secret!)) : (401, new JsonObject { ["error"] = "invalid_client" }, "refused");
    }

    /// <summary>The audit log takes everything and keeps nothing.</summary>
    private static async Task<HttpResponseMessage> OfTables(HttpRequestMessage request)
    {
        if (request.Method == HttpMethod.Get) { return Answer(request, 200, new JsonObject { ["value"] = new JsonArray() }); }
        if (!request.RequestUri!.AbsolutePath.EndsWith("/$batch", StringComparison.Ordinal)) { return Answer(request, 204, null); }
        // One part of the answer for each part of the transaction.
        var changes = Parts("changes");
        foreach (var _ in (await request.Content!.ReadAsStringAsync()).Split("Content-Transfer-Encoding: binary").Skip(1))
        {
            var part = new StringContent("HTTP/1.1 204 No Content\r\n\r\n");
            part.Headers.ContentType = new MediaTypeHeaderValue("application/http");
            changes.Add(part);
        }
        var batch = Parts("batch");
        batch.Add(changes);
        return new HttpResponseMessage(HttpStatusCode.Accepted) { RequestMessage = request, Content = batch };

        // The SDK reads the boundary as the service writes it: without quotes.
        static MultipartContent Parts(string boundary)
        {
            var parts = new MultipartContent("mixed", boundary);
            parts.Headers.ContentType = MediaTypeHeaderValue.Parse($"multipart/mixed; boundary={boundary}");
            return parts;
        }
    }

    private static JsonObject Error(string code, string? inner = null)
    {
        var error = new JsonObject { ["code"] = code, ["message"] = code };
        if (inner is not null) { error["innererror"] = new JsonObject { ["code"] = inner }; }
        return new JsonObject { ["error"] = error };
    }

    private static HttpResponseMessage Challenged(HttpRequestMessage request)
    {
        var answer = Answer(request, 401, null);
        answer.Headers.WwwAuthenticate.Add(new AuthenticationHeaderValue("Bearer", Challenge));
        return answer;
    }

    private static HttpResponseMessage Answer(HttpRequestMessage request, int status, JsonNode? body)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { RequestMessage = request, Content = new ByteArrayContent(body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(body)) };
        if (body is not null) { answer.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json"); }
        return answer;
    }
}
