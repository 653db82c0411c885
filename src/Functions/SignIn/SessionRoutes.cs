using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <summary>A session as its owner sees it.</summary>
public sealed record SessionResponse(string Id, bool IsCurrent, DateTimeOffset CreatedAt, DateTimeOffset RefreshedAt, DateTimeOffset EndsAt, bool SecondFactor, string? Address, string? UserAgent);

/// <summary>Where the person is signed in.</summary>
internal static class ListSessions
{
    public static async Task<Results<Ok<PageOf<SessionResponse>>, Problem>> Handle(Caller caller, PersonSessions sessions, TimeProvider clock, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        var standing = from session in self.Account.Sessions
                       let ends = SessionRules.EndsAt(session, self.Account.IsStaff)
                       where ends > clock.GetUtcNow()
                       orderby session.CreatedAt descending
                       select new SessionResponse(session.Id, session.Id == self.Session.Id, session.CreatedAt, session.RefreshedAt, ends, session.SecondFactor, session.Address, session.UserAgent);
        return TypedResults.Ok(new PageOf<SessionResponse>([.. standing], NextLink: null));
    }
}

/// <summary>Ends one of the person's sessions.</summary>
internal static class EndSession
{
    public static async Task<Results<NoContent, Problem>> Handle(string sessionId, Caller caller, PersonSessions sessions, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        var changed = await accounts.Change(self.Stored, account => account.Session(sessionId) is null ? null : account.WithoutSession(sessionId).Recorded(account, caller, clock, "ended"), cancellation);
        return changed is null ? Failures.NotFound("session") : TypedResults.NoContent();
    }
}
