using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <summary>Ends the session of the access token that it is called with.</summary>
internal static class SignOut
{
    public static async Task<Results<NoContent, Problem>> Handle(Caller caller, PersonSessions sessions, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        await accounts.Change(self.Stored, account => account.WithoutSession(self.Session.Id).Recorded(account, caller, clock, "signedOut"), cancellation);
        return TypedResults.NoContent();
    }
}

/// <summary>Ends all of the person's sessions.</summary>
internal static class SignOutEverywhere
{
    public static async Task<Results<NoContent, Problem>> Handle(Caller caller, PersonSessions sessions, AccountStore accounts, TimeProvider clock, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        await accounts.Change(self.Stored, account => (account with { Sessions = [], SecurityVersion = account.SecurityVersion + 1 }).Recorded(account, caller, clock, "signedOutEverywhere"), cancellation);
        return TypedResults.NoContent();
    }
}
