using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;
using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.WhatIf;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

public enum RotationMode
{
    /// <summary>As the timer would: the old key stays good for its overlap.</summary>
    [JsonStringEnumMemberName("normal")] Normal,

    /// <summary>Without an overlap: every other key stops working as soon as the new one is current.</summary>
    [JsonStringEnumMemberName("emergency")] Emergency,
}

/// <param name="Mode"><c>normal</c>, which is also what an absent body means, or <c>emergency</c>.</param>
/// <param name="Reason">Why, 1 to 500 characters, for the audit log and the list of keys; an emergency needs one.</param>
public sealed record RotateRequest([property: Required(ErrorMessage = "The field is required; without a body the mode is normal.")] RotationMode? Mode = null, string? Reason = null)
{
    internal bool IsEmergency => Mode == RotationMode.Emergency;

    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/reason", Reason, 500, required: IsEmergency);
        return checks.Refusal;
    }
}

/// <summary>
/// Rotates a service account's key now, as the timer would. While a rotation is under way or the old key's overlap lasts, another is refused: a third live key cannot
/// be had for two-slot kinds, and would end the first one's overlap early. An emergency ends it, and takes over a rotation that stands still; it waits only for an instance that is at work.
/// </summary>
internal static class RotateServiceAccount
{
    public static async Task<Results<Accepted<RotationResponse>, Ok<WhatIfResponse>, Problem>> Handle(
        string customerId, string serviceAccountId, string? whatIf, RotateRequest? request, CustomerInPath customer, Caller caller, ServiceAccountStore store, RotationEngine engine, RotationTurns turns, NewIds ids, TimeProvider clock, HttpContext context,
        CancellationToken cancellation)
    {
        if (!WhatIfQuery.TryRead(context.Request, whatIf, out var asked, out var unclear)) { return unclear; }
        request ??= new RotateRequest(RotationMode.Normal);
        if (request.Check() is { } invalid) { return invalid; }
        // Everybody who holds the old key is cut off; that is for a person to answer for.
        if (request.IsEmergency && caller.Principal.Kind == PrincipalKind.ApiKey) { return Failures.ForbiddenHere("An emergency is declared by a person, not by a key."); }
        var requestId = ids.Request();
        while (true)
        {
            if (await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is not { } account) { return Failures.NotFound("service account"); }
            // Whoever sent it has not had the answer.
            if (account.Value.Rotation.RequestId == requestId) { return Answer(account.Value, context, clock); }
            var now = clock.GetUtcNow();
            if (RefusalOf(account.Value, request, now) is { } refusal) { return refusal; }
            if (!request.IsEmergency && await turns.Hindrance(account.Value, yields: false, cancellation) is { } partner) { return Failures.RotationInProgress(RotationResponse.Link(partner)); }
            if (asked) { return TypedResults.Ok(WhatIfResponse.Of(Effects.OfRotating(account.Value, customer.Value.Status == CustomerStatus.Active, request.IsEmergency, now))); }

            var started = Start(account.Value, request, caller.Id, clock);
            started = (started with { Rotation = started.Rotation with { RequestId = requestId } }).Recorded("serviceAccount.rotationRequested", caller, clock);
            if (await store.TryReplace(account, started, cancellation) is { } claimed) { return Answer((await engine.RunToTheEnd(claimed, cancellation)).Value, context, clock); }
        }
    }

    /// <summary>Says where to follow the rotation.</summary>
    public static Accepted<RotationResponse> Answer(ServiceAccount account, HttpContext context, TimeProvider clock) =>
        TypedResults.Accepted(JobHeaders.Follow(context, RotationResponse.Link(account)), RotationResponse.From(account).LookedAt(context, clock));

    private static ServiceAccount Start(ServiceAccount account, RotateRequest request, string by, TimeProvider clock)
    {
        var (rotationId, keyId, now) = (Ids.Rotation(clock), Ids.Key(clock), clock.GetUtcNow());
        return request.IsEmergency
            ? KeyRotation.Emergency(account, by, request.Reason!.Trim(), rotationId, keyId, now)
            : KeyRotation.Start(account, RotationTrigger.Manual, by, rotationId, keyId, now, reason: request.Reason?.Trim());
    }

    private static Problem? RefusalOf(ServiceAccount account, RotateRequest request, DateTimeOffset now) => account switch
    {
        { Deletion: not null } => Failures.ServiceAccountDeleting(),
        { Suspension: not null } => Failures.ServiceAccountNotActive(),
        { LeasedUntil: { } leased } when leased > now => Failures.RotationInProgress(RotationResponse.Link(account)),
        { Rotation.Step: not RotationStep.Done } when !request.IsEmergency => Failures.RotationInProgress(RotationResponse.Link(account)),
        _ => null,
    };
}
