namespace LocalAzure.Faults;

/// <summary>
/// The name a request is counted under: its method and its path with the parts that name one resource put as <c>*</c>, so that
/// <c>GET /secrets/sva-acme-api/9f…</c> and its like are one operation.
/// </summary>
internal static class Operation
{
    public const int MostCharacters = 256;

    /// <summary>Segments that are followed by a name that tells resources apart but not operations.</summary>
    private static readonly HashSet<string> Collections = new(StringComparer.OrdinalIgnoreCase)
    {
        "docs", "secrets", "deletedsecrets", "subscriptions", "resourceGroups", "storageAccounts", "databaseAccounts", "namespaces", "pkranges", "offers",
        "servicePrincipals", "applications", "roleAssignments",
    };

    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> IsCollection = Collections.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Writes the name into <paramref name="buffer"/> and says how long it is; what does not fit is left off.</summary>
    public static int Write(HttpRequest request, Span<char> buffer)
    {
        var length = 0;
        Append(request.Method, buffer, ref length);
        Append(" ", buffer, ref length);
        var path = request.Path.Value.AsSpan();
        var nameFollows = false;
        var isSecretVersion = false;
        foreach (var range in path.Split('/'))
        {
            var segment = path[range];
            if (segment.IsEmpty) { continue; }
            Append("/", buffer, ref length);
            // Tables address one entity in brackets: audit(PartitionKey='…',RowKey='…').
            var bracket = segment.IndexOf('(');
            if (nameFollows || isSecretVersion) { Append("*", buffer, ref length); }
            else if (bracket > 0) { Append(segment[..bracket], buffer, ref length); Append("(*)", buffer, ref length); }
            else { Append(segment, buffer, ref length); }
            isSecretVersion = nameFollows && path.StartsWith("/secrets/", StringComparison.OrdinalIgnoreCase);
            nameFollows = !nameFollows && IsCollection.Contains(segment);
        }
        if (length == request.Method.Length + 1) { Append("/", buffer, ref length); }
        if (request.Headers.ContainsKey("x-ms-documentdb-isquery")) { Append(" (query)", buffer, ref length); }
        else if (request.Headers.ContainsKey("x-ms-cosmos-is-query-plan-request")) { Append(" (query plan)", buffer, ref length); }
        return length;
    }

    private static void Append(ReadOnlySpan<char> text, Span<char> buffer, ref int length)
    {
        var fits = text[..Math.Min(text.Length, buffer.Length - length)];
        fits.CopyTo(buffer[length..]);
        length += fits.Length;
    }
}
