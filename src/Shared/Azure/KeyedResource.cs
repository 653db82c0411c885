using System.Globalization;
using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.ResourceManager;

namespace CustomerFunctions.Shared.Azure;

/// <summary>Actions that somebody may do, as patterns; and what is taken back of those.</summary>
public sealed record PermittedActions(IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions);

/// <summary>
/// A resource with keys in Azure Resource Manager, with the three operations that rotation needs and the one that says whether they are allowed. The packages that have them (Azure.ResourceManager.Storage and its like) cannot be
/// restored here; deriving from <see cref="ArmResource"/> gives them the SDK's own pipeline: authentication, retries, throttling, diagnostics.
/// </summary>
public sealed class KeyedResource(ArmClient client, ResourceIdentifier id, string apiVersion) : ArmResource(client, id)
{
    /// <summary>A key's making is not cut off while it may still happen; far less than a rotation's lease.</summary>
    private static readonly TimeSpan RegenerateTime = TimeSpan.FromSeconds(20);

    private const string PermissionsVersion = "2022-04-01";
    private static readonly TimeSpan BetweenPolls = TimeSpan.FromSeconds(1);

    public async Task<JsonDocument> Get(CancellationToken cancellation) => JsonDocument.Parse((await Send(RequestMethod.Get, Address(""), body: null, cancellation)).Content);

    /// <summary>The keys as they stand.</summary>
    public async Task<JsonDocument> ListKeys(string action, CancellationToken cancellation) =>
        JsonDocument.Parse((await Send(RequestMethod.Post, Address("/" + action), body: null, cancellation)).Content);

    /// <summary>
    /// Makes a slot's key anew, which ends the one before. Returns the keys when the answer has them; null when it has not, as for a resource that takes its time (202): then the operation is
    /// over when this returns ("Track asynchronous Azure operations").
    /// </summary>
    public async Task<JsonDocument?> Regenerate(string action, string body, TimeProvider clock, CancellationToken cancellation)
    {
        var answer = await Send(RequestMethod.Post, Address("/" + action), new BinaryData(body), cancellation, message =>
        {
            message.NetworkTimeout = RegenerateTime;
            message.ResponseClassifier = RepeatOnlyWhatWasRefused.Instance;
        });
        if (answer.Status == 202) { await Finish(answer, clock, cancellation); return null; }
        return answer.Content.ToMemory().IsEmpty ? null : JsonDocument.Parse(answer.Content);
    }

    /// <summary>What this identity may do with the resource (learn.microsoft.com: "Permissions - List For Resource"). Locks and deny assignments are not in it.</summary>
    public async Task<IReadOnlyList<PermittedActions>> Permissions(CancellationToken cancellation)
    {
        var answer = await Send(RequestMethod.Get, Address("/providers/Microsoft.Authorization/permissions", PermissionsVersion), body: null, cancellation);
        using var list = JsonDocument.Parse(answer.Content);
        return [.. list.RootElement.GetProperty("value").EnumerateArray().Select(item => new PermittedActions(Texts(item, "actions"), Texts(item, "notActions")))];

        static IReadOnlyList<string> Texts(JsonElement owner, string member) => owner.TryGetProperty(member, out var texts) ? [.. texts.EnumerateArray().Select(text => text.GetString()!)] : [];
    }

    private async Task Finish(Response accepted, TimeProvider clock, CancellationToken cancellation)
    {
        var hasStatus = accepted.Headers.TryGetValue("Azure-AsyncOperation", out var link);
        if (!hasStatus && !accepted.Headers.TryGetValue("Location", out link)) { throw new RequestFailedException(202, "Azure Resource Manager accepted an operation and did not say where it is told of."); }
        var operation = new Uri(link!);
        // The token is for Resource Manager and goes nowhere else.
        if (operation.Host != Endpoint.Host || operation.Port != Endpoint.Port) { throw new RequestFailedException(202, "Azure Resource Manager told of an operation at another host."); }
        for (var last = await Send(RequestMethod.Get, operation, body: null, cancellation); ; last = await Send(RequestMethod.Get, operation, body: null, cancellation))
        {
            if (IsDone(last, hasStatus)) { return; }
            var wait = last.Headers.TryGetValue("Retry-After", out var seconds) && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? TimeSpan.FromSeconds(number) : BetweenPolls;
            await Task.Delay(wait, clock, cancellation);
        }
    }

    private static bool IsDone(Response answer, bool hasStatus)
    {
        if (!hasStatus) { return answer.Status != 202; }
        using var operation = JsonDocument.Parse(answer.Content);
        return operation.RootElement.GetProperty("status").GetString() switch
        {
            "Succeeded" => true,
            "Failed" or "Canceled" => throw new RequestFailedException(answer.Status, "An operation of Azure Resource Manager failed."),
            _ => false,
        };
    }

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
