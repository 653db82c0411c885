using CustomerFunctions.Access;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Accounts;

/// <summary>Other people's accounts, for staff.</summary>
internal static class AccountsApi
{
    public static void MapAccounts(this IEndpointRouteBuilder app)
    {
        var accounts = app.MapGroup("/api/accounts").WithTags("Accounts");
        accounts.MapPost("", CreateAccount.Handle).WithName("CreateAccount").Requires(Permission.AccountsWrite).IsIdempotent();
        accounts.MapGet("", ListAccounts.Handle).WithName("ListAccounts").Requires(Permission.AccountsRead).ProducesProblem(400);
        accounts.MapGet("{accountId}", GetAccount.Handle).WithName("GetAccount").HasETag().Requires(Permission.AccountsRead).ProducesProblem(404);
        accounts.MapPatch("{accountId}", PatchAccount.Handle).WithName("PatchAccount").Requires(Permission.AccountsWrite).Accepts<AccountFields>("application/merge-patch+json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
    }
}
