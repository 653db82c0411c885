using System.Text.Json;
using Azure.Core;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Everything that differs between resources with two keys. One is one declaration; <see cref="TwoSlotKeys"/> does the same with all of them.</summary>
internal sealed record TwoSlotResource
{
    public static IReadOnlyList<TwoSlotResource> All { get; } = [StorageAccountKeys.Resource, CosmosAccountKeys.Resource, MessagingKeys.ServiceBus, MessagingKeys.EventHubs];

    /// <summary>The kind's name in requests and documents.</summary>
    public required string Kind { get; init; }

    public required string ContentType { get; init; }

    /// <summary>Of the resource that has the keys; its data plane may be its parent's.</summary>
    public required ResourceType Type { get; init; }

    /// <summary>What people call one.</summary>
    public required string Noun { get; init; }

    /// <summary>How its id ends, for the refusal of another.</summary>
    public required string IdExample { get; init; }

    public required string ApiVersion { get; init; }

    /// <summary>By chance the same everywhere.</summary>
    public const string ListAction = "listKeys";

    public required string RegenerateAction { get; init; }

    /// <summary>The member of the regenerate request that names the slot.</summary>
    public required string SlotProperty { get; init; }

    /// <summary>The two slots by the names that the request has for them; the first credential is the first one's as it stands.</summary>
    public required (string First, string Second) Slots { get; init; }

    /// <summary>A slot's key in the answer to either action.</summary>
    public required Func<JsonElement, string, string> KeyIn { get; init; }

    /// <summary>Whether keys open the parent: a rule's open its namespace.</summary>
    public bool OpensParent { get; init; }

    /// <summary>Where keys are tried, in what Resource Manager says of the resource that they open.</summary>
    public required Func<JsonElement, string?> DataEndpoint { get; init; }

    /// <summary>The cheapest request that any user of a key may send.</summary>
    public required Func<KeyTrial, HttpRequestMessage> Request { get; init; }

    /// <summary>Whether a refusal's body says that the key is right and only may not do what was asked.</summary>
    public Func<string, bool> IsOfAValidKey { get; init; } = _ => false;
}

/// <summary>What it takes to try a key; it does not print.</summary>
internal sealed class KeyTrial(Uri endpoint, string name, string key, DateTimeOffset now)
{
    public Uri Endpoint => endpoint;

    /// <summary>The last part of the resource's id.</summary>
    public string Name => name;

    public DateTimeOffset Now => now;

    public string Reveal() => key;

    public override string ToString() => $"a trial of {name}";
}
