using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>The routes of service accounts, the timer that rotates their keys, and the one that finishes what was begun.</summary>
internal static class ServiceAccountsApi
{
    public static void MapServiceAccounts(this IEndpointRouteBuilder app)
    {
        var accounts = app.MapGroup("/api/customers/{customerId}/service-accounts").WithTags("Service accounts");
        accounts.MapPost("", CreateServiceAccount.Handle).WithName("CreateServiceAccount").Requires(Permission.ServiceAccountsWrite).MakesOrRevokes().IsIdempotent().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(422);
        accounts.MapGet("", ListServiceAccounts.Handle).WithName("ListServiceAccounts").Requires(Permission.ServiceAccountsRead).ProducesProblem(400).ProducesProblem(404);
        accounts.MapGet("{serviceAccountId}", GetServiceAccount.Handle).WithName("GetServiceAccount").HasETag().Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        accounts.MapPatch("{serviceAccountId}", PatchServiceAccount.Handle).WithName("PatchServiceAccount").Requires(Permission.ServiceAccountsWrite).Accepts<ServiceAccountFields>("application/merge-patch+json")
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);
        accounts.MapDelete("{serviceAccountId}", DeleteServiceAccount.Handle).WithName("DeleteServiceAccount").Requires(Permission.ServiceAccountsDelete).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);
        accounts.MapPost("{serviceAccountId}/suspend", SuspendServiceAccount.Handle).WithName("SuspendServiceAccount").Requires(Permission.ServiceAccountsSuspend).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        accounts.MapPost("{serviceAccountId}/restore", RestoreServiceAccount.Handle).WithName("RestoreServiceAccount").Requires(Permission.ServiceAccountsSuspend).ProducesProblem(404).ProducesProblem(409);
        accounts.MapGet("{serviceAccountId}/keys", ListServiceAccountKeys.Handle).WithName("ListServiceAccountKeys").Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        accounts.MapPost("{serviceAccountId}/rotate", RotateServiceAccount.Handle).WithName("RotateServiceAccount").Requires(Permission.ServiceAccountsRotate).MakesOrRevokes().IsIdempotent().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        accounts.MapGet("{serviceAccountId}/rotations/{rotationId}", GetRotation.Handle).WithName("GetRotation").Requires(Permission.ServiceAccountsRead).ProducesProblem(404);

        accounts.MapPost("{serviceAccountId}/rehearse", RehearseRotation.Handle).WithName("RehearseRotation").Requires(Permission.ServiceAccountsRotate).MakesOrRevokes().ProducesProblem(404).ProducesProblem(409);
        accounts.MapPost("{serviceAccountId}/keys/current/reveal", RevealServiceAccountKey.Handle).WithName("RevealServiceAccountKey").Requires(Permission.ServiceAccountsReveal).LimitsReveals().ProducesProblem(404).ProducesProblem(409);
        accounts.MapGet("{serviceAccountId}/rotation-health", GetRotationHealth.Handle).WithName("GetRotationHealth").Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        accounts.MapPost("{serviceAccountId}/unpark", UnparkServiceAccount.Handle).WithName("UnparkServiceAccount").Requires(Permission.ServiceAccountsRotate).MakesOrRevokes().IsIdempotent().ProducesProblem(404).ProducesProblem(409);
        accounts.MapPatch("{serviceAccountId}/rotation-policy", PatchRotationPolicy.Handle).WithName("PatchRotationPolicy").Accepts<RotationPolicyRequest>("application/merge-patch+json").Requires(Permission.ServiceAccountsWrite).Takes(FeatureFlags.KeyRotation)
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesProblem(428);

        var quiet = app.MapGroup("/api/customers/{customerId}/quiet-hours").WithTags("Service accounts");
        quiet.MapGet("", GetQuietHours.Handle).WithName("GetQuietHours").HasETag().Requires(Permission.ServiceAccountsRead).ProducesProblem(404);
        quiet.MapPut("", ReplaceQuietHours.Handle).WithName("ReplaceQuietHours").Requires(Permission.ServiceAccountsWrite).Takes(FeatureFlags.KeyRotation).ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesProblem(428);

        app.MapGet("/api/customers/{customerId}/rotation-calendar", GetRotationCalendar.Handle).WithName("GetRotationCalendar").WithTags("Service accounts").Requires(Permission.ServiceAccountsRead).ProducesProblem(400).ProducesProblem(404);
        app.MapGet("/api/rotation-calendar", ListRotationCalendar.Handle).WithName("ListRotationCalendar").WithTags("Service accounts").Requires(Permission.RotationsList).ProducesProblem(400);

        app.MapPost("/" + nameof(RotateServiceAccountKeys), RotateServiceAccountKeys.Handle).IsTimer(nameof(RotateServiceAccountKeys), "RotationSchedule");
        app.MapPost("/" + nameof(SettleServiceAccounts), SettleServiceAccounts.Handle).IsTimer(nameof(SettleServiceAccounts), "ServiceAccountSchedule");
    }
}
