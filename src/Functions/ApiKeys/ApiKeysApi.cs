using CustomerFunctions.Access;

namespace CustomerFunctions.ApiKeys;

internal static class ApiKeysApi
{
    public static void MapApiKeys(this IEndpointRouteBuilder app)
    {
        var keys = app.MapGroup("/api/customers/{customerId}/api-keys").WithTags("API keys");
        keys.MapPost("", CreateApiKey.Handle).WithName("CreateApiKey").Requires(Permission.ApiKeysWrite).ProducesProblem(400).ProducesProblem(404);
        keys.MapGet("", ListApiKeys.Handle).WithName("ListApiKeys").Requires(Permission.ApiKeysRead).ProducesProblem(400).ProducesProblem(404);
        keys.MapDelete("{keyId}", RevokeApiKey.Handle).WithName("RevokeApiKey").Requires(Permission.ApiKeysWrite).ProducesProblem(404);
    }
}
