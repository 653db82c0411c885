using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>How an account's rotation stands.</summary>
/// <param name="State"><c>healthy</c>; <c>due</c> when a rotation is due or under way, also while its window, quiet hours or its pair keep it waiting; <c>failing</c> when its last attempt failed; <c>parked</c> when it is no longer tried; <c>paused</c> while the customer or the account is suspended.</param>
/// <param name="LastRotatedAt">When the current key became current.</param>
/// <param name="NextRotationAt">When the schedule comes next, or looks again whether it may.</param>
/// <param name="OverdueBy">For how long the next rotation has been due, whatever it waits for; absent when it is not.</param>
/// <param name="Deadline">By when another key should be current: the expiry of the secret in Key Vault.</param>
/// <param name="WorstCaseRetry">How long the attempts that are left take at the most.</param>
/// <param name="Margin">The time to the deadline without that; below zero the retries may come too late.</param>
/// <param name="AlarmedAt">When the margin was found to be gone.</param>
/// <param name="Attempts">Attempts that failed, of at most nine.</param>
/// <param name="FailedStep">The step that failed last.</param>
/// <param name="Failure">What went wrong last.</param>
/// <param name="NextAttemptAt">When it is tried again.</param>
/// <param name="ParkedAt">Since when it is no longer tried; <c>POST …/unpark</c> tries again.</param>
/// <param name="SecretVersions">How many versions its secret has, which cannot be removed one by one; absent until they have been counted.</param>
public sealed record RotationHealth(
    string State, DateTimeOffset? LastRotatedAt, DateTimeOffset? NextRotationAt, TimeSpan? OverdueBy, DateTimeOffset? Deadline, TimeSpan WorstCaseRetry, TimeSpan? Margin, DateTimeOffset? AlarmedAt,
    int Attempts, RotationStep? FailedStep, string? Failure, DateTimeOffset? NextAttemptAt, DateTimeOffset? ParkedAt, int? SecretVersions)
{
    internal static RotationHealth Of(ServiceAccount account, DateTimeOffset now)
    {
        var rotation = account.Rotation;
        var state = account switch
        {
            { Rotation.ParkedAt: not null } => "parked",
            { PausedAt: not null } or { Suspension: not null } => "paused",
            { Rotation.Attempts: > 0 } => "failing",
            { DueSince: null } => "due",
            { DueSince: var due } when due <= now => "due",
            _ => "healthy",
        };
        return new RotationHealth(
            state, account.Current?.ActivatedAt, account.NextRotationAt, account.DueSince < now ? now - account.DueSince : null, RotationRetries.Deadline(account),
            RotationRetries.WorstCase(rotation.Attempts), RotationRetries.Margin(account, now), account.MarginAlarmedAt, rotation.Attempts, rotation.LastFailure?.Step, rotation.LastFailure?.Reason,
            rotation.Attempts > 0 && rotation.ParkedAt is null ? account.WorkDueAt : null, rotation.ParkedAt, account.SecretVersions);
    }
}

/// <summary>Reads how an account's rotation stands: last, next, overdue, failures, and what is left before it is too late.</summary>
internal static class GetRotationHealth
{
    public static async Task<Results<Ok<RotationHealth>, Problem>> Handle(string customerId, string serviceAccountId, ServiceAccountStore store, TimeProvider clock, CancellationToken cancellation) =>
        await GetServiceAccount.Find(customerId, serviceAccountId, store, cancellation) is { } account ? TypedResults.Ok(RotationHealth.Of(account.Value, clock.GetUtcNow())) : Failures.NotFound("service account");
}
