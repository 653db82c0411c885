using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;

namespace CustomerFunctions.SignIn;

/// <summary>How people come in, and what they do about their own accounts.</summary>
internal static class SignInApi
{
    public static void MapSignIn(this IEndpointRouteBuilder app)
    {
        var auth = app.MapGroup("/api/auth").WithTags("Sign-in");
        auth.MapPost("register", Register.Handle).WithName("Register").IsOpen().ProducesProblem(400).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("confirm-email", ConfirmEmail.Handle).WithName("ConfirmEmail").IsOpen().ProducesProblem(400).ProducesProblem(401).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("forgot-password", ForgotPassword.Handle).WithName("ForgotPassword").IsOpen().ProducesProblem(400).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("reset-password", ResetPassword.Handle).WithName("ResetPassword").IsOpen().ProducesProblem(400).ProducesProblem(422).ProducesProblem(429).ProducesProblem(503);
        auth.MapPost("sign-in", SignInWithPassword.Handle).WithName("SignIn").IsOpen().ProducesSignInProblems();
        auth.MapPost("sign-in/second-factor", SignInWithSecondFactor.Handle).WithName("SignInWithSecondFactor").IsOpen().ProducesSignInProblems();
        auth.MapPost("sign-in/passkey/options", BeginPasskeySignIn.Handle).WithName("BeginPasskeySignIn").IsOpen().ProducesProblem(503);
        auth.MapPost("sign-in/passkey", SignInWithPasskey.Handle).WithName("SignInWithPasskey").IsOpen().ProducesSignInProblems().ProducesProblem(422);
        auth.MapPost("refresh", RefreshSession.Handle).WithName("RefreshSession").IsOpen().ProducesProblem(400).ProducesProblem(401).ProducesProblem(503);

        auth.MapPost("sign-out", SignOut.Handle).WithName("SignOut").Requires(Permission.AccountSelf);
        auth.MapPost("sign-out-everywhere", SignOutEverywhere.Handle).WithName("SignOutEverywhere").Requires(Permission.AccountSelf);
        auth.MapPost("change-password", ChangePassword.Handle).WithName("ChangePassword").Requires(Permission.AccountSelf).ProducesProblem(400);
        auth.MapGet("me", GetMe.Handle).WithName("GetMe").HasETag().Requires(Permission.AccountSelf);
        auth.MapPatch("me", PatchMe.Handle).WithName("PatchMe").Requires(Permission.AccountSelf).Accepts<ProfileFields>("application/merge-patch+json").ProducesProblem(400).ProducesProblem(412).ProducesProblem(428);
        auth.MapGet("sessions", ListSessions.Handle).WithName("ListSessions").Requires(Permission.AccountSelf);
        auth.MapDelete("sessions/{sessionId}", EndSession.Handle).WithName("EndSession").Requires(Permission.AccountSelf).ProducesProblem(404);

        var factor = auth.MapGroup("second-factor");
        factor.MapPost("", SetUpSecondFactor.Handle).WithName("SetUpSecondFactor").Requires(Permission.AccountSelf).ProducesProblem(409);
        factor.MapPost("confirm", ConfirmSecondFactor.Handle).WithName("ConfirmSecondFactor").Requires(Permission.AccountSelf).ProducesProblem(400).ProducesProblem(409);
        factor.MapPost("recovery-codes", RenewRecoveryCodes.Handle).WithName("RenewRecoveryCodes").Requires(Permission.AccountSelf).ProducesProblem(409);
        factor.MapDelete("", RemoveSecondFactor.Handle).WithName("RemoveSecondFactor").Requires(Permission.AccountSelf).ProducesProblem(409);

        var passkeys = auth.MapGroup("passkeys");
        passkeys.MapPost("options", BeginPasskey.Handle).WithName("BeginPasskey").Requires(Permission.AccountSelf);
        passkeys.MapPost("", AddPasskey.Handle).WithName("AddPasskey").Requires(Permission.AccountSelf).IsIdempotent();
        passkeys.MapGet("", ListPasskeys.Handle).WithName("ListPasskeys").Requires(Permission.AccountSelf);
        passkeys.MapDelete("{passkeyId}", RemovePasskey.Handle).WithName("RemovePasskey").Requires(Permission.AccountSelf).ProducesProblem(404).ProducesProblem(409);
    }

    private static RouteHandlerBuilder ProducesSignInProblems(this RouteHandlerBuilder route) =>
        route.ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(429).ProducesProblem(503);
}
