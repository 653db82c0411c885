using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using LocalAzure.Identity;

namespace LocalAzure.ResourceManager;

/// <summary>What the identity may do at a scope and below it.</summary>
/// <param name="Scope">A subscription, resource group or resource.</param>
/// <param name="Actions">With <c>*</c> for any text, as in role definitions.</param>
/// <param name="NotActions">What is taken back of that.</param>
internal sealed record PermittedActions(string Scope, IReadOnlyList<string> Actions, IReadOnlyList<string> NotActions);

/// <summary>
/// What the one identity may do with resources: everything, unless a scope was given less. What it is told of that (learn.microsoft.com: "Permissions - List For Resource") is what is enforced; role assignments
/// have no say in it.
/// </summary>
internal sealed class IdentityPermissions
{
    private static readonly PermittedActions Everything = new("/", ["*"], []);
    private readonly Lock gate = new();
    private readonly List<PermittedActions> permitted = [];

    public IReadOnlyList<PermittedActions> All
    {
        get { lock (gate) { return [.. permitted]; } }
    }

    /// <summary>Says what it may do at a scope, in place of what was said of that scope before.</summary>
    public void Put(PermittedActions actions)
    {
        lock (gate)
        {
            permitted.RemoveAll(other => Same(other.Scope, actions.Scope));
            permitted.Add(actions);
        }
    }

    /// <summary>It may do everything again.</summary>
    public void Clear()
    {
        lock (gate) { permitted.Clear(); }
    }

    /// <summary>Refuses an action that the identity may not do there.</summary>
    public void Ensure(string action, string scope)
    {
        var at = At(scope);
        if (!Covers(at.Actions, action) || Covers(at.NotActions, action)) { throw ResourceManagerRefusal.NotAuthorized(ManagedIdentityEndpoint.ObjectId, action, scope); }
    }

    /// <summary>As Resource Manager tells it.</summary>
    public JsonObject Describe(string scope)
    {
        var at = At(scope);
        return new JsonObject { ["value"] = new JsonArray(new JsonObject { ["actions"] = Texts(at.Actions), ["notActions"] = Texts(at.NotActions), ["dataActions"] = Texts([]), ["notDataActions"] = Texts([]) }) };
    }

    /// <summary>What was said of the narrowest scope around it.</summary>
    private PermittedActions At(string scope)
    {
        lock (gate) { return permitted.Where(actions => Same(scope, actions.Scope) || scope.StartsWith(actions.Scope + "/", StringComparison.OrdinalIgnoreCase)).MaxBy(actions => actions.Scope.Length) ?? Everything; }
    }

    private static bool Covers(IEnumerable<string> patterns, string action) =>
        patterns.Any(pattern => Regex.IsMatch(action, $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal)}\\z", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant));

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);
}
