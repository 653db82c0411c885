using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Microsoft.AspNetCore.WebUtilities;

namespace CustomerFunctions.Edge;

/// <summary>One page on the wire, as the Azure REST guidelines have it.</summary>
/// <param name="Value">The items.</param>
/// <param name="NextLink">The next page; absent on the last one.</param>
/// <param name="PageSize">The most items a page of this request has: <c>maxpagesize</c>, at most 200. Absent where the list has one page only.</param>
public sealed record PageOf<T>(IReadOnlyList<T> Value, string? NextLink, int? PageSize = null);

/// <summary>
/// Paging by cursor. The continuation is the store's own, sealed for its list (see <see cref="Cursors"/>): a cursor
/// that is forged, damaged, or sent to another list or filter is refused.
/// </summary>
internal static class Paging
{
    public const int DefaultSize = 50;
    public const int MaxSize = 200;

    /// <summary>Reads <c>maxpagesize</c>: 1 to 200, larger ones are capped (it is a ceiling), 50 when absent.</summary>
    public static bool TrySize(string? text, out int size)
    {
        size = DefaultSize;
        if (text is null) { return true; }
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out size) || size == 0) { return false; }
        size = Math.Min(size, MaxSize);
        return true;
    }

    /// <summary>Reads <c>continuation</c>; false when it is not one that this list gave out.</summary>
    public static bool TryContinuation(HttpRequest request, string? text, string list, out string? continuation)
    {
        continuation = text is null ? null : Cursors.Of(request).Read(list, text);
        return text is null || continuation is not null;
    }

    /// <summary>Reads both parameters of a plain list; false with the refusal when one is wrong.</summary>
    public static bool TryRead(
        HttpRequest request, string? maxpagesize, string? cursor, string list, out int size, out string? continuation, [NotNullWhen(false)] out Problem? refusal)
    {
        var checks = new Checks();
        checks.Parameters(request, ["maxpagesize", "continuation"]);
        if (!TrySize(maxpagesize, out size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {MaxSize}."); }
        if (!TryContinuation(request, cursor, list, out continuation)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        refusal = checks.Refusal;
        return refusal is null;
    }

    /// <summary>The absolute link to the next page: this request's, with the cursor in it, and with <paramref name="settled"/> for what the request has left to the moment.</summary>
    public static string? NextLink(HttpRequest request, string list, string? continuation, params (string Name, string Value)[] settled)
    {
        if (continuation is null) { return null; }
        var cursor = Cursors.Of(request).Write(list, continuation);
        var query = request.Query.Where(pair => pair.Key != "continuation" && settled.All(one => one.Name != pair.Key)).SelectMany(pair => pair.Value, (pair, value) => KeyValuePair.Create(pair.Key, value))
            .Concat(settled.Select(one => KeyValuePair.Create(one.Name, (string?)one.Value)));
        return QueryHelpers.AddQueryString($"{request.Scheme}://{request.Host}{request.Path}", query.Append(KeyValuePair.Create("continuation", (string?)cursor)));
    }
}
