using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;

namespace CustomerFunctions.ApiKeys;

internal static class ApiKeyEvents
{
    /// <summary>The key with the event that makes <paramref name="before"/> into it; null when it is new.</summary>
    public static ApiKey Recorded(this ApiKey after, string action, ApiKey? before, Caller caller, TimeProvider clock)
    {
        var now = clock.GetUtcNow();
        var change = AuditChange.Between(before is null ? null : ApiKeyResponse.From(before, now), ApiKeyResponse.From(after, now), ApiJson.Default.ApiKeyResponse);
        return after.Record(caller.Event(action, after.CustomerId, new AuditTarget("apiKey", after.Id, after.Name), clock, change));
    }
}
