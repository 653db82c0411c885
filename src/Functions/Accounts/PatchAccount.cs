using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.IdentityProvider;
using CustomerFunctions.Members;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Accounts;

/// <param name="Name">1 to 120 characters.</param>
/// <param name="Role">customer, sales_rep, operator or admin.</param>
/// <param name="Disabled">A disabled account has no sessions and begins none.</param>
public sealed record AccountFields(string? Name = null, string? Role = null, bool? Disabled = null)
{
    internal Problem? Check()
    {
        var checks = new Checks();
        checks.Text("/name", Name, 120, required: true);
        if (PlatformRoles.Find(Role) is null) { checks.Add("/role", Role is null ? "required" : "unknown-value", PlatformRoles.Expected); }
        if (Disabled is null) { checks.Add("/disabled", "required", "Expected true or false."); }
        return checks.Refusal;
    }
}

/// <summary>
/// Changes an account: the one place where platform roles are assigned. Sessions end with a change of role, and when
/// the account is disabled; customers that have no other owner who can sign in are told then.
/// </summary>
internal static class PatchAccount
{
    public static async Task<Results<Ok<AccountResponse>, Problem>> Handle(
        string accountId, Caller caller, AccountStore accounts, AdminRegister admins, CustomerStore customers, TimeProvider clock, HttpContext context, CancellationToken cancellation)
    {
        var (patch, malformed) = await RequestBody.ReadMergePatch(context.Request, cancellation);
        if (patch is null) { return malformed!; }
        if (!Ids.IsValid(accountId, "acc_") || await accounts.Read(accountId, cancellation) is not { } before) { return Failures.NotFound("account"); }
        if (Preconditions.Check(context.Request, before.ETag) is { } refusal) { return refusal; }

        var account = before.Value;
        var (fields, unfit) = RequestBody.Patch(new AccountFields(account.Name, PlatformRoles.Name(account.Role), account.Disabled), patch, ApiJson.Default.AccountFields);
        if (fields is null) { return unfit!; }
        if (fields.Check() is { } invalid) { return invalid; }

        var after = Apply(account, fields);
        if (patch.ContainsKey("disabled")) { after = IdentityRules.DecidedByStaff(after); }
        if (IsAdmin(after)) { await admins.Enter(accountId, cancellation); }
        else if (IsAdmin(account) && !await admins.TryStrikeOut(accountId, cancellation)) { return Failures.LastAdmin(); }
        if (await accounts.TryReplace(before, after.Recorded(account, caller, clock, after.Disabled ? "disabled" : "roleChanged"), cancellation) is not { } changed) { return Failures.Stale(); }
        context.Response.Headers.ETag = changed.ETag;
        IReadOnlyList<string> ownerless = after.Disabled && !account.Disabled ? await Owners.TellOfLast(changed.Value, caller, accounts, customers, clock, cancellation) : [];
        return TypedResults.Ok(AccountResponse.From(changed.Value) with { OwnerlessCustomers = ownerless.Count == 0 ? null : ownerless });
    }

    private static Account Apply(Account account, AccountFields fields)
    {
        var after = account with { Name = fields.Name!.Trim(), Role = PlatformRoles.Find(fields.Role)!.Value, Disabled = fields.Disabled!.Value };
        return after.Role == account.Role && !after.Disabled ? after : after with { Sessions = [], SecurityVersion = account.SecurityVersion + 1 };
    }

    private static bool IsAdmin(Account account) => account is { Role: PlatformRole.Admin, Disabled: false };
}
