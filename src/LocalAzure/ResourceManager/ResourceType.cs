using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace LocalAzure.ResourceManager;

/// <summary>
/// All that the emulator knows of a type of resource. A type is one declaration (<see cref="StorageAccounts"/>); requests for types and
/// actions that nobody declared are refused by name.
/// </summary>
internal sealed record ResourceType
{
    /// <summary>For example <c>Microsoft.Storage</c>.</summary>
    public required string Namespace { get; init; }

    /// <summary>For example <c>storageAccounts</c>; of a child, with its parents: <c>namespaces/authorizationRules</c>.</summary>
    public required string Type { get; init; }

    /// <summary>What people call one: <c>storage account</c>.</summary>
    public required string Noun { get; init; }

    /// <summary>Oldest first.</summary>
    public required IReadOnlyList<string> ApiVersions { get; init; }

    public required Regex NamePattern { get; init; }

    /// <summary>Code and text for a name that does not fit.</summary>
    public required Func<string, ResourceManagerRefusal> BadName { get; init; }

    /// <summary>Code of the refusal of a name that another group or subscription has; such names are part of a public address.</summary>
    public required string TakenCode { get; init; }

    /// <summary>Members that a new resource must have in its body, as paths: <c>sku.name</c>.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>Adds what the service says of the resource to what its owner said.</summary>
    public required Action<Resource, JsonObject> Describe { get; init; }

    public KeySlots? Keys { get; init; }

    /// <summary>What comes with a new one: a child of this type, with this name and body.</summary>
    public (ResourceType Type, string Name, string Body)? BornWith { get; init; }

    /// <summary>Below another resource: no location of its own, and a name that is its parent's to give.</summary>
    public bool IsChild => Type.Contains('/', StringComparison.Ordinal);

    public string FullName => $"{Namespace}/{Type}";
}

/// <summary>Credentials of which a resource always has one per slot, and which are renewed slot by slot.</summary>
internal sealed record KeySlots
{
    public required IReadOnlyList<string> Names { get; init; }

    public required string ListAction { get; init; }

    public required string RegenerateAction { get; init; }

    /// <summary>The member of the regenerate request that names the slot.</summary>
    public required string SlotProperty { get; init; }

    public required Func<string> NewValue { get; init; }

    /// <summary>The action as the service spells it; null when it is neither of the two.</summary>
    public string? ActionNamed(string action) => new[] { ListAction, RegenerateAction }.FirstOrDefault(known => string.Equals(known, action, StringComparison.OrdinalIgnoreCase));

    /// <summary>The answer to both actions.</summary>
    public required Func<Resource, JsonObject> Answer { get; init; }

    /// <summary>Whether regenerating is answered with 202 and without keys.</summary>
    public bool RegenerateIsAccepted { get; init; }
}
