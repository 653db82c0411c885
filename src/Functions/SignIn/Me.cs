using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.SignIn;

/// <summary>The caller's own account.</summary>
internal static class GetMe
{
    public static async Task<Results<Ok<AccountResponse>, Problem>> Handle(Caller caller, PersonSessions sessions, CustomerStore customers, HttpResponse response, CancellationToken cancellation)
    {
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        response.Headers.ETag = self.Stored.ETag;
        return TypedResults.Ok(await Memberships.Shown(self.Account, customers, cancellation));
    }
}

/// <summary>Changes what people say of themselves, by an RFC 7396 merge patch.</summary>
internal static class PatchMe
{
    public static async Task<Results<Ok<AccountResponse>, Problem>> Handle(Caller caller, PersonSessions sessions, AccountStore accounts, CustomerStore customers, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (await sessions.Read(caller, cancellation) is not { } self) { return Failures.SessionOver(); }
        if (Preconditions.Check(context.Request, self.Stored.ETag) is { } refusal) { return refusal; }

        var (fields, unfit) = RequestBody.Patch(ProfileFields.Of(self.Account), patch, ApiJson.Default.ProfileFields);
        if (fields is null) { return unfit!; }
        if (fields.Check() is { } invalid) { return invalid; }

        if (await accounts.TryReplace(self.Stored, fields.ApplyTo(self.Account).Recorded(self.Account, caller, clock), cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        return TypedResults.Ok(await Memberships.Shown(changed.Value, customers, cancellation));
    }
}
