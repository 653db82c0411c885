using System.Text;
using System.Text.Json;

namespace LocalAzure.KeyVault;

/// <summary>Reads request bodies and holds them against the limits of "About Azure Key Vault secrets" (learn.microsoft.com).</summary>
internal static class SecretRequest
{
    private const int MaxBodyBytes = 256 * 1024;
    private const int MaxValueBytes = 25 * 1024;
    private const int MaxContentType = 255;
    private const int MaxTags = 15;
    private const int MaxTagName = 512;
    private const int MaxTagValue = 256;

    /// <summary>For PUT: a new version, which must have a value.</summary>
    public static async Task<SecretChange> ReadNew(HttpRequest request)
    {
        using var body = await Read(request);
        var change = Parse(body.RootElement);
        return change.Value is null ? throw KeyVaultRefusal.BadProperty("value", "it is required") : change;
    }

    /// <summary>For PATCH: properties of a version; its value can't be changed.</summary>
    public static async Task<SecretChange> ReadUpdate(HttpRequest request)
    {
        using var body = await Read(request);
        return Parse(body.RootElement) with { Value = null };
    }

    /// <summary>For a restore: the backup, as the backup operation gave it out.</summary>
    public static async Task<string> ReadBackup(HttpRequest request)
    {
        using var body = await Read(request);
        return Text(body.RootElement, "value") ?? throw KeyVaultRefusal.BadProperty("value", "it is required");
    }

    private static async Task<JsonDocument> Read(HttpRequest request)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[8192];
        for (int read; (read = await request.Body.ReadAsync(chunk, request.HttpContext.RequestAborted)) > 0;)
        {
            buffer.Write(chunk, 0, read);
            // A backup is as long as its versions; a set or update is not.
            if (buffer.Length > MaxBodyBytes && !request.Path.Value!.EndsWith("/restore", StringComparison.OrdinalIgnoreCase))
            {
                throw KeyVaultRefusal.BadProperty("value", "the request is too long");
            }
        }
        try
        {
            var body = JsonDocument.Parse(buffer.ToArray());
            if (body.RootElement.ValueKind == JsonValueKind.Object) { return body; }
            body.Dispose();
            throw KeyVaultRefusal.BadProperty("", "the body is not a JSON object");
        }
        catch (JsonException)
        {
            throw KeyVaultRefusal.BadProperty("", "the body is not JSON");
        }
    }

    private static SecretChange Parse(JsonElement body)
    {
        var value = Text(body, "value");
        if (value is not null && Encoding.UTF8.GetByteCount(value) > MaxValueBytes) { throw KeyVaultRefusal.BadProperty("value", $"it is longer than {MaxValueBytes} bytes"); }
        var contentType = Text(body, "contentType");
        if (contentType?.Length > MaxContentType) { throw KeyVaultRefusal.BadProperty("contentType", $"it is longer than {MaxContentType} characters"); }
        var attributes = Member(body, "attributes", JsonValueKind.Object);
        return new SecretChange(value, contentType, Tags(body), Flag(attributes, "enabled"), Instant(attributes, "nbf"), Instant(attributes, "exp"));
    }

    private static Dictionary<string, string>? Tags(JsonElement body)
    {
        if (Member(body, "tags", JsonValueKind.Object) is not { } given) { return null; }
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in given.EnumerateObject())
        {
            if (tag.Value.ValueKind != JsonValueKind.String) { throw KeyVaultRefusal.BadProperty("tags", "a tag's value is text"); }
            if (tag.Name.Length is 0 or > MaxTagName) { throw KeyVaultRefusal.BadProperty("tags", $"a tag's name has 1 to {MaxTagName} characters"); }
            if (tag.Value.GetString()!.Length > MaxTagValue) { throw KeyVaultRefusal.BadProperty("tags", $"a tag's value has at most {MaxTagValue} characters"); }
            tags[tag.Name] = tag.Value.GetString()!;
        }
        return tags.Count > MaxTags ? throw KeyVaultRefusal.BadProperty("tags", $"there are more than {MaxTags}") : tags;
    }

    private static JsonElement? Member(JsonElement? owner, string name, JsonValueKind kind)
    {
        if (owner is null || !owner.Value.TryGetProperty(name, out var member) || member.ValueKind == JsonValueKind.Null) { return null; }
        return member.ValueKind == kind ? member : throw KeyVaultRefusal.BadProperty(name, $"it is not {kind.ToString().ToLowerInvariant()}");
    }

    private static string? Text(JsonElement owner, string name) => Member(owner, name, JsonValueKind.String)?.GetString();

    private static bool? Flag(JsonElement? owner, string name)
    {
        if (owner is null || !owner.Value.TryGetProperty(name, out var flag) || flag.ValueKind == JsonValueKind.Null) { return null; }
        return flag.ValueKind is JsonValueKind.True or JsonValueKind.False ? flag.GetBoolean() : throw KeyVaultRefusal.BadProperty(name, "it is not true or false");
    }

    private static long? Instant(JsonElement? owner, string name)
    {
        if (Member(owner, name, JsonValueKind.Number) is not { } number) { return null; }
        return number.TryGetInt64(out var seconds) && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? seconds
            : throw KeyVaultRefusal.BadProperty(name, "it is not a Unix time in seconds");
    }
}
