using System.Net;
using CustomerFunctions.AccessLog;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared;
using CustomerFunctions.Trials;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Access;

/// <summary>
/// The one door. It finds out who calls, reads the customer in the path, and asks the table whether the caller may do there what the route does. The customer is read for every
/// request, so a hold or a changed role counts from the next request on, on every instance; the handler gets that reading. A foreign customer is 404 to whoever may not
/// know of it, so that nobody learns what exists.
/// </summary>
internal sealed class Guard(
    RequestDelegate next, Authenticator authenticator, CustomerStore customers, KeyUse keyUse, AccessUse accessUse, RequestLimits limits, RequestUsage usage, RefusalLog refusals)
{
    private const string Bearer = "Bearer ";

    public async Task Invoke(HttpContext context)
    {
        var endpoint = context.GetEndpoint();
        if (endpoint is null) { await Failures.NoSuchRoute().ExecuteAsync(context); return; }
        if (endpoint is not RouteEndpoint) { await RefuseAsRoutingDid(context); return; }

        var requirement = endpoint.Metadata.GetMetadata<Requirement>()!;
        var refusal = requirement switch
        {
            { HostOnly: true } => IsFromHost(context) ? null : Failures.NoSuchRoute(),
            { Permission: null } => await LimitReveals(context, endpoint, principal: null),
            { Permission: { } permission } => await Enter(context, endpoint, permission),
        };
        await (refusal is null ? next(context) : refusal.ExecuteAsync(context));
        var status = context.Response.StatusCode;
        if (refusal is null && status < 300 && endpoint.Metadata.GetMetadata<RevealsSecret>() is not null) { NoteSecret(context); }
        if ((status is 403 or 429 || refusal is not null) && context.Features.Get<Caller>() is { } caller) { refusals.Note(caller, status, refusal?.Kind.Code, context); }
    }

    private async Task<Problem?> Enter(HttpContext context, Endpoint endpoint, Permission permission)
    {
        var (principal, refusal) = await authenticator.Authenticate(Credential(context.Request), context.RequestAborted);
        if (principal is null) { return refusal; }
        var caller = new Caller(principal, context);
        if (refusal is not null)
        {
            refusals.NoteKey(caller, refusal.Kind.Code);
            return NoteRefusal(caller, refusal);
        }
        context.Features.Set(caller);
        if (!Networks.Allow(principal.Networks, context.Connection.RemoteIpAddress)) { return NoteRefusal(caller, Failures.AddressNotAllowed()); }
        if (principal.OwesSecondFactor && permission != Permission.AccountSelf) { return Failures.SecondFactorSetupRequired(); }

        // Before anything is read for it: what an earlier request has shown of the caller's plan counts.
        var (meter, tooMany) = await limits.Enter(principal);
        refusal = tooMany ?? await Admit(context, endpoint, permission, caller, meter);
        context.Features.Set(meter.Status);
        return refusal;
    }

    private async Task<Problem?> Admit(HttpContext context, Endpoint endpoint, Permission permission, Caller caller, RequestMeter meter)
    {
        var principal = caller.Principal;
        if (endpoint.Metadata.GetMetadata<OwnAccountOnly>() is not null && !principal.IsStaff && (string?)context.Request.RouteValues["accountId"] != principal.Id) { return Failures.NotFound("account"); }
        var worst = WorstAdmitted(endpoint);
        var (customer, unfit) = context.Request.RouteValues.TryGetValue("customerId", out var id)
            ? await ReadCustomer(context, principal, (string)id!, worst, meter)
            : (null, await OwnCustomerRefuses(context, principal, worst, meter));
        if (unfit is not null) { return unfit; }
        if (MayNot(context, endpoint, permission, principal, customer?.Value) is { } refused) { return refused; }
        if (customer is not null) { context.Features.Set(customer); }
        usage.Note(principal, customer?.Value);
        keyUse.Note(caller);
        accessUse.NoteKey(caller);
        return await LimitReveals(context, endpoint, principal);
    }

    /// <summary>Why the caller may not do this to the customer as it is now, for a request that is executed again; null when it may.</summary>
    public static Problem? Refuses(HttpContext context, Customer? customer)
    {
        var (endpoint, principal) = (context.GetEndpoint()!, context.Features.Get<Caller>()!.Principal);
        var permission = endpoint.Metadata.GetMetadata<Requirement>()!.Permission!.Value;
        return Unfit(context, principal, customer, WorstAdmitted(endpoint)) ?? MayNot(context, endpoint, permission, principal, customer);
    }

    private static CustomerStatus WorstAdmitted(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AdmitsStanding>()?.Worst ?? CustomerStatus.Active;

    private static Problem? MayNot(HttpContext context, Endpoint endpoint, Permission permission, Principal principal, Customer? customer)
    {
        if (!principal.May(permission, customer)) { return principal.IsConfinedFrom(permission) ? Failures.ScopeMissing(Permissions.Name(permission)) : Failures.Forbidden(Permissions.Name(permission)); }
        if (customer is not null && !principal.IsStaff && TrialStanding.Refuses(customer, permission, context.Request.Method) is { } ended) { return ended; }
        return customer is not null && endpoint.Metadata.GetMetadata<TakesFeature>() is { Flag: var flag } ? FeatureFlags.Refuses(flag, customer) : null;
    }

    /// <summary>Notes that a known key was refused, and returns the refusal.</summary>
    private Problem NoteRefusal(Caller caller, Problem refusal)
    {
        keyUse.NoteRefusal(caller, refusal.Kind.Code);
        accessUse.NoteRefusal(caller);
        return refusal;
    }

    private void NoteSecret(HttpContext context)
    {
        if (context.Features.Get<Caller>() is not { } caller) { return; }
        if ((caller.Principal.CustomerId ?? (string?)context.Request.RouteValues["customerId"]) is { } customerId) { accessUse.NoteSecret(caller, customerId, (string?)context.Request.RouteValues["serviceAccountId"]); }
    }

    private async ValueTask<Problem?> LimitReveals(HttpContext context, Endpoint endpoint, Principal? principal) =>
        endpoint.Metadata.GetMetadata<RevealsSecret>() is null ? null : await limits.Reveal(principal, context.Connection.RemoteIpAddress, context.RequestAborted);

    /// <summary>The customer in the path, if the caller may know of it and it stands well enough for this route.</summary>
    private async Task<(CustomerInPath? Customer, Problem? Refusal)> ReadCustomer(HttpContext context, Principal principal, string id, CustomerStatus worst, RequestMeter meter)
    {
        if (principal.CustomerId is { } own && own != id)
        {
            return (null, await OwnCustomerRefuses(context, principal, worst, meter) ?? Failures.NotFound("customer"));
        }
        if (!Ids.IsValid(id, "cus_")) { return (null, Failures.NotFound("customer")); }
        // Everyone else's rights are in the customer's document, so they are decided on a fresh reading.
        var (found, age) = await customers.ReadRecent(id, principal.IsStaff ? CustomerCache.AcceptedAge(context.Request) : TimeSpan.Zero, context.RequestAborted);
        meter.Learn(limits.QuotaOf(principal, found?.Value));
        return Unfit(context, principal, found?.Value, worst) is { } unfit ? (null, unfit) : (new CustomerInPath(found!, age), null);
    }

    /// <summary>Why the caller may not know of the customer, or not use it as it is now.</summary>
    private static Problem? Unfit(HttpContext context, Principal principal, Customer? customer, CustomerStatus worst)
    {
        if (principal.CustomerId is not null && MachineRefuses(customer, worst) is { } refused) { return refused; }
        if (customer is null || !principal.RolesIn(customer).Any()) { return Failures.NotFound("customer"); }
        if (customer.Status == CustomerStatus.Closed && (worst != CustomerStatus.Closed || !principal.IsStaff)) { return Failures.NotFound("customer"); }
        return principal.IsStaff ? null : StandingRefuses(customer, worst) ?? AddressRefuses(customer, context);
    }

    /// <summary>A machine goes with its customer, also where no customer is in the path.</summary>
    private async Task<Problem?> OwnCustomerRefuses(HttpContext context, Principal principal, CustomerStatus worst, RequestMeter meter)
    {
        if (principal.CustomerId is not { } id) { return null; }
        var own = (await customers.Read(id, context.RequestAborted))?.Value;
        meter.Learn(limits.QuotaOf(principal, own));
        return MachineRefuses(own, worst) ?? AddressRefuses(own!, context);
    }

    private static Problem? MachineRefuses(Customer? own, CustomerStatus worst) => StandingRefuses(own, worst) ?? FeatureFlags.Refuses(FeatureFlags.ApiAccess, own!);

    private static Problem? AddressRefuses(Customer customer, HttpContext context) =>
        Networks.Allow(Networks.Parse(customer.AllowedNetworks), context.Connection.RemoteIpAddress) ? null : Failures.AddressNotAllowed();

    private static Problem? StandingRefuses(Customer? customer, CustomerStatus worst) => customer?.Status switch
    {
        CustomerStatus.Active => null,
        CustomerStatus.Suspended => worst == CustomerStatus.Active ? Failures.CustomerSuspended() : null,
        _ => Failures.Unauthenticated(),
    };

    /// <summary>What the caller shows.</summary>
    public static string? Credential(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        return authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim()
            : request.Headers.TryGetValue("X-Api-Key", out var key) ? key.ToString()
            : null;
    }

    /// <summary>
    /// Public traffic and timer calls share the port and the host's headers are on both. What tells them apart: the host forwards public calls with
    /// X-Forwarded-For, and only below /api; its own calls come straight over loopback without one.
    /// </summary>
    private static bool IsFromHost(HttpContext context) =>
        context.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address)
        && !context.Request.Headers.ContainsKey("X-Forwarded-For") && !context.Request.Headers.ContainsKey("X-Original-For");

    /// <summary>Routing answers a wrong method (405) or content type (415) with an endpoint of its own; it gets the form all refusals have.</summary>
    private async Task RefuseAsRoutingDid(HttpContext context)
    {
        await next(context);
        if (context.Response.HasStarted) { return; }
        var problem = context.Response.StatusCode == StatusCodes.Status415UnsupportedMediaType
            ? Failures.UnsupportedMediaType(RequestBody.AcceptedBy(context.Request.Method))
            : Failures.MethodNotAllowed(context.Response.Headers.Allow);
        await problem.ExecuteAsync(context);
    }
}
