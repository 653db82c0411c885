using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace LocalAzure.Graph;

/// <summary>An app registration: what its owner said of it (<c>Body</c>) and the passwords that it has.</summary>
internal sealed record Application(string Id, string AppId, DateTimeOffset Created, JsonObject Body, IReadOnlyList<Password> Passwords)
{
    public string DisplayName => (string?)Body["displayName"] ?? "";

    /// <summary>Applications that personal accounts may use have at most two passwords.</summary>
    public bool IsForPersonalAccounts => (string?)Body["signInAudience"] is "AzureADandPersonalMicrosoftAccount" or "PersonalMicrosoftAccount";
}

/// <summary>A client secret. Its text was shown once; what is kept can only recognise it.</summary>
internal sealed record Password(string KeyId, string? DisplayName, string Hint, string Hash, DateTimeOffset Start, DateTimeOffset End, DateTimeOffset Made);

/// <summary>An application's identity in the tenant.</summary>
internal sealed record ServicePrincipal(string Id, string AppId, bool AccountEnabled, JsonObject Body, DateTimeOffset Created = default);

/// <summary>What the journal holds: the new state of an object, or that it is gone.</summary>
[JsonDerivedType(typeof(ApplicationWritten), "application")]
[JsonDerivedType(typeof(PrincipalWritten), "servicePrincipal")]
[JsonDerivedType(typeof(Removed), "removed")]
internal abstract record DirectoryChange
{
    internal sealed record ApplicationWritten(Application Application) : DirectoryChange;

    internal sealed record PrincipalWritten(ServicePrincipal Principal) : DirectoryChange;

    internal sealed record Removed(string Id) : DirectoryChange;
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DirectoryChange))]
internal sealed partial class DirectoryJson : JsonSerializerContext;
