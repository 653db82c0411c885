using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;

namespace CustomerFunctions.IpRules;

internal static class IpRulesApi
{
    public static void MapIpRules(this IEndpointRouteBuilder app)
    {
        var rules = app.MapGroup("/api/customers/{customerId}/ip-rules").WithTags("IP rules");
        rules.MapGet("", GetIpRules.Handle).WithName("GetIpRules").HasETag().Requires(Permission.IpRulesRead).ProducesProblem(404);
        rules.MapPut("", ReplaceIpRules.Handle).WithName("ReplaceIpRules").Requires(Permission.IpRulesWrite).Takes(FeatureFlags.NetworkRules).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        rules.MapDelete("", RemoveIpRules.Handle).WithName("RemoveIpRules").Requires(Permission.IpRulesWrite).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
    }
}
