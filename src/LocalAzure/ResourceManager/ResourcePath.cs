namespace LocalAzure.ResourceManager;

/// <summary>
/// A request's path, taken apart: <c>/subscriptions/S/resourceGroups/G/providers/N/type/name[/child/name…]</c>. The keywords are
/// case-insensitive, and a part that is not there is null. <c>Last</c> is what follows the last whole pair of type and name: the action
/// of a POST, the type of a list.
/// </summary>
internal sealed record ResourcePath(string? Subscription, string? Group, string? Namespace, string? Type, string? Name, string? Last)
{
    /// <summary>Of a path that names a resource.</summary>
    public string Id
    {
        get
        {
            var pairs = Type!.Split('/').Zip(Name!.Split('/'), (type, name) => $"{type}/{name}");
            return $"/subscriptions/{Subscription}/resourceGroups/{Group}/providers/{Namespace}/{string.Join('/', pairs)}";
        }
    }

    /// <summary>The type that the request is about: a GET that ends in a type lists it; an action is about the type before it.</summary>
    public string? TypeFor(string method) => (Type, Last) switch
    {
        (_, null) => Type,
        (null, _) => Last,
        _ => method == HttpMethods.Get ? $"{Type}/{Last}" : Type,
    };

    /// <summary>Null when the path is none of ARM's.</summary>
    public static ResourcePath? Parse(string path)
    {
        var parts = path.Trim('/').Split('/');
        if (!Is(parts[0], "subscriptions") || parts.Any(part => part.Length == 0)) { return null; }
        var (subscription, rest) = (parts.ElementAtOrDefault(1), parts.Skip(2).ToArray());
        string? group = null;
        if (rest is [var keyword, ..] && Is(keyword, "resourceGroups"))
        {
            if (rest.Length == 1) { return new(subscription, null, null, null, null, "resourceGroups"); }
            (group, rest) = (rest[1], rest[2..]);
        }
        if (rest is []) { return new(subscription, group, null, null, null, null); }
        if (!Is(rest[0], "providers")) { return null; }
        if (rest is [_]) { return new(subscription, group, null, null, null, "providers"); }

        var pairs = rest[2..];
        var whole = pairs.Length / 2 * 2;
        var types = pairs.Take(whole).Where((_, index) => index % 2 == 0).ToArray();
        var names = pairs.Take(whole).Where((_, index) => index % 2 == 1).ToArray();
        return new(
            subscription, group, rest[1],
            types.Length == 0 ? null : string.Join('/', types), names.Length == 0 ? null : string.Join('/', names),
            whole < pairs.Length ? pairs[^1] : null);
    }

    private static bool Is(string part, string keyword) => string.Equals(part, keyword, StringComparison.OrdinalIgnoreCase);
}
