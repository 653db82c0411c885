using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Customers;

/// <summary>What a staff list asks for. Equal filters and order name the same list; see <see cref="Paging"/>.</summary>
internal sealed record CustomerFilter(string? Status, string? Plan, IReadOnlyList<string> Terms, string OrderBy, bool Descending, string? SalesRep = null)
{
    /// <summary>The query parameters that make one.</summary>
    public static readonly IReadOnlyList<string> Parameters = ["status", "plan", "q", "orderby"];

    private static readonly string[] Statuses = ["active", "suspended", "closed"];

    /// <summary>Reads the filter from its query parameters; what is wrong with them is added to <paramref name="checks"/>. A sales representative's filter has its own customers and no others.</summary>
    public static CustomerFilter Read(string? status, string? plan, string? q, string? orderby, Caller caller, Checks checks)
    {
        // A form sends the fields that nobody filled in as empty ones.
        (status, plan, q, orderby) = (Given(status), Given(plan), Given(q), Given(orderby));
        if (status is not null && !Statuses.Contains(status)) { checks.Add("?status", "unknown-value", $"Expected one of {string.Join(", ", Statuses)}."); }
        if (plan is { Length: > 40 }) { checks.Add("?plan", "too-long", "At most 40 characters."); }
        if (q is not null && (PlainText.IsLonger(q, 100) || SearchTerms.Asked(q).Count == 0)) { checks.Add("?q", "malformed", $"Expected at most 100 characters with a word of at least {SearchTerms.MinLength} letters or digits, or one Chinese, Japanese or Korean character."); }
        if (!TryOrder(orderby, out var property, out var descending)) { checks.Add("?orderby", "unknown-value", "Expected createdAt or name, with asc or desc behind it if you like."); }
        return new CustomerFilter(status, plan, SearchTerms.Asked(q ?? ""), property, descending, caller.Principal.Role == Role.SalesRep ? caller.Id : null);
    }

    /// <summary>The parameter's value, if it has one.</summary>
    public static string? Given(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static bool TryOrder(string? text, out string property, out bool descending)
    {
        var words = (text ?? "createdAt").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        property = words.Length > 0 ? words[0] : "";
        descending = words is [_, "desc"];
        return property is "createdAt" or "name" && words is [_] or [_, "asc" or "desc"];
    }
}
