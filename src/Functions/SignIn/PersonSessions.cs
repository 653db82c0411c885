using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Audit;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Shared;

namespace CustomerFunctions.SignIn;

/// <param name="AccessToken">Goes into the Authorization header, as a bearer token.</param>
/// <param name="ExpiresAt">When the access token's time is over.</param>
/// <param name="RefreshToken">Is exchanged, once, for the next two tokens.</param>
/// <param name="SessionId">The session that both belong to.</param>
/// <param name="SessionEndsAt">When the session is over if nobody refreshes it.</param>
/// <param name="SecondFactorSetupRequired">Whether this session can do nothing but set up a second factor.</param>
/// <param name="DeviceToken">To be kept on this device and sent at the next sign-in, so that a stranger's wrong passwords do not lock this person out.</param>
public sealed record TokenResponse(
    string AccessToken, DateTimeOffset ExpiresAt, string RefreshToken, string SessionId, DateTimeOffset SessionEndsAt, bool? SecondFactorSetupRequired = null, string? DeviceToken = null);

/// <summary>The signed-in person, read for this request.</summary>
internal sealed record Self(Stored<Account> Stored, Session Session)
{
    public Account Account => Stored.Value;
}

/// <summary>The sessions of people: begins them, goes on with them, and says whose an access token is.</summary>
internal sealed class PersonSessions(Tokens tokens, AccountStore accounts, TimeProvider clock)
{
    /// <summary>How fresh a sign-in must be for what changes how the person signs in (OWASP ASVS 5, 7.5.1).</summary>
    private static readonly TimeSpan Verified = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan DeviceLife = TimeSpan.FromDays(90);

    /// <summary>Whose the token is. The account behind it is asked at most every ten seconds, so what ends a session counts within that time everywhere.</summary>
    public async ValueTask<(Principal? Principal, Problem? Refusal)> Authenticate(string text, CancellationToken cancellation)
    {
        if (tokens.Access(text) is not { } ticket) { return (null, Failures.Unauthenticated()); }
        var now = clock.GetUtcNow();
        if (ticket.ExpiresAt <= now) { return (null, Failures.TokenExpired()); }
        if (ticket.Impersonator is { } staff) { return await Impersonating(ticket, staff, now, cancellation); }
        var account = await accounts.ReadRecent(ticket.AccountId, cancellation);
        // Memory answers for sessions that it knows. One that it does not know may have begun on another instance a moment ago.
        if (account?.Session(ticket.SessionId) is null) { account = await accounts.ReadNow(ticket.AccountId, cancellation); }
        if (account is null || account.Disabled || account.Session(ticket.SessionId) is not { } session || SessionRules.EndsAt(session, account.IsStaff) <= now) { return (null, Failures.SessionOver()); }
        var principal = new Principal(PrincipalKind.Person, account.Id, RoleOf(account.Role)) { SessionId = session.Id, OwesSecondFactor = account.OwesSecondFactor(session) };
        return (principal, null);
    }

    /// <summary>The account of the caller, as it is now; null when its session has just ended.</summary>
    public async Task<Self?> Read(Caller caller, CancellationToken cancellation) =>
        await accounts.Read(caller.Id, cancellation) is { Value.Disabled: false } account && account.Value.Session(caller.Principal.SessionId) is { } session ? new Self(account, session) : null;

    /// <summary>Null when the person has proven a moment ago to be there.</summary>
    public Problem? RefuseStale(Session session) => clock.GetUtcNow() - session.VerifiedAt <= Verified ? null : Failures.VerificationRequired();

    /// <summary>The account with a new session in it, and the session's first tokens; recorded as what makes <paramref name="before"/> into it. The oldest session makes room.</summary>
    public (Account Account, TokenResponse Response) Begin(Account account, Account before, bool secondFactor, HttpContext context)
    {
        var now = clock.GetUtcNow();
        var caller = AccountEvents.Themselves(account.Id, context);
        var (session, refresh) = Issue(account, new Session(Ids.Session(clock), Generation: -1, "", "", now, now, secondFactor, caller.Address, caller.UserAgent));
        var standing = account.Sessions.Where(other => SessionRules.EndsAt(other, account.IsStaff) > now).OrderBy(other => other.RefreshedAt).TakeLast(Account.MaxSessions - 1);
        var device = tokens.Write(new DeviceTicket(account.Email, now + DeviceLife));
        var after = (account with { Sessions = [.. standing, session], LastLoginAt = now }).Recorded(before, caller, clock, "madeRoom");
        return (after, Respond(account, session, refresh) with { DeviceToken = device });
    }

