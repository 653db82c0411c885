using System.Net;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Plans;
using Microsoft.Extensions.Caching.Memory;

namespace CustomerFunctions.RateLimits;

/// <summary>A route whose answer shows a secret: limited by caller and by address, beside the limit that every request has.</summary>
internal sealed class RevealsSecret;

/// <summary>How many requests a caller may make; every key, service account and person has a limit of its own.</summary>
internal sealed class RequestLimits(RequestCounts counts, SignInBudgets attempts, AppSettings settings, TimeProvider clock) : IDisposable
{
    private const int PersonRequests = 300;
    private const int StaffRequests = 6_000;
    private const int SystemRequests = 60_000;

    private static readonly TimeSpan Quarter = TimeSpan.FromMinutes(15);

    private readonly MemoryCache meters = new(new MemoryCacheOptions { SizeLimit = 50_000 });
    // Small blocks: every instance that is stopped takes with it what it had left.
    private readonly LeasedBudget ofCaller = new("reveals", 60 * settings.LimitFactor, Quarter, 2 * settings.LimitFactor);
    private readonly LeasedBudget ofStaff = new("reveals-staff", 600 * settings.LimitFactor, Quarter, 20 * settings.LimitFactor);
    private readonly LeasedBudget ofAddress = new("reveals-address", 300 * settings.LimitFactor, Quarter, 10 * settings.LimitFactor);

    /// <summary>The meter of a caller, and the refusal when its minute is used up: from memory, before anything is read.</summary>
    public async ValueTask<(RequestMeter Meter, Problem? Refusal)> Enter(Principal principal)
    {
        // The first request of a customer's key here comes in before its plan is read.
        var meter = meters.TryGetValue(principal.Id, out RequestMeter? known) ? known! : NewMeter(principal.Id);
        return await meter.Enter(QuotaOf(principal, customer: null)) ? (meter, null) : (meter, Failures.TooManyRequests(meter.Status));
    }

    /// <summary>Requests a minute. A key has what its customer's plan says; people and staff have the same everywhere.</summary>
    public int QuotaOf(Principal principal, Customer? customer) => settings.LimitFactor * principal switch
    {
        { Kind: PrincipalKind.System } => SystemRequests,
        { CustomerId: not null } => PlanCatalogue.Of(customer?.Plan ?? "enterprise").RequestsPerMinute,
        { Role: not null } => StaffRequests,
        _ => PersonRequests,
    };

    /// <summary>One more secret shown; <paramref name="principal"/> is null where the caller shows who it is by the request itself.</summary>
    public async Task<Problem?> Reveal(Principal? principal, IPAddress? address, CancellationToken cancellation)
    {
        if (principal is { Role: not null, CustomerId: null }) { return await attempts.Try(ofStaff, principal.Id, cancellation); }
        return (principal is null ? null : await attempts.Try(ofCaller, principal.Id, cancellation)) ?? await attempts.Try(ofAddress, address, cancellation);
    }

    private RequestMeter NewMeter(string caller) => meters.GetOrCreate(caller, entry =>
    {
        entry.Size = 1;
        entry.SlidingExpiration = 5 * RequestMeter.Window;
        return new RequestMeter(caller, counts, clock);
    })!;

    public void Dispose() => meters.Dispose();
}

internal static class RequestLimitsExtensions
{
    public static RouteHandlerBuilder LimitsReveals(this RouteHandlerBuilder route) => route.WithMetadata(new RevealsSecret()).ProducesProblem(429);
}
