using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.AccessLog;

/// <summary>Reads who used a service account's credential and who was shown it, by hours, the newest first. What else its customer has is not looked at.</summary>
internal static class ListServiceAccountAccess
{
    private static readonly string[] Parameters = ["from", "to", "maxpagesize", "continuation"];

    /// <param name="customerId">Whose service account.</param>
    /// <param name="serviceAccountId">Which.</param>
    /// <param name="from">From the hour of this instant on (RFC 3339).</param>
    /// <param name="to">Hours that begin before this instant.</param>
    /// <param name="maxpagesize">1 to 200; 50 when absent.</param>
    /// <param name="continuation">From <c>nextLink</c>.</param>
    public static async Task<Results<Ok<PageOf<AccessResponse>>, Problem>> Handle(
        string customerId, string serviceAccountId, string? from, string? to, string? maxpagesize, string? continuation, ServiceAccountStore store, AccessTable table, HttpRequest request, CancellationToken cancellation)
    {
        if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is null) { return Failures.NotFound("service account"); }
        var checks = new Checks();
        checks.Parameters(request, Parameters);
        return await ListAccess.Page(AccessSubject.LogOf(customerId, serviceAccountId), "", checks, from, to, maxpagesize, continuation, table, request, cancellation);
    }
}
