using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Text;
using LocalAzure.Faults;
using LocalAzure.Identity;
using Microsoft.AspNetCore.WebUtilities;

namespace LocalAzure.KeyVault;

/// <summary>
/// Key Vault's secrets over HTTP (learn.microsoft.com: Key Vault REST API reference, Secrets). Keys and certificates answer 501, and
/// there are no access policies: whoever has a token for the vault's audience may do everything.
/// </summary>
internal sealed partial class KeyVaultEmulator : IDisposable
{
    public const string Audience = "https://vault.azure.net";
    private const int PageSize = 25;
    // The secrets operations did not change between these; 7.6 and later add parameters for certificates only.
    private static readonly string[] ApiVersions = ["7.4", "7.5", "7.6", "2025-07-01", "2026-04-01"];

    private readonly SecretVault vault;
    private readonly SecretBackup backups;
    private readonly TokenAuthority tokens;

    private KeyVaultEmulator(SecretVault vault, SecretBackup backups, TokenAuthority tokens)
    {
        this.vault = vault;
        this.backups = backups;
        this.tokens = tokens;
    }

    public static KeyVaultEmulator Open(EmulatorEnvironment env, KeyVaultOptions? options = null)
    {
        var vault = new SecretVault(Path.Combine(env.StateDirectory, "secrets.journal"), options ?? new KeyVaultOptions(), env.Clock);
        return new KeyVaultEmulator(vault, SecretBackup.Open(Path.Combine(env.StateDirectory, "backup.key")), env.Tokens);
    }

    /// <summary>How the vault was created. Azure never lets purge protection be turned off; this takes another vault, so to say.</summary>
    public KeyVaultOptions Options { get => vault.Options; set => vault.Options = value; }

    /// <summary>For a status page: names, versions and dates of all secrets, deleted ones included; no values.</summary>
    public IReadOnlyList<SecretSummary> Summary() =>
    [
        .. vault.List(deleted: false).Concat(vault.List(deleted: true)).Select(secret => new SecretSummary(
            secret.Name, At(secret.Deletion?.DeletedOn),
            [.. secret.Versions.Select(Summary)])),
    ];

    public async Task Handle(HttpContext context)
    {
        var answers = new SecretAnswers($"{context.Request.Scheme}://{context.Request.Host}", vault.Options);
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["x-ms-request-id"] = Guid.NewGuid().ToString();
        context.Response.Headers["x-ms-keyvault-region"] = "local";
        try
        {
            Authorize(context);
            CheckApiVersion(context.Request.Query["api-version"].ToString());
            await Route(context, answers);
        }
        catch (KeyVaultRefusal refusal)
        {
            if (refusal.Status == StatusCodes.Status501NotImplemented) { context.NoteUnimplemented(refusal.Message); }
            context.Response.StatusCode = refusal.Status;
            var inner = refusal.Inner is null ? null : new SecretAnswers.InnerError(refusal.Inner);
            await Answer(context, new SecretAnswers.Failure(new(refusal.Code, refusal.Message, inner)), SecretAnswersJson.Default.Failure);
        }
    }

    public void Dispose() => vault.Dispose();

    private void Authorize(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var token = header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? header["Bearer ".Length..] : null;
        if (tokens.Refusal(token, Audience) is not { } why) { return; }
        // The SDKs send the first request without token and body, and learn from this header where to get a token and for what.
        context.Response.Headers.WWWAuthenticate =
            $"Bearer authorization=\"https://login.microsoftonline.com/{TokenAuthority.TenantId}\", resource=\"{Audience}\"";
        throw token is null ? KeyVaultRefusal.NoToken() : KeyVaultRefusal.BadToken(why);
    }

    private static void CheckApiVersion(string given)
    {
        if (given.Length == 0) { throw KeyVaultRefusal.NoApiVersion(); }
        if (!ApiVersions.Contains(given)) { throw KeyVaultRefusal.UnknownApiVersion(given, ApiVersions); }
    }

    private Task Route(HttpContext context, SecretAnswers answers)
    {
        var path = context.Request.Path.Value!.Trim('/').Split('/');
        var collection = path[0].ToLowerInvariant();
        if (collection is not ("secrets" or "deletedsecrets"))
        {
            throw KeyVaultRefusal.NotImplemented($"'{context.Request.Path}' of Key Vault");
        }
        var method = context.Request.Method;
        // The one path whose second segment is not a name.
        if ((method, collection, path[1..]) is ("POST", "secrets", ["restore"])) { return Restore(context, answers); }
        if (path.Length > 1) { CheckName(path[1]); }

        return (method, collection, path[1..]) switch
        {
            ("GET", "secrets", []) => List(context, vault.List(deleted: false), answers),
            ("GET", "secrets", [var name]) => Get(context, name, null, answers),
            ("GET", "secrets", [var name, "versions"]) => ListVersions(context, name, answers),
            ("GET", "secrets", [var name, var version]) => Get(context, name, version, answers),
            ("PUT", "secrets", [var name]) => Set(context, name, answers),
            ("PATCH", "secrets", [var name]) => Update(context, name, null, answers),
            ("PATCH", "secrets", [var name, var version]) => Update(context, name, version, answers),
            ("DELETE", "secrets", [var name]) => AnswerLatest(context, vault.Delete(name), answers),
            ("POST", "secrets", [var name, "backup"]) => Backup(context, name),
            ("GET", "deletedsecrets", []) => List(context, vault.List(deleted: true), answers),
            ("GET", "deletedsecrets", [var name]) => AnswerLatest(context, vault.GetDeleted(name), answers),
            ("POST", "deletedsecrets", [var name, "recover"]) => AnswerLatest(context, vault.Recover(name), answers),
            ("DELETE", "deletedsecrets", [var name]) => Purge(context, name),
            _ => throw KeyVaultRefusal.MethodNotAllowed(method),
        };
    }

