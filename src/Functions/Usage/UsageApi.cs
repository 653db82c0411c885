using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Quotas;

namespace CustomerFunctions.Usage;

/// <summary>What customers use, and the timers that count it and roll the months over.</summary>
internal static class UsageApi
{
    /// <summary>A thousand reports with long ids.</summary>
    private const long MaxBytes = 1024 * 1024;

    public static void MapUsage(this IEndpointRouteBuilder app)
    {
        var usage = app.MapGroup("/api/customers/{customerId}/usage").WithTags("Usage");
        usage.MapPost("", RecordUsage.Handle).WithName("RecordUsage").Requires(Permission.UsageWrite).WithMetadata(new BodyLimit(MaxBytes)).ProducesProblem(400).ProducesProblem(404);
        usage.MapGet("", GetUsage.Handle).WithName("GetUsage").Requires(Permission.UsageRead).ProducesProblem(400).ProducesProblem(404);
        usage.MapGet("months", ListUsageMonths.Handle).WithName("ListUsageMonths").Requires(Permission.UsageRead).ProducesProblem(404);
        usage.MapGet("forecast", GetUsageForecast.Handle).WithName("GetUsageForecast").Requires(Permission.UsageRead).ProducesProblem(404);
        app.MapPost("/" + nameof(CountUsage), CountUsage.Handle).IsTimer(nameof(CountUsage), "UsageCountSchedule");
        app.MapPost("/" + nameof(RollUsageMonths), RollUsageMonths.Handle).IsTimer(nameof(RollUsageMonths), "UsageMonthSchedule");
    }
}
