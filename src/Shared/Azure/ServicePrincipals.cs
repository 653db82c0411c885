using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

namespace CustomerFunctions.Shared.Azure;

/// <summary>Service principals in Microsoft Graph, with the one property that suspension needs. Whoever is not enabled gets no token, and those it has run out within about an hour.</summary>
public sealed class ServicePrincipals(Uri endpoint, HttpPipeline pipeline)
{
    /// <summary>Whether it may sign in; null when there is none of this id.</summary>
    public async Task<bool?> IsEnabled(string id, CancellationToken cancellation)
    {
        using var answer = await Send(RequestMethod.Get, $"/v1.0/servicePrincipals/{Uri.EscapeDataString(id)}", body: null, cancellation);
        if (answer.Status == 404) { return null; }
        if (answer.IsError) { throw new RequestFailedException(answer); }
        using var principal = JsonDocument.Parse(answer.Content);
        return principal.RootElement.GetProperty("accountEnabled").GetBoolean();
    }

    /// <summary>Lets it sign in, or not; one that is gone needs neither.</summary>
    public async Task SetEnabled(string id, bool enabled, CancellationToken cancellation)
    {
        var body = new BinaryData(enabled ? """{"accountEnabled":true}""" : """{"accountEnabled":false}""");
        using var answer = await Send(RequestMethod.Patch, $"/v1.0/servicePrincipals/{Uri.EscapeDataString(id)}", body, cancellation);
        if (answer.IsError && answer.Status != 404) { throw new RequestFailedException(answer); }
    }

    private async Task<Response> Send(RequestMethod method, string path, BinaryData? body, CancellationToken cancellation)
    {
        using var request = pipeline.CreateRequest();
        request.Method = method;
        request.Uri.Reset(endpoint);
        request.Uri.AppendPath(path, escape: false);
        request.Headers.Add("Accept", "application/json");
        if (body is not null)
        {
            request.Headers.Add("Content-Type", "application/json");
            request.Content = RequestContent.Create(body);
        }
        return await pipeline.SendRequestAsync(request, cancellation);
    }
}
