using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Audit;

/// <param name="Intact">Whether everything that was looked at is as it was written.</param>
/// <param name="Checked">How many events this call has looked at.</param>
/// <param name="Broken">The first place where it is not.</param>
/// <param name="Head">The newest event's sequence; absent for an empty log. Whoever keeps this and <c>headHash</c> elsewhere can tell later that the log still has it.</param>
/// <param name="HeadHash">Its hash.</param>
/// <param name="NextLink">Goes on with a log that is too long for one call.</param>
public sealed record AuditVerification(bool Intact, int Checked, BrokenAt? Broken, long? Head, string? HeadHash, string? NextLink);

/// <summary>Verifies an audit log, a customer's or an account's: whether a row was changed, removed or inserted since it was written.</summary>
internal static class VerifyAuditLog
{
    public static async Task<Results<Ok<AuditVerification>, Problem>> Handle(
        string customerId, string? continuation, AuditLog log, AuditVerifier verifier, HttpRequest request, CancellationToken cancellation) =>
        await Verify(customerId, continuation, log, verifier, request, cancellation);

    public static async Task<Results<Ok<AuditVerification>, Problem>> OfAccount(
        string accountId, string? continuation, AccountStore accounts, AuditLog log, AuditVerifier verifier, HttpRequest request, CancellationToken cancellation)
    {
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is null) { return Failures.NotFound("account"); }
        return await Verify(accountId, continuation, log, verifier, request, cancellation);
    }

    public static async Task<Results<Ok<AuditVerification>, Problem>> OfCaller(
        Caller caller, string? continuation, AuditLog log, AuditVerifier verifier, HttpRequest request, CancellationToken cancellation) =>
        await Verify(caller.Id, continuation, log, verifier, request, cancellation);

    private static async Task<Results<Ok<AuditVerification>, Problem>> Verify(
        string partition, string? continuation, AuditLog log, AuditVerifier verifier, HttpRequest request, CancellationToken cancellation)
    {
        var list = $"audit-log-verification|{partition}";
        var checks = new Checks();
        checks.Parameters(request, ["continuation"]);
        if (!Paging.TryContinuation(request, continuation, list, out var from)) { checks.Add("?continuation", "malformed", "Expected what nextLink had."); }
        if (checks.Refusal is { } refusal) { return refusal; }

        var verified = await verifier.Verify(partition, from, cancellation);
        var head = await log.ReadHead(partition, cancellation);
        return TypedResults.Ok(new AuditVerification(
            verified.Broken is null, verified.Checked, verified.Broken, head.Sequence == 0 ? null : head.Sequence, head.Sequence == 0 ? null : head.Hash,
            Paging.NextLink(request, list, verified.Next)));
    }
}
