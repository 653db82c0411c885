using CustomerFunctions.Access;

namespace CustomerFunctions.Impersonation;

internal static class ImpersonationApi
{
    public static void MapImpersonation(this IEndpointRouteBuilder app) =>
        app.MapPost("/api/accounts/{accountId}/impersonate", Impersonate.Handle).WithName("Impersonate").WithTags("Accounts").Requires(Permission.AccountsImpersonate)
            .ProducesProblem(400).ProducesProblem(404);
}
