using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Accounts;

/// <summary>Lists accounts for staff, the oldest first.</summary>
internal static class ListAccounts
{
    private static readonly string[] Roles = ["customer", "sales_rep", "operator", "admin"];

    /// <param name="role">customer, sales_rep, operator or admin.</param>
    /// <param name="email">The account of this address, and no other.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<AccountResponse>>, Problem>> Handle(
        string? role, string? email, string? maxpagesize, string? continuation, AccountStore accounts, HttpRequest request, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Parameters(request, ["role", "email", "maxpagesize", "continuation"]);
        if (role is not null && !Roles.Contains(role)) { checks.Add("?role", "unknown-value", $"Expected one of {string.Join(", ", Roles)}."); }
        checks.Email("?email", email);
        if (!Paging.TrySize(maxpagesize, out var size)) { checks.Add("?maxpagesize", "malformed", $"Expected a number from 1 to {Paging.MaxSize}."); }
        var list = $"accounts|{role}";
        if (!Paging.TryContinuation(request, continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had, with the same filters."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        if (email is not null)
        {
            var found = await accounts.FindByEmail(AccountStore.NormalizeEmail(email), cancellation);
            return TypedResults.Ok(new PageOf<AccountResponse>(found is null ? [] : [AccountResponse.From(found.Value)], NextLink: null, size));
        }
        var page = await accounts.ListAcrossAccounts(role, size, from, cancellation);
        return TypedResults.Ok(new PageOf<AccountResponse>([.. page.Items.Select(account => AccountResponse.From(account.Value))], Paging.NextLink(request, list, page.Continuation), size));
    }
}
