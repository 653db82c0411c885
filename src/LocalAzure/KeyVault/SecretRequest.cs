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
        Require(Encoding.UTF8.GetByteCount(value ?? "") <= MaxValueBytes, "value", $"it is longer than {MaxValueBytes} bytes");
        var contentType = Text(body, "contentType");
        Require(contentType is not { Length: > MaxContentType }, "contentType", $"it is longer than {MaxContentType} characters");
        var attributes = Member(body, "attributes", JsonValueKind.Object);
        return new SecretChange(
            value, contentType, Tags(body), Flag(attributes, "enabled"), Instant(attributes, "nbf"), Instant(attributes, "exp"));
    }

    private static Dictionary<string, string>? Tags(JsonElement body)
    {
        if (Member(body, "tags", JsonValueKind.Object) is not { } given) { return null; }
        var tags = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var tag in given.EnumerateObject())
        {
            Require(tag.Value.ValueKind == JsonValueKind.String, "tags", "a tag's value is text");
            var value = tag.Value.GetString()!;
            Require(tag.Name.Length is > 0 and <= MaxTagName, "tags", $"a tag's name has 1 to {MaxTagName} characters");
            Require(value.Length <= MaxTagValue, "tags", $"a tag's value has at most {MaxTagValue} characters");
            tags[tag.Name] = value;
        }
        Require(tags.Count <= MaxTags, "tags", $"there are more than {MaxTags}");
        return tags;
    }

    private static JsonElement? Member(JsonElement? owner, string name, JsonValueKind kind)
    {
        if (Member(owner, name) is not { } member) { return null; }
        Require(member.ValueKind == kind, name, $"it is not of the kind {kind}");
        return member;
    }

    private static JsonElement? Member(JsonElement? owner, string name) =>
        owner is { } members && members.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private static string? Text(JsonElement owner, string name) => Member(owner, name, JsonValueKind.String)?.GetString();

    private static bool? Flag(JsonElement? owner, string name)
    {
        if (Member(owner, name) is not { } flag) { return null; }
        Require(flag.ValueKind is JsonValueKind.True or JsonValueKind.False, name, "it is not true or false");
        return flag.GetBoolean();
    }

    private static long? Instant(JsonElement? owner, string name)
    {
        if (Member(owner, name, JsonValueKind.Number) is not { } number) { return null; }
        var isTime = number.TryGetInt64(out var seconds) && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds();
        Require(isTime, name, "it is not a Unix time in seconds");
        return seconds;
    }

    private static void Require(bool fulfilled, string property, string otherwise)
    {
        if (!fulfilled) { throw KeyVaultRefusal.BadProperty(property, otherwise); }
    }
}
