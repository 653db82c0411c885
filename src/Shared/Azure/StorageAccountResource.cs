using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.ResourceManager;

namespace CustomerFunctions.Shared.Azure;

/// <summary>
/// A storage account in Azure Resource Manager, with the three operations that rotation needs. The package that has them (Azure.ResourceManager.Storage) cannot be
/// restored here; deriving from <see cref="ArmResource"/> gives them the SDK's own pipeline: authentication, retries, throttling, diagnostics.
/// </summary>
public sealed class StorageAccountResource(ArmClient client, ResourceIdentifier id) : ArmResource(client, id)
{
    private const string ApiVersion = "2023-05-01";

    /// <summary>A key's making is not cut off while it may still happen; far less than a rotation's lease.</summary>
    private static readonly TimeSpan RegenerateTime = TimeSpan.FromSeconds(20);

    /// <summary>Reads a storage account's resource id; false for any other text.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out ResourceIdentifier? id) =>
        ResourceIdentifier.TryParse(text, out id) && id is { SubscriptionId: not null, ResourceGroupName: not null }
        && id.ResourceType == "Microsoft.Storage/storageAccounts" && id.Parent?.ResourceType == "Microsoft.Resources/resourceGroups"
        && !text.AsSpan().ContainsAny("?#%\\ ");

    public async Task<Uri> GetBlobEndpoint(CancellationToken cancellation)
    {
        using var account = await Send(RequestMethod.Get, "", body: null, cancellation);
        return new Uri(account.RootElement.GetProperty("properties").GetProperty("primaryEndpoints").GetProperty("blob").GetString()!);
    }

    /// <summary>The slot's key as it stands.</summary>
    public async Task<string> GetKey(string slot, CancellationToken cancellation)
    {
        using var keys = await Send(RequestMethod.Post, "/listKeys", body: null, cancellation);
        return KeyIn(keys, slot);
    }

    /// <summary>
    /// Makes the slot's key anew, which ends the one before, and returns it. Without an answer nobody knows whether, or when, that happens, and a call that comes through late ends the key
    /// that its repetition has made; so it is repeated here only when it was refused (429), and otherwise by the caller after a while.
    /// </summary>
    public async Task<string> RegenerateKey(string slot, CancellationToken cancellation)
    {
        using var keys = await Send(RequestMethod.Post, "/regenerateKey", new BinaryData($$"""{"keyName":"{{slot}}"}"""), cancellation, message =>
        {
            message.NetworkTimeout = RegenerateTime;
            message.ResponseClassifier = RepeatOnlyWhatWasRefused.Instance;
        });
        return KeyIn(keys, slot);
    }

    private async Task<JsonDocument> Send(RequestMethod method, string action, BinaryData? body, CancellationToken cancellation, Action<HttpMessage>? prepare = null)
    {
        using var message = Pipeline.CreateMessage(new RequestContext { CancellationToken = cancellation });
        message.Request.Method = method;
        message.Request.Uri.Reset(Endpoint);
        message.Request.Uri.AppendPath(Id.ToString(), escape: false);
        message.Request.Uri.AppendPath(action, escape: false);
        message.Request.Uri.AppendQuery("api-version", ApiVersion);
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }
        prepare?.Invoke(message);
        await Pipeline.SendAsync(message, cancellation);
        // The response of a key operation holds secrets, so a failure carries its status and code only.
        if (message.Response.Status == 429) { throw new ThrottledException(Throttling.RetryAfter(message.Response)); }
        if (message.Response.IsError) { throw new RequestFailedException(message.Response.Status, $"Azure Resource Manager answered {message.Response.Status} to {method} {action}."); }
        return JsonDocument.Parse(message.Response.Content);
    }

    private static string KeyIn(JsonDocument keys, string slot) => keys.RootElement.GetProperty("keys").EnumerateArray()
        .First(key => key.GetProperty("keyName").GetString() == slot).GetProperty("value").GetString()!;

    private sealed class RepeatOnlyWhatWasRefused : ResponseClassifier
    {
        public static readonly RepeatOnlyWhatWasRefused Instance = new();

        public override bool IsRetriableResponse(HttpMessage message) => message.Response.Status == 429;

        public override bool IsRetriable(HttpMessage message, Exception exception) => false;

        public override bool IsErrorResponse(HttpMessage message) => message.Response.Status >= 400;
    }
}
