using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.ApiKeys;

internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/customers/{customerId}/api-keys").WithTags("API keys");
        keys.MapPost("", CreateApiKey.Handle).WithName("CreateApiKey").Requires(Permission.ApiKeysWrite).MakesOrRevokes().Takes(FeatureFlags.ApiAccess).IsIdempotent().LimitsReveals().ProducesProblem(400).ProducesProblem(404);
        keys.MapGet("", ListApiKeys.Handle).WithName("ListApiKeys").Requires(Permission.ApiKeysRead).ProducesProblem(400).ProducesProblem(404);
        keys.MapPost("import", ImportApiKey.Handle).WithName("ImportApiKey").Requires(Permission.ApiKeysImport).MakesOrRevokes().Takes(FeatureFlags.ApiAccess).IsIdempotent().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        keys.MapGet("{keyId}", GetApiKey.Handle).WithName("GetApiKey").HasETag().Requires(Permission.ApiKeysRead).ProducesProblem(404);
        keys.MapPatch("{keyId}", PatchApiKey.Handle).WithName("PatchApiKey").Requires(Permission.ApiKeysWrite).MakesOrRevokes().Accepts<ApiKeyFields>("application/merge-patch+json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
        keys.MapPost("{keyId}/roll", RollApiKey.Handle).WithName("RollApiKey").Requires(Permission.ApiKeysWrite).Takes(FeatureFlags.ApiAccess).IsIdempotent().LimitsReveals().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        keys.MapDelete("{keyId}", RevokeApiKey.Handle).WithName("RevokeApiKey").Requires(Permission.ApiKeysWrite).MakesOrRevokes().ProducesProblem(400).ProducesProblem(404);
        app.MapPost("/api/auth/token", ExchangeToken.Handle).WithName("ExchangeToken").WithTags("API keys").Requires(Permission.TokensExchange).LimitsReveals().ProducesProblem(400);
    }
}
