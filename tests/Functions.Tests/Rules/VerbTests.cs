using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.Rules;

/// <summary>Every verb of the product has tests: a class of its name, or the class of a path that it is a step of.</summary>
public sealed partial class VerbTests
{
    /// <summary>Verbs that are tested as steps of a path: the class that walks the path, and what in it is the step.</summary>
    private static readonly Dictionary<string, (string Tests, string Step)> Steps = new()
    {
        // An account is created, read, changed and closed in one life.
        ["CreateAccount"] = ("Accounts/AccountRoutesTests", "/api/accounts\""),
        ["GetAccount"] = ("Accounts/AccountRoutesTests", "Get($\"/api/accounts/{id}\")"),
        ["ListAccounts"] = ("Accounts/AccountRoutesTests", "Get(\"/api/accounts?"),
        ["PatchAccount"] = ("Accounts/AccountRoutesTests", "Patch($\"/api/accounts/"),
        // Signing in, the session that it opens and its end.
        ["SignInWithPassword"] = ("SignIn/SessionTests", "/api/auth/sign-in"),
        ["SignInWithSecondFactor"] = ("SignIn/SecondFactorTests", "person.SecondFactor("),
        ["SignInWithPasskey"] = ("SignIn/PasskeyTests", "sign-in/passkey"),
        ["RefreshSession"] = ("SignIn/SessionTests", "Refresh"),
        ["SessionRoutes"] = ("SignIn/SessionTests", "/sessions"),
        ["SignOut"] = ("SignIn/SessionTests", "sign-out"),
        ["Me"] = ("SignIn/SessionTests", "/api/auth/me"),
        ["PasskeyRoutes"] = ("SignIn/PasskeyTests", "passkeys"),
        ["SecondFactorRoutes"] = ("SignIn/SecondFactorTests", "second-factor"),
        // A mailed link is asked for, arrives and is used.
        ["ConfirmEmail"] = ("SignIn/RegisterTests", "confirm-email"),
        ["ForgotPassword"] = ("SignIn/PasswordTests", "forgot-password"),
        ["ResetPassword"] = ("SignIn/PasswordTests", "reset-password"),
        ["ChangePassword"] = ("SignIn/PasswordTests", "change-password"),
        ["SendMail"] = ("SignIn/EnumerationTests", "SendMail"),
        ["ListNotifications"] = ("Notifications/NotificationsTests", "/notifications"),
        ["ReadNotification"] = ("Notifications/NotificationsTests", "/read\""),
        // A service account from its creation to its deletion, and the rotations between.
        ["GetServiceAccount"] = ("ServiceAccounts/ServiceAccountRoutesTests", "Get(account.Path)"),
        ["ListServiceAccounts"] = ("ServiceAccounts/ServiceAccountRoutesTests", "Get($\"{accounts}?"),
        ["ListServiceAccountKeys"] = ("ServiceAccounts/ServiceAccountRoutesTests", "/keys\""),
        ["GetRotation"] = ("ServiceAccounts/ServiceAccountRoutesTests", "Get(operation)"),
        ["RotateServiceAccount"] = ("ServiceAccounts/SecretRepairTests", "/rotate\""),
        ["RotateServiceAccountKeys"] = ("ServiceAccounts/PausedRotationTests", "RotateServiceAccountKeys"),
        ["RevealServiceAccountKey"] = ("ServiceAccounts/RetirementTests", "keys/current/reveal"),
        ["RehearseRotation"] = ("ServiceAccounts/RehearsalTests", "/rehearse"),
        ["GetRotationHealth"] = ("ServiceAccounts/RotationPolicyTests", "rotation-health"),
        ["PatchRotationPolicy"] = ("ServiceAccounts/RotationPolicyTests", "rotation-policy"),
        ["QuietHours"] = ("ServiceAccounts/RotationPolicyTests", "quiet-hours"),
        ["RotationCalendar"] = ("ServiceAccounts/RotationPolicyTests", "rotation-calendar"),
        ["UnparkServiceAccount"] = ("ServiceAccounts/ParkingTests", "/unpark"),
        ["SuspendServiceAccount"] = ("ServiceAccounts/ServiceAccountLifecycleTests", "suspend"),
        ["RestoreServiceAccount"] = ("ServiceAccounts/ServiceAccountLifecycleTests", "/restore"),
        ["DeleteServiceAccount"] = ("ServiceAccounts/ServiceAccountLifecycleTests", "Delete(account.Path"),
        ["SettleServiceAccounts"] = ("ServiceAccounts/ServiceAccountLifecycleTests", "SettleServiceAccounts"),
        // A subscription changes, is cancelled and goes on.
        ["GetSubscription"] = ("Subscriptions/SettleSubscriptionsTests", "/subscription\""),
        ["ChangePlan"] = ("Subscriptions/SettleSubscriptionsTests", "subscription/change"),
        ["CancelSubscription"] = ("Subscriptions/SettleSubscriptionsTests", "/cancel"),
        ["ResumeSubscription"] = ("Subscriptions/SettleSubscriptionsTests", "/resume"),
        // A webhook and what it delivers.
        ["CreateWebhook"] = ("Webhooks/WebhooksTests", "/webhooks\""),
        ["GetWebhook"] = ("Webhooks/WebhooksTests", "Get(webhook)"),
        ["ListWebhooks"] = ("Webhooks/WebhooksTests", "Get(path)"),
        ["PatchWebhook"] = ("Webhooks/WebhooksTests", "Patch(webhook"),
        ["DeleteWebhook"] = ("Webhooks/WebhooksTests", "Delete(webhook"),
        ["ListWebhookDeliveries"] = ("Webhooks/SendWebhooksTests", "/deliveries?"),
        ["GetWebhookDelivery"] = ("Webhooks/SendWebhooksTests", "/deliveries/{"),
        ["ResendWebhookDelivery"] = ("Webhooks/SendWebhooksTests", "/resend"),
        ["RotateWebhookSecret"] = ("Webhooks/SendWebhooksTests", "rotate-secret"),
        ["TestWebhook"] = ("Webhooks/SendWebhooksTests", "/test\""),
    };

    [Fact]
    public void Every_verb_has_tests_of_its_name_or_is_a_step_of_a_tested_path()
    {
        var verbs = Files("src", "Functions").Where(file => HandlesVerb().IsMatch(File.ReadAllText(file))).Select(file => Path.GetFileNameWithoutExtension(file)!).ToList();
        var tests = Files("tests", "Functions.Tests").Select(file => Path.GetFileNameWithoutExtension(file)!).ToHashSet();

        verbs.Should().HaveCountGreaterThan(100);
        verbs.Where(verb => !tests.Contains(verb + "Tests")).Should().BeEquivalentTo(Steps.Keys, "a verb is in one of both, and none is listed that is not there");
    }

    [Fact]
    public void Every_step_is_in_the_tests_that_are_named() => Steps
        .Where(step => !File.ReadAllText(Path.Combine(Root, "tests", "Functions.Tests", step.Value.Tests + ".cs")).Contains(step.Value.Step, StringComparison.Ordinal))
        .Should().BeEmpty();

    private static string Root => LocalCloud.Metadata("RepositoryRoot");

    private static IEnumerable<string> Files(params string[] folder) => Directory.EnumerateFiles(Path.Combine([Root, .. folder]), "*.cs", SearchOption.AllDirectories)
        .Where(path => !Path.GetRelativePath(Root, path).Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    [GeneratedRegex(@"internal static class \w+\s*\{[^}]*?public static [^\n(]*> Handle\(", RegexOptions.Singleline)]
    private static partial Regex HandlesVerb();
}