    /// <summary>Exchanges a refresh token for the next. An older one than the newest ends the session: it was copied, and there is no telling by whom.</summary>
    public async Task<(TokenResponse? Response, Problem? Refusal)> Refresh(string? text, HttpContext context, CancellationToken cancellation)
    {
        if (tokens.Refresh(text) is not { } ticket) { return (null, Failures.SessionOver()); }
        for (var account = await accounts.Read(ticket.AccountId, cancellation); account is not null; account = await accounts.Read(ticket.AccountId, cancellation))
        {
            var current = account.Value;
            var session = current.Disabled ? null : current.Session(ticket.SessionId);
            switch (SessionRules.Judge(session, ticket.Generation, session is not null && Tokens.Matches(ticket.Secret, session.Hash), current.IsStaff, clock.GetUtcNow()))
            {
                case RefreshVerdict.Over:
                    return (null, Failures.SessionOver());
                case RefreshVerdict.JustReplaced:
                    return (Respond(current, session!, tokens.Unseal(session!.Newest)), null);
                case RefreshVerdict.Reused:
                    if (await accounts.TryReplace(account, WithoutReused(current, ticket.SessionId, context), cancellation) is not null) { return (null, Failures.TokenReused()); }
                    break;
                default:
                    var (next, refresh) = Issue(current, session!);
                    if (await accounts.TryReplace(account, current.With(next), cancellation) is not null) { return (Respond(current, next, refresh), null); }
                    break;
            }
        }
        return (null, Failures.SessionOver());
    }

    /// <summary>Tokens of the same session that act for a customer; null when the session is over.</summary>
    public async Task<TokenResponse?> ActFor(Caller caller, string customerId, CancellationToken cancellation)
    {
        if (await Read(caller, cancellation) is not { } self) { return null; }
        if (self.Session.ActingCustomer == customerId) { return Respond(self.Account, self.Session, tokens.Unseal(self.Session.Newest)); }
        var changed = await accounts.Change(
            self.Stored,
            account => account.Session(self.Session.Id) is { } session ? account.With(session with { ActingCustomer = customerId }).RecordedSwitch(session.Id, customerId, caller, clock) : null,
            cancellation);
        return changed?.Value.Session(self.Session.Id) is { } acting ? Respond(changed.Value, acting, tokens.Unseal(acting.Newest)) : null;
    }

    /// <summary>A member of staff in somebody's name: good as long as both accounts are and the staff member's own session stands.</summary>
    private async Task<(Principal? Principal, Problem? Refusal)> Impersonating(AccessTicket ticket, string staffId, DateTimeOffset now, CancellationToken cancellation)
    {
        var staff = await accounts.ReadRecent(staffId, cancellation);
        var account = await accounts.ReadRecent(ticket.AccountId, cancellation);
        var stands = staff is { Disabled: false, IsStaff: true } && staff.Session(ticket.SessionId) is { } session && SessionRules.EndsAt(session, isStaff: true) > now;
        if (!stands || account is not { Disabled: false, IsStaff: false }) { return (null, Failures.SessionOver()); }
        return (new Principal(PrincipalKind.Person, account.Id, Role: null) { Impersonator = new Impersonator(staffId, ticket.Reason!) }, null);
    }

    private Account WithoutReused(Account account, string sessionId, HttpContext context)
    {
        var caller = AccountEvents.Themselves(account.Id, context);
        return account.WithoutSession(sessionId).RecordedAs("session.refreshReused", caller, clock, target: new AuditTarget("session", sessionId)).Recorded(account, caller, clock, "refreshReused");
    }

    private static Role? RoleOf(PlatformRole role) => role switch
    {
        PlatformRole.Admin => Role.Admin,
        PlatformRole.Operator => Role.Operator,
        PlatformRole.SalesRep => Role.SalesRep,
        _ => null,
    };

    private (Session Session, string RefreshToken) Issue(Account account, Session session)
    {
        var ticket = new RefreshTicket(account.Id, session.Id, session.Generation + 1, Tokens.NewSecret());
        var text = tokens.Write(ticket);
        return (session with { Generation = ticket.Generation, Hash = ticket.Hash, Newest = tokens.Seal(text), RefreshedAt = clock.GetUtcNow() }, text);
    }

    private TokenResponse Respond(Account account, Session session, string refreshToken)
    {
        var ends = SessionRules.EndsAt(session, account.IsStaff);
        var expires = clock.GetUtcNow() + SessionRules.AccessTokenLife;
        expires = expires < ends ? expires : ends;
        var access = tokens.Write(new AccessTicket(account.Id, session.Id, expires, session.ActingCustomer));
        return new TokenResponse(access, expires, refreshToken, session.Id, ends, account.OwesSecondFactor(session) ? true : null);
    }
}