    private async Task Set(HttpContext context, string name, SecretAnswers answers)
    {
        var secret = vault.Set(name, await SecretRequest.ReadNew(context.Request));
        await Answer(context, answers.Of(secret, secret.Latest, withValue: true), SecretAnswersJson.Default.Bundle);
    }

    private Task Get(HttpContext context, string name, string? version, SecretAnswers answers)
    {
        if (context.Request.Query.ContainsKey("outContentType")) { throw KeyVaultRefusal.NotImplemented("outContentType"); }
        var secret = vault.Get(name);
        var found = secret.Version(version) ?? throw KeyVaultRefusal.NotFound($"{name}/{version}");
        // Also when an older version is enabled: without a version, get means the newest, whatever its state.
        if (!found.Enabled) { throw KeyVaultRefusal.Disabled(); }
        return Answer(context, answers.Of(secret, found, withValue: true), SecretAnswersJson.Default.Bundle);
    }

    private async Task Update(HttpContext context, string name, string? version, SecretAnswers answers)
    {
        var (secret, updated) = vault.Update(name, version, await SecretRequest.ReadUpdate(context.Request));
        await Answer(context, answers.Of(secret, updated), SecretAnswersJson.Default.Bundle);
    }

    private Task Backup(HttpContext context, string name) =>
        Answer(context, new SecretAnswers.Backup(backups.Pack(vault.Get(name))), SecretAnswersJson.Default.Backup);

    private async Task Restore(HttpContext context, SecretAnswers answers)
    {
        var backup = backups.Unpack(await SecretRequest.ReadBackup(context.Request));
        await AnswerLatest(context, vault.Restore(backup, answers.IdOf), answers);
    }

    private Task Purge(HttpContext context, string name)
    {
        vault.Purge(name);
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task List(HttpContext context, IReadOnlyList<Secret> secrets, SecretAnswers answers) =>
        AnswerPage(context, secrets, secret => secret.Name.ToUpperInvariant(), answers.Item);

    /// <summary>By version id, which is random: the service promises no order either, so nobody should lean on one.</summary>
    private Task ListVersions(HttpContext context, string name, SecretAnswers answers)
    {
        // A name that nobody used has no versions, which is an empty list and not an error.
        var secret = vault.GetOrNull(name);
        IEnumerable<SecretVersion> versions = secret is null ? [] : secret.Versions;
        return AnswerPage(context, versions, version => version.Id, version => answers.Of(secret!, version));
    }

    private static Task AnswerPage<T>(HttpContext context, IEnumerable<T> all, Func<T, string> key, Func<T, SecretAnswers.Bundle> show)
    {
        var query = context.Request.Query;
        var size = PageSize;
        if (query.TryGetValue("maxresults", out var asked)
            && (!int.TryParse(asked, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size is < 1 or > PageSize))
        {
            throw KeyVaultRefusal.BadMaxResults(asked.ToString());
        }
        var after = query.TryGetValue("$skiptoken", out var token) ? Cursor(token.ToString()) : "";
        // One more than asked for, to know whether there is another page.
        var rest = all.Where(item => string.CompareOrdinal(key(item), after) > 0)
            .OrderBy(key, StringComparer.Ordinal).Take(size + 1).ToList();
        var next = rest.Count > size ? NextLink(context.Request, key(rest[size - 1]), size) : null;
        return Answer(context, new SecretAnswers.Page([.. rest.Take(size).Select(show)], next), SecretAnswersJson.Default.Page);
    }

    private static string NextLink(HttpRequest request, string last, int size)
    {
        var token = WebEncoders.Base64UrlEncode(Encoding.UTF8.GetBytes(last));
        var url = $"{request.Scheme}://{request.Host}{request.Path}?api-version={request.Query["api-version"]}";
        return $"{url}&$skiptoken={token}&maxresults={size}";
    }

    private static string Cursor(string token)
    {
        try { return Encoding.UTF8.GetString(WebEncoders.Base64UrlDecode(token)); }
        catch (FormatException) { throw KeyVaultRefusal.BadSkipToken(); }
    }

    private static Task AnswerLatest(HttpContext context, Secret secret, SecretAnswers answers) =>
        Answer(context, answers.Of(secret, secret.Latest), SecretAnswersJson.Default.Bundle);

    private static Task Answer<T>(HttpContext context, T answer, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(answer, type, "application/json; charset=utf-8", context.RequestAborted);

    private static void CheckName(string name)
    {
        if (!NamePattern().IsMatch(name)) { throw KeyVaultRefusal.BadName(name); }
    }

    private static VersionSummary Summary(SecretVersion version) => new(
        version.Id, version.Enabled, At(version.Created)!.Value, At(version.Updated)!.Value, At(version.NotBefore), At(version.Expires));

    private static DateTimeOffset? At(long? seconds) => seconds is null ? null : DateTimeOffset.FromUnixTimeSeconds(seconds.Value);

    [GeneratedRegex("^[0-9a-zA-Z-]{1,127}\\z")]
    private static partial Regex NamePattern();
}
