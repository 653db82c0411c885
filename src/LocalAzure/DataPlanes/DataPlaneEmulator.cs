using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LocalAzure.Faults;
using LocalAzure.ResourceManager;

namespace LocalAzure.DataPlanes;

/// <summary>
/// As much of the keyed services as it takes to try a key: the account of <c>/cosmos/{account}/</c> for whoever signs with a master key, and the (empty) list of queues or hubs below
/// <c>/servicebus/{namespace}/</c> and <c>/eventhubs/{namespace}/</c> for whoever signs with a rule's key. All else is 501. What an account holds is elsewhere, if anywhere.
/// </summary>
internal sealed partial class DataPlaneEmulator(ResourceManagerEmulator resourceManager, TimeProvider clock)
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";

    public Task Handle(HttpContext context)
    {
        var path = PathPattern().Match(context.Request.Path.Value!);
        if (context.Request.Method != HttpMethods.Get || !path.Success)
        {
            var what = $"{context.Request.Method} {context.Request.Path} of a data plane";
            context.NoteUnimplemented(what);
            return Text(context, 501, $"LocalAzure does not implement {what}.");
        }
        var name = path.Groups["name"].Value;
        return path.Groups["service"].Value switch
        {
            "cosmos" => Account(context, name),
            "servicebus" => List(context, MessagingNamespaces.ServiceBus, name, "Queues"),
            _ => List(context, MessagingNamespaces.EventHubs, name, "EventHubs"),
        };
    }

    private Task Account(HttpContext context, string name)
    {
        context.Response.Headers["x-ms-activity-id"] = Guid.NewGuid().ToString();
        var isAuthorized = resourceManager.ByName(CosmosAccounts.FullName, name) is { } account && MasterKey.Opens(context.Request, account, clock);
        return isAuthorized
            ? Json(context, 200, new JsonObject { ["id"] = name, ["_rid"] = $"{name}.documents.local", ["_dbs"] = "//dbs/", ["media"] = "//media/", ["addresses"] = "//addresses/" })
            : Json(context, 401, new JsonObject { ["code"] = "Unauthorized", ["message"] = "The input authorization token can't serve the request. Please check that the expected payload is built as per the protocol, and check the key being used." });
    }

    private Task List(HttpContext context, string space, string name, string what)
    {
        if (context.Request.Query["api-version"].ToString().Length == 0) { return Refuse(context, 400, "The api-version is missing."); }
        if (resourceManager.ByName($"{space}/namespaces", name) is not { } found) { return Refuse(context, 404, $"There is no namespace '{name}'."); }
        var (rule, why) = SharedAccessSignature.Verify(context.Request, clock, ruleName => resourceManager.Find($"{found.Id}/authorizationRules/{ruleName}"));
        if (rule is null) { return Refuse(context, 401, why!); }
        if (!MessagingNamespaces.RightsOf(rule).Contains("Manage")) { return Refuse(context, 401, "Manage,EntityRead claims required for this operation."); }
        context.Response.ContentType = "application/atom+xml;type=feed;charset=utf-8";
        return context.Response.WriteAsync(new XElement(Atom + "feed", new XElement(Atom + "title", new XAttribute("type", "text"), what)).ToString(), context.RequestAborted);
    }

    private static Task Refuse(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/xml; charset=utf-8";
        var error = new XElement("Error", new XElement("Code", status), new XElement("Detail", $"{detail} TrackingId:{Guid.NewGuid()}"));
        return context.Response.WriteAsync(error.ToString(SaveOptions.DisableFormatting), context.RequestAborted);
    }

    private static Task Json(HttpContext context, int status, JsonObject body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body.ToJsonString(), context.RequestAborted);
    }

    private static Task Text(HttpContext context, int status, string text)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain";
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    [GeneratedRegex(@"^/(?:(?<service>cosmos)/(?<name>[^/]+)/?|(?<service>servicebus)/(?<name>[^/]+)/\$Resources/queues|(?<service>eventhubs)/(?<name>[^/]+)/\$Resources/eventhubs)\z", RegexOptions.IgnoreCase)]
    private static partial Regex PathPattern();
}
