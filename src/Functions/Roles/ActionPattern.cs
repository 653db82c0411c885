using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>Azure's patterns of actions (learn.microsoft.com: "Understand Azure role definitions"): an asterisk stands for any text, slashes included, and letters have no case.</summary>
internal static class ActionPattern
{
    /// <summary>Whether one of what somebody has been given allows an action; what one takes back, another may give.</summary>
    public static bool Allow(IEnumerable<PermittedActions> permissions, string action) =>
        permissions.Any(permission => permission.Actions.Any(pattern => Covers(pattern, action)) && !permission.NotActions.Any(pattern => Covers(pattern, action)));

    public static bool Covers(string pattern, string action)
    {
        var parts = pattern.Split('*');
        if (parts.Length == 1) { return string.Equals(pattern, action, StringComparison.OrdinalIgnoreCase); }
        if (!action.StartsWith(parts[0], StringComparison.OrdinalIgnoreCase) || !action.EndsWith(parts[^1], StringComparison.OrdinalIgnoreCase)) { return false; }
        var at = parts[0].Length;
        foreach (var part in parts[1..^1])
        {
            var found = action.IndexOf(part, at, StringComparison.OrdinalIgnoreCase);
            if (found < 0) { return false; }
            at = found + part.Length;
        }
        return at <= action.Length - parts[^1].Length;
    }
}
