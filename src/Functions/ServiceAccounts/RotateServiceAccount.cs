using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Rotates a service account's key now, as the timer would. While a rotation is under way or the old key's overlap lasts, another is refused: a third live key cannot
/// be had for two-slot kinds, and would end the first one's overlap early.
/// </summary>
internal static class RotateServiceAccount
{
    public static async Task<Results<Accepted<RotationResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string? whatIf, CustomerInPath customer, Caller caller, ServiceAccountStore store, RotationEngine engine, RotationTurns turns, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        if (asked) { return await Foresee(customer.Value, serviceAccountId, store, clock, cancellation); }
        var (claimed, refusal) = await Claim(customerId, serviceAccountId, caller, store, turns, clock, cancellation);
        if (claimed is null) { return refusal!; }

        var (_, account) = await engine.Run(claimed, cancellation);
        var link = $"{context.Request.Scheme}://{context.Request.Host}{RotationResponse.Link(account.Value)}";
        context.Response.Headers["Operation-Location"] = link;
        return TypedResults.Accepted(link, RotationResponse.From(account.Value));
    }

    private static async Task<Results<Accepted<RotationResponse>, Ok<WhatIfResponse>, Problem>> Foresee(
        Customer customer, string serviceAccountId, ServiceAccountStore store, TimeProvider clock, CancellationToken cancellation)
    {
        if (await GetServiceAccount.Find(customer.Id, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
        if (RefusalOf(account.Value) is { } refusal) { return refusal; }
        return TypedResults.Ok(WhatIfResponse.Of(Effects.OfRotating(account.Value, customer.Status == CustomerStatus.Active, clock.GetUtcNow())));
    }

    private static Problem? RefusalOf(ServiceAccount account) => account switch
    {
        { Deletion: not null } => Failures.ServiceAccountDeleting(),
        { Suspension: not null } => Failures.ServiceAccountNotActive(),
        { Rotation.Step: not RotationStep.Done } => Failures.RotationInProgress(RotationResponse.Link(account)),
        _ => null,
    };

    private static async Task<(Stored<ServiceAccount>? Claimed, Problem? Refusal)> Claim(
        string customerId, string serviceAccountId, Caller caller, ServiceAccountStore store, RotationTurns turns, TimeProvider clock, CancellationToken cancellation)
    {
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return (null, Failures.NotFound("service account")); }
            if (RefusalOf(account.Value) is { } refusal) { return (null, refusal); }
            if (await turns.Hindrance(account.Value, yields: false, cancellation) is { } partner) { return (null, Failures.RotationInProgress(RotationResponse.Link(partner))); }

            var started = KeyRotation.Start(account.Value, RotationTrigger.Manual, caller.Id, Ids.Rotation(clock), Ids.Key(clock), clock.GetUtcNow()).Recorded("serviceAccount.rotationRequested", caller, clock);
            if (await store.TryReplace(account, started, cancellation) is { } claimed) { return (claimed, null); }
        }
    }
}
