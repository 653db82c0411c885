using System.Text.Json;
using System.Text.Json.Serialization;

namespace CustomerFunctions.IdentityProvider;

/// <summary>An address of a Clerk user.</summary>
internal sealed record ClerkAddress(string? Id = null, string? EmailAddress = null, ClerkVerification? Verification = null);

/// <summary><c>verified</c>, or any other status.</summary>
internal sealed record ClerkVerification(string? Status = null);

/// <summary>A Clerk user; of a deleted one only the id is present.</summary>
internal sealed record ClerkUser(
    string? Id = null, IReadOnlyList<ClerkAddress>? EmailAddresses = null, string? PrimaryEmailAddressId = null, string? FirstName = null, string? LastName = null, long? UpdatedAt = null);

/// <summary>A webhook body as Clerk sends it (clerk.com/docs/webhooks/overview); times are Unix milliseconds.</summary>
internal sealed record ClerkEvent(string? Type = null, long? Timestamp = null, ClerkUser? Data = null)
{
    /// <summary>Clerk marks its bodies <c>"object": "event"</c>; older ones are known by the user's members.</summary>
    public static bool Is(JsonElement body) =>
        body.ValueKind == JsonValueKind.Object && ((body.TryGetProperty("object", out var kind) && kind.ValueEquals("event"u8))
        || (body.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object
            && (data.TryGetProperty("email_addresses", out _) || data.TryGetProperty("primary_email_address_id", out _))));

    /// <summary>
    /// The event in our form. Only a verified primary address is proven. An update's version is the user's own time, because two updates may be sent in the other order; a deletion has only the
    /// event's.
    /// </summary>
    public IdentityEvent ToEvent(DateTimeOffset sent)
    {
        var primary = Data?.PrimaryEmailAddressId is { } id ? Data.EmailAddresses?.FirstOrDefault(address => address?.Id == id) : null;
        var name = string.Join(' ', new[] { Data?.FirstName, Data?.LastName }.Where(part => !string.IsNullOrWhiteSpace(part)).Select(part => part!.Trim()));
        var at = Timestamp ?? sent.ToUnixTimeMilliseconds();
        return new IdentityEvent(Type, sent, new IdentityUser(Data?.Id, primary?.EmailAddress, primary?.Verification?.Status == "verified", name.Length == 0 ? null : name, null, Data?.UpdatedAt ?? at));
    }
}

/// <summary>Clerk writes snake case.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(ClerkEvent))]
internal sealed partial class ClerkJson : JsonSerializerContext;
