using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Roles;

/// <summary>Reads what a service account may do: what it should have, and what it had when it was last looked at. Azure is not asked.</summary>
internal static class GetPermissions
{
    public static async Task<Results<Ok<PermissionsResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, CustomerInPath customer, ServiceAccountStore store, RoleKeeper keeper, HttpResponse response, CancellationToken cancellation) =>
        await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is { } account ? Answer(account, customer, keeper, response) : Failures.NotFound("service account");

    public static Ok<PermissionsResponse> Answer(Stored<ServiceAccount> account, CustomerInPath customer, RoleKeeper keeper, HttpResponse response)
    {
        var answer = PermissionsResponse.From(account, customer.Value, keeper);
        response.Headers.ETag = Preconditions.ETagOf(account.ETag, answer, ApiJson.Default.PermissionsResponse);
        return TypedResults.Ok(answer);
    }
}
