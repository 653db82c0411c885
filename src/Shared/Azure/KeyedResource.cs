using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.ResourceManager;

namespace CustomerFunctions.Shared.Azure;

/// <summary>Actions that somebody may do, as patterns; and what is taken back of those.</summary>
public sealed record PermittedActions(IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions);

/// <summary>An operation that Azure Resource Manager has accepted and that is not over.</summary>
/// <param name="Address">Where it is told of.</param>
/// <param name="RetryAfter">How long to wait before that is asked again, where it is said.</param>
public sealed record RunningOperation(Uri Address, TimeSpan? RetryAfter);

/// <summary>An operation that was accepted came to nothing; its message is for people and holds no secret.</summary>
public sealed class OperationFailedException(string reason) : Exception(reason);

/// <summary>
/// A resource with keys in Azure Resource Manager, with the three operations that rotation needs and the one that says whether they are allowed. The packages that have them (Azure.ResourceManager.Storage and its like) cannot be
/// restored here; deriving from <see cref="ArmResource"/> gives them the SDK's own pipeline: authentication, retries, throttling, diagnostics.
/// </summary>
public sealed class KeyedResource(ArmClient client, ResourceIdentifier id, string apiVersion) : ArmResource(client, id)
{
    /// <summary>A key's making is not cut off while it may still happen; far less than a rotation's lease.</summary>
    private static readonly TimeSpan RegenerateTime = TimeSpan.FromSeconds(20);

    private const string PermissionsVersion = "2022-04-01";

    public async Task<JsonDocument> Get(CancellationToken cancellation) => JsonDocument.Parse((await Send(RequestMethod.Get, Address(""), body: null, cancellation)).Content);

    /// <summary>The keys as they stand.</summary>
    public async Task<JsonDocument> ListKeys(string action, CancellationToken cancellation) =>
        JsonDocument.Parse((await Send(RequestMethod.Post, Address("/" + action), body: null, cancellation)).Content);

    /// <summary>
    /// Makes a slot's key anew, which ends the one before. Returns the keys when the answer has them, and neither keys nor an operation when it is over without. An operation that Resource Manager has only accepted (202) is
    /// asked about once; when it is not over by then, it is the caller's to come back to with <see cref="Look"/>.
    /// </summary>
    public async Task<(JsonDocument? Keys, RunningOperation? Running)> Regenerate(string action, string body, CancellationToken cancellation)
    {
        var answer = await Send(RequestMethod.Post, Address("/" + action), new BinaryData(body), cancellation, message =>
        {
            message.NetworkTimeout = RegenerateTime;
            message.ResponseClassifier = RepeatOnlyWhatWasRefused.Instance;
        });
        if (answer.Status != 202) { return (answer.Content.ToMemory().IsEmpty ? null : JsonDocument.Parse(answer.Content), null); }
        var operation = OperationOf(answer);
        try { return (null, await Look(operation, cancellation)); }
        // It is under way whatever becomes of the question, and must not be begun again.
        catch (Exception e) when (e is not OperationFailedException) { return (null, new RunningOperation(operation, RetryAfter: null)); }
    }

    /// <summary>Asks about an operation that was accepted before ("Track asynchronous Azure operations"); null when it has succeeded.</summary>
    public async Task<RunningOperation?> Look(Uri operation, CancellationToken cancellation)
    {
        // The token is for Resource Manager and goes nowhere else; its regions are hosts below its own.
        var isOurs = operation.Scheme == Uri.UriSchemeHttps && operation.Port == Endpoint.Port && (operation.Host == Endpoint.Host || operation.Host.EndsWith("." + Endpoint.Host, StringComparison.OrdinalIgnoreCase));
        if (!isOurs) { throw new OperationFailedException("Azure Resource Manager told of an operation at another host."); }
        try
        {
            var answer = await Send(RequestMethod.Get, operation, body: null, cancellation);
            return IsOver(answer) ? null : new RunningOperation(operation, RetryAfterOf(answer));
        }
        catch (RequestFailedException e) when (e.Status == 404) { throw new OperationFailedException("Azure Resource Manager knows nothing of the operation any more."); }
    }

    /// <summary>What this identity may do with the resource (learn.microsoft.com: "Permissions - List For Resource"). Locks and deny assignments are not in it.</summary>
    public async Task<IReadOnlyList<PermittedActions>> Permissions(CancellationToken cancellation)
    {
        var answer = await Send(RequestMethod.Get, Address("/providers/Microsoft.Authorization/permissions", PermissionsVersion), body: null, cancellation);
        using var list = JsonDocument.Parse(answer.Content);
        return [.. list.RootElement.GetProperty("value").EnumerateArray().Select(item => new PermittedActions(Texts(item, "actions"), Texts(item, "notActions")))];

        static IReadOnlyList<string> Texts(JsonElement owner, string member) => owner.TryGetProperty(member, out var texts) ? [.. texts.EnumerateArray().Select(text => text.GetString()!)] : [];
    }

    private static Uri OperationOf(Response accepted)
    {
        var isSaid = accepted.Headers.TryGetValue("Azure-AsyncOperation", out var link) || accepted.Headers.TryGetValue("Location", out link);
        return isSaid && Uri.TryCreate(link, UriKind.Absolute, out var operation) ? operation : throw new OperationFailedException("Azure Resource Manager accepted an operation and did not say where it is told of.");
    }

    /// <summary>An Azure-AsyncOperation says its status; at a Location, 202 says that it is not over.</summary>
    private static bool IsOver(Response answer)
    {
        if (answer.Content.ToMemory().IsEmpty) { return answer.Status != 202; }
        using var operation = JsonDocument.Parse(answer.Content);
        return (operation.RootElement.TryGetProperty("status", out var status) ? status.GetString() : null) switch
        {
            "Succeeded" => true,
            "Failed" or "Canceled" => throw new OperationFailedException("An operation of Azure Resource Manager failed."),
            null => answer.Status != 202,
            _ => false,
        };
    }

    private static TimeSpan? RetryAfterOf(Response answer) =>
        answer.Headers.TryGetValue("Retry-After", out var seconds) && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? TimeSpan.FromSeconds(number) : null;

    private Uri Address(string action, string? version = null)
    {
        var address = new RequestUriBuilder();
        address.Reset(Endpoint);
        address.AppendPath(Id.ToString(), escape: false);
        address.AppendPath(action, escape: false);
        address.AppendQuery("api-version", version ?? apiVersion);
        return address.ToUri();
    }

    private async Task<Response> Send(RequestMethod method, Uri address, BinaryData? body, CancellationToken cancellation, Action<HttpMessage>? prepare = null)
    {
        using var message = Pipeline.CreateMessage(new RequestContext { CancellationToken = cancellation });
        message.Request.Method = method;
        message.Request.Uri.Reset(address);
        message.Request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            message.Request.Headers.Add("Content-Type", "application/json");
            message.Request.Content = RequestContent.Create(body);
        }
        prepare?.Invoke(message);
        await Pipeline.SendAsync(message, cancellation);
        // The response of a key operation holds secrets, so a failure carries its status only.
        if (message.Response.Status == 429) { throw new ThrottledException(Throttling.RetryAfter(message.Response)); }
        if (message.Response.IsError) { throw new RequestFailedException(message.Response.Status, $"Azure Resource Manager answered {message.Response.Status} to {method}."); }
        return message.Response;
    }
}
