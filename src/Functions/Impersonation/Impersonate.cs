using System.ComponentModel.DataAnnotations;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Impersonation;

/// <param name="Reason">Why: 10 to 500 characters. It stands in every audit event of the impersonation.</param>
public sealed record ImpersonateRequest([property: Required] string? Reason = null);

/// <param name="AccessToken">Acts as the account until <paramref name="ExpiresAt"/>; there is no refresh token.</param>
/// <param name="ExpiresAt">At most thirty minutes from now; the staff member's own session ending ends it too.</param>
/// <param name="AccountId">Whom it acts as.</param>
/// <param name="ImpersonatedBy">Who it is in truth.</param>
public sealed record ImpersonationResponse(string AccessToken, DateTimeOffset ExpiresAt, string AccountId, string ImpersonatedBy);

/// <summary>
/// Lets a member of staff see what a customer's person sees. The token hangs on the staff member's session, may no more than the person and less: passwords, second factors, members, keys and
/// closing are out of its reach (see <see cref="Permissions"/>), and staff cannot be impersonated, so nobody gains anything by it.
/// </summary>
internal static class Impersonate
{
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(30);

    public static async Task<Results<Ok<ImpersonationResponse>, Problem>> Handle(
        string accountId, ImpersonateRequest request, Caller caller, AccountStore accounts, Tokens tokens, AuditLog log, TimeProvider clock, CancellationToken cancellation)
    {
        var checks = new Checks();
        checks.Text("/reason", request.Reason, 500);
        if (request.Reason?.Trim().Length is < 10) { checks.Add("/reason", "too-short", "At least 10 characters: somebody will read it in the audit log."); }
        if (checks.Refusal is { } invalid) { return invalid; }
        if (caller.Principal is not { Kind: PrincipalKind.Person, SessionId: { } session }) { return Failures.ForbiddenHere("This takes a staff member's own session; keys impersonate nobody."); }
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { Value.Disabled: false } account) { return Failures.NotFound("account"); }
        if (account.Value.IsStaff) { return Failures.ForbiddenHere("Staff cannot be impersonated."); }

        var expires = clock.GetUtcNow() + Longest;
        var token = tokens.Write(new AccessTicket(accountId, session, expires, Impersonator: caller.Id, Reason: request.Reason!.Trim()));
        // Nothing is stored that could carry the event, so it is written before there is a token.
        await log.Append(AccountEvents.Event(accountId, "impersonation.started", caller, clock, metadata: new() { ["reason"] = request.Reason!.Trim() }), cancellation);
        return TypedResults.Ok(new ImpersonationResponse(token, expires, accountId, caller.Id));
    }
}
