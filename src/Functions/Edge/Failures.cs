using CustomerFunctions.RateLimits;

namespace CustomerFunctions.Edge;

/// <summary>One kind of refusal: its status, its stable code and its title. <c>GET /api/problems/{code}</c> serves it.</summary>
public sealed record ProblemKind(int Status, string Code, string Title);

/// <summary>Every refusal this API gives, in one list. Nobody writes a status number elsewhere.</summary>
internal static class Failures
{
    private static readonly Dictionary<string, ProblemKind> Kinds = [];

    private static readonly ProblemKind InvalidRequestKind = Kind(400, "invalid-request", "The request is not valid");
    private static readonly ProblemKind UnauthenticatedKind = Kind(401, "unauthenticated", "A valid key is needed");
    private static readonly ProblemKind SignatureInvalidKind = Kind(401, "signature-invalid", "The signature is missing or wrong");
    private static readonly ProblemKind SignInFailedKind = Kind(401, "sign-in-failed", "The sign-in failed");
    private static readonly ProblemKind SecondFactorRequiredKind = Kind(401, "second-factor-required", "A second factor is needed");
    private static readonly ProblemKind SecondFactorFailedKind = Kind(401, "second-factor-failed", "The second factor was not right");
    private static readonly ProblemKind PasskeyRequiredKind = Kind(401, "passkey-required", "A passkey is needed");
    private static readonly ProblemKind SessionOverKind = Kind(401, "session-over", "The session is over");
    private static readonly ProblemKind TokenExpiredKind = Kind(401, "token-expired", "The access token has expired");
    private static readonly ProblemKind TokenReusedKind = Kind(401, "token-reused", "The refresh token was used before");
    private static readonly ProblemKind KeyRevokedKind = Kind(401, "key-revoked", "The key was revoked");
    private static readonly ProblemKind KeyExpiredKind = Kind(401, "key-expired", "The key has expired");
    private static readonly ProblemKind KeyRotatedKind = Kind(401, "key-rotated", "The key was replaced and its overlap is over");
    private static readonly ProblemKind KeyDisabledKind = Kind(401, "key-disabled", "The key is disabled");
    private static readonly ProblemKind ForbiddenKind = Kind(403, "forbidden", "The caller may not do this");
    private static readonly ProblemKind SecondFactorSetupRequiredKind = Kind(403, "second-factor-setup-required", "A second factor has to be set up first");
    private static readonly ProblemKind VerificationRequiredKind = Kind(403, "verification-required", "A fresh sign-in is needed");
    private static readonly ProblemKind EmailUnconfirmedKind = Kind(403, "email-unconfirmed", "The email address is not confirmed");
    private static readonly ProblemKind AccountDisabledKind = Kind(403, "account-disabled", "The account is disabled");
    private static readonly ProblemKind ScopeMissingKind = Kind(403, "scope-missing", "The key's scopes do not include this");
    private static readonly ProblemKind KeyInGraceKind = Kind(403, "key-in-grace", "The key's value was replaced");
    private static readonly ProblemKind AddressNotAllowedKind = Kind(403, "address-not-allowed", "The caller's address is not allowed");
    private static readonly ProblemKind ServiceAccountSuspendedKind = Kind(403, "service-account-suspended", "The service account is suspended");
    private static readonly ProblemKind CustomerSuspendedKind = Kind(403, "customer-suspended", "The customer is suspended");
    private static readonly ProblemKind TrialEndedKind = Kind(403, "trial-ended", "The trial has ended");
    private static readonly ProblemKind FeatureNotInPlanKind = Kind(403, "feature-not-in-plan", "The customer's plan does not have this feature");
    private static readonly ProblemKind NotFoundKind = Kind(404, "not-found", "There is no such resource");
    private static readonly ProblemKind MethodNotAllowedKind = Kind(405, "method-not-allowed", "The resource has no such method");
    private static readonly ProblemKind EmailTakenKind = Kind(409, "email-taken", "The email address is in use");
    private static readonly ProblemKind SlugTakenKind = Kind(409, "slug-taken", "The slug is in use");
    private static readonly ProblemKind LastAdminKind = Kind(409, "last-admin", "There has to be an administrator");
    private static readonly ProblemKind SecondFactorStateKind = Kind(409, "second-factor-state", "The second factor's state does not allow this");
    private static readonly ProblemKind TooManyPasskeysKind = Kind(409, "too-many-passkeys", "The account has as many passkeys as it can");
    private static readonly ProblemKind ServiceAccountNameTakenKind = Kind(409, "service-account-name-taken", "The service account's name is in use");
    private static readonly ProblemKind ResourceTakenKind = Kind(409, "resource-taken", "The resource's keys are already rotated");
    private static readonly ProblemKind NoTrialKind = Kind(409, "no-trial", "The customer is on no trial");
    private static readonly ProblemKind KeyTakenKind = Kind(409, "key-taken", "The key is in use");
    private static readonly ProblemKind KeyNotActiveKind = Kind(409, "key-not-active", "The key is not active");
    private static readonly ProblemKind TooManyInGraceKind = Kind(409, "too-many-in-grace", "Too many earlier values are in their grace");
    private static readonly ProblemKind LastOwnerKind = Kind(409, "last-owner", "The customer's last owner stays");
    private static readonly ProblemKind TooManyMembersKind = Kind(409, "too-many-members", "The customer has as many people as it can");
    private static readonly ProblemKind TooManyInvitationsKind = Kind(409, "too-many-invitations", "The customer has as many open invitations as it can");
    private static readonly ProblemKind AlreadyMemberKind = Kind(409, "already-member", "The person is a member already");
    private static readonly ProblemKind TooManyCustomersKind = Kind(409, "too-many-customers", "The account has as many customers as it can");
    private static readonly ProblemKind NotASalesRepKind = Kind(409, "not-a-sales-rep", "The account is no sales representative");
    private static readonly ProblemKind EmailNotConfirmedKind = Kind(409, "email-not-confirmed", "The address is not confirmed");
    private static readonly ProblemKind RotationInProgressKind = Kind(409, "rotation-in-progress", "A rotation is under way");
    private static readonly ProblemKind PrincipalTakenKind = Kind(409, "principal-taken", "The service principal is another account's");
    private static readonly ProblemKind ServiceAccountNotActiveKind = Kind(409, "service-account-not-active", "The service account is suspended");
    private static readonly ProblemKind ServiceAccountDeletingKind = Kind(409, "service-account-deleting", "The service account is being deleted");
    private static readonly ProblemKind MigrationInProgressKind = Kind(409, "migration-in-progress", "A migration is under way");
    private static readonly ProblemKind MigrationNotParkedKind = Kind(409, "migration-not-parked", "The migration is not parked");
    private static readonly ProblemKind MigrationSwitchedKind = Kind(409, "migration-switched", "The migration has switched");
    private static readonly ProblemKind NothingToMigrateKind = Kind(422, "nothing-to-migrate", "There is nothing to migrate");
    private static readonly ProblemKind RotationNotParkedKind = Kind(409, "rotation-not-parked", "The rotation is not parked");
    private static readonly ProblemKind RestoreWindowOverKind = Kind(409, "restore-window-over", "The customer can no longer be brought back");
    private static readonly ProblemKind IdempotentRequestInFlightKind = Kind(409, "idempotent-request-in-flight", "A request with this Idempotency-Key is under way");
    private static readonly ProblemKind TooManyWebhooksKind = Kind(409, "too-many-webhooks", "The customer has as many webhooks as it can");
    private static readonly ProblemKind WebhookDisabledKind = Kind(409, "webhook-disabled", "The webhook is disabled");
    private static readonly ProblemKind NoSubscriptionKind = Kind(409, "no-subscription", "The customer has no subscription");
    private static readonly ProblemKind SubscriptionRunByStripeKind = Kind(409, "subscription-run-by-stripe", "Stripe runs the subscription");
    private static readonly ProblemKind PaymentMethodRequiredKind = Kind(409, "payment-method-required", "A payment method is needed");
    private static readonly ProblemKind LengthRequiredKind = Kind(411, "length-required", "The body needs a Content-Length");
    private static readonly ProblemKind StaleKind = Kind(412, "stale", "The resource has changed");
    private static readonly ProblemKind PreconditionFailedKind = Kind(412, "precondition-failed", "A precondition is not met");
    private static readonly ProblemKind TooLargeKind = Kind(413, "too-large", "The body is too large");
    private static readonly ProblemKind UnsupportedMediaTypeKind = Kind(415, "unsupported-media-type", "The body's content type is not accepted");
    private static readonly ProblemKind ResourceUnusableKind = Kind(422, "resource-unusable", "The resource cannot be used");
    private static readonly ProblemKind LinkUnusableKind = Kind(422, "link-unusable", "The link cannot be used");
    private static readonly ProblemKind PasskeyUnusableKind = Kind(422, "passkey-unusable", "The passkey cannot be used");
    private static readonly ProblemKind IdempotencyKeyReusedKind = Kind(422, "idempotency-key-reused", "The Idempotency-Key belongs to another request");
    private static readonly ProblemKind CustomerSelectionInvalidKind = Kind(422, "customer-selection-invalid", "The customer cannot be chosen");
    private static readonly ProblemKind IfMatchRequiredKind = Kind(428, "if-match-required", "The change needs If-Match");
    private static readonly ProblemKind TooManyAttemptsKind = Kind(429, "too-many-attempts", "Too many attempts");
    private static readonly ProblemKind TooManyRequestsKind = Kind(429, "too-many-requests", "The request limit is reached");
    private static readonly ProblemKind QuotaReachedKind = Kind(429, "quota-reached", "The quota is reached");
    private static readonly ProblemKind UnexpectedKind = Kind(500, "unexpected", "Something went wrong here");
    private static readonly ProblemKind UnavailableKind = Kind(503, "unavailable", "A service this API depends on is not answering");
    private static readonly ProblemKind BusyKind = Kind(503, "busy", "The outcome of another request is awaited");

    public static IReadOnlyDictionary<string, ProblemKind> All => Kinds;

    public static Problem Invalid(IReadOnlyList<FieldError> errors) => new(InvalidRequestKind, "One or more fields are not valid; see errors.") { Errors = errors };

    public static Problem Invalid(string pointer, string code, string detail) => Invalid([new FieldError(pointer, code, detail)]);

    public static Problem Malformed(string detail) => new(InvalidRequestKind, detail);

    public static Problem Unauthenticated() => new(UnauthenticatedKind, "Send a valid key as 'Authorization: Bearer <key>' or 'X-Api-Key: <key>'.");

    public static Problem SignInFailed() => new(SignInFailedKind, "There is no account with this address and password.");

    public static Problem PasskeyRefused() => new(SignInFailedKind, "There is no account with this passkey, or the answer is not the passkey's own.");

    public static Problem PasskeyRequired() => new(PasskeyRequiredKind, "The password is right, but this account's second factor is a passkey. Sign in with the passkey.");

    public static Problem SecondFactorRequired(string challenge) =>
        new(SecondFactorRequiredKind, "The password is right. Send the challenge with a code of the authenticator app, or with a recovery code.") { Challenge = challenge };

    public static Problem SecondFactorFailed() => new(SecondFactorFailedKind, "The code is wrong, was used before, or is from another time. Wait for the next one.");

    public static Problem SessionOver() => new(SessionOverKind, "The session has ended. Sign in again.");

    public static Problem TokenExpired() => new(TokenExpiredKind, "The access token's time is over. Exchange the refresh token for another.");

    public static Problem TokenReused() => new(TokenReusedKind, "This refresh token was exchanged before. Somebody may have a copy of it, so the session has been ended. Sign in again.");

    public static Problem SecondFactorSetupRequired() => new(SecondFactorSetupRequiredKind, "Staff needs a second factor. Until it is set up, this session can do nothing else.");

    public static Problem VerificationRequired() => new(VerificationRequiredKind, "For this the sign-in has to be a few minutes old at the most. Sign in again.");

    public static Problem EmailUnconfirmed() => new(EmailUnconfirmedKind, "Confirm the address first; register again to get another mail.");

    public static Problem AccountDisabled() => new(AccountDisabledKind, "The account is disabled. Ask whoever manages the platform's accounts.");

    public static Problem LastAdmin() => new(LastAdminKind, "This is the last administrator. Make somebody else one first.");

    public static Problem SecondFactorState(string detail) => new(SecondFactorStateKind, detail);

    public static Problem LastSecondFactor() => new(SecondFactorStateKind, "Staff keeps a second factor. Add a passkey or set up an authenticator app before this one is removed.");

    public static Problem TooManyPasskeys(int most) => new(TooManyPasskeysKind, $"An account has at most {most} passkeys. Remove one first.");

    public static Problem LinkUnusable() => new(LinkUnusableKind, "The link was used, is too old, or was replaced by a newer one. Ask for another.");

    public static Problem PasskeyUnusable() => new(PasskeyUnusableKind, "The passkey's answer does not fit the question, or the question is too old. Begin again.");

    public static Problem AccountEmailTaken() => new(EmailTakenKind, "Another account uses this email address.");

    public static Problem KeyRevoked() => new(KeyRevokedKind, "This key was revoked and will not work again. Ask whoever manages the customer's keys for another.");

    public static Problem KeyExpired() => new(KeyExpiredKind, "This key's lifetime is over. Create another.");

    public static Problem KeyRotated() => new(KeyRotatedKind, "This key was replaced and its overlap is over. Read the current one from Key Vault.");

    public static Problem SignatureInvalid() => new(SignatureInvalidKind, "The body has to be signed by its sender, with a key that this API knows, over exactly the bytes that are sent.");

    public static Problem TooManySecretsInGrace(int most) => new(TooManyInGraceKind, $"{most} earlier secrets of this webhook still sign, each for a day; another rotation would have to end one early. Wait until one is over.");

    public static Problem LastOwner() => new(LastOwnerKind, "The customer's only owner cannot leave or become something less. Make somebody else an owner first.");

    public static Problem TooManyMembers(int most) => new(TooManyMembersKind, $"The customer has {most} already, which is as many as one can have.");

    public static Problem TooManyInvitations(int most) => new(TooManyInvitationsKind, $"There are {most} open invitations, which is as many as one can have. Take some back, or wait until they are over.");

    public static Problem AlreadyMember() => new(AlreadyMemberKind, "Whoever has this address is a member already. Change the role instead.");

    public static Problem TooManyCustomers(int most) => new(TooManyCustomersKind, $"The account belongs to {most} customers already, which is as many as one can.");

    public static Problem NotASalesRep() => new(NotASalesRepKind, "Only an account whose platform role is sales_rep is assigned to customers.");

    public static Problem EmailNotConfirmed() => new(EmailNotConfirmedKind, "Confirm the account's address first: it decides which customer is its own.");

    public static Problem CustomerSelectionInvalid() => new(CustomerSelectionInvalidKind, "The caller does not belong to that customer, or no longer does. Choose one of its own.");

    public static Problem KeyDisabled() => new(KeyDisabledKind, "This key is disabled. Whoever manages the customer's keys can enable it again.");

    public static Problem KeyTaken() => new(KeyTakenKind, "A key with this hash was imported before. Every key belongs to one customer.");

    public static Problem KeyIsRevoked() => new(KeyNotActiveKind, "The key was revoked; that is final. Create another.");

    public static Problem KeyIsNotActive() => new(KeyNotActiveKind, "Only an active key can be rolled. Enable it, or create another.");

    public static Problem TooManyInGrace(int most) => new(TooManyInGraceKind, $"{most} values of this key are still in their grace; another roll would have to end one early. Wait until one is over.");

    public static Problem ScopeMissing(string needed) => new(ScopeMissingKind, $"This takes the permission '{needed}', which the key's scopes do not include.");

    public static Problem KeyInGrace() =>
        new(KeyInGraceKind, "This value of the key was replaced and is in its grace: it makes, rolls and revokes no credentials. Use the key's current value.");

    public static Problem AddressNotAllowed() => new(AddressNotAllowedKind, "The key or its customer may only be used from listed networks, and this address is in none of them.");

    /// <summary>A rule that the table of permissions does not have; the sentence says what it is.</summary>
    public static Problem ForbiddenHere(string rule) => new(ForbiddenKind, rule);

    public static Problem Forbidden(string needed) => new(ForbiddenKind, $"This takes the permission '{needed}', which the caller does not have.");

    public static Problem HoldNotYours() => new(ForbiddenKind, "Only staff place and lift this hold. A customer's owner may place and lift 'customerRequest'.");

    public static Problem CustomerSuspended() => new(CustomerSuspendedKind, "The customer is suspended; its keys work again when every hold is lifted.");

    public static Problem NotFound(string what) => new(NotFoundKind, $"There is no such {what}, or the caller may not know of it.");

    public static Problem NoSuchRoute() => new(NotFoundKind, "No route has this path.");

    public static Problem MethodNotAllowed(string? allow) => new(MethodNotAllowedKind, $"Allowed here: {allow}.") { Allow = allow };

    public static Problem EmailTaken() => new(EmailTakenKind, "Another customer uses this email address.");

    public static Problem SlugTaken() => new(SlugTakenKind, "Another customer uses this slug.");

    public static Problem ServiceAccountNameTaken() => new(ServiceAccountNameTakenKind, "The customer has a service account with this name already.");

    public static Problem ResourceTaken() => new(ResourceTakenKind, "Another service account rotates this resource's keys. Two of them would invalidate each other's.");

    public static Problem RotationInProgress(string link) =>
        new(RotationInProgressKind, "A rotation of this service account is under way, or its old key's overlap is not over. Follow the link to see it.") { Link = link };

    public static Problem ServiceAccountSuspended() => new(ServiceAccountSuspendedKind, "This service account is suspended; its keys work again when it is restored.");

    public static Problem PrincipalTaken() => new(PrincipalTakenKind, "Another service account is this service principal. Two of them would take each other's roles away.");

    public static Problem ServiceAccountNotActive() => new(ServiceAccountNotActiveKind, "The service account or its customer is suspended, or that has just ended. What was taken from it comes back first.");

    public static Problem ServiceAccountDeleting() => new(ServiceAccountDeletingKind, "The service account is being deleted; that is final.");

    public static Problem MigrationInProgress(string link) => new(MigrationInProgressKind, "Another migration of this service account is not over. Follow the link to see it.") { Link = link };

    public static Problem MigrationNotParked(string link) => new(MigrationNotParkedKind, "It is still tried, or is over, or its switch is parked like any rotation. Follow the link to see it.") { Link = link };

    public static Problem MigrationSwitched(string link) => new(MigrationSwitchedKind, "The account is the target's by now; migrate it back instead. Follow the link to see it.") { Link = link };

    public static Problem NothingToMigrate(string detail) => new(NothingToMigrateKind, detail);

    public static Problem RotationNotParked(string link) => new(RotationNotParkedKind, "Its rotation is still tried, or has nothing to do. Follow the link to see it.") { Link = link };

    public static Problem RestoreWindowOver() => new(RestoreWindowOverKind, "A deleted customer can be reopened for 30 days. They are over, and it is being purged.");

    public static Problem TooManyWebhooks(int most) => new(TooManyWebhooksKind, $"A customer has at most {most} webhooks. Remove one first.");

    public static Problem WebhookDisabled() => new(WebhookDisabledKind, "The webhook is disabled, so nothing is sent to it. Enable it first.");

    public static Problem NoSubscription() => new(NoSubscriptionKind, "No period is under way that could end. Choose a plan first.");

    public static Problem SubscriptionRunByStripe() => new(SubscriptionRunByStripeKind, "This subscription was made at Stripe and is changed there, in the customer's billing portal; what changes arrives here by itself.");

    public static Problem PaymentMethodRequired() => new(PaymentMethodRequiredKind, "Add a payment method first. Staff can also sell this plan on account.");

    public static Problem LengthRequired() => new(LengthRequiredKind, "Send the body with a Content-Length; a chunked body does not reach this API.");

    public static Problem Stale() => new(StaleKind, "The resource has changed since the ETag in If-Match. Read it again and repeat the change.") { IsStale = true };

    public static Problem PreconditionFailed() => new(PreconditionFailedKind, "If-None-Match names what is there. Send If-Match with the ETag that you read, and no If-None-Match.");

    public static Problem TooLarge(long limit) => new(TooLargeKind, $"A body may have at most {limit} bytes.");

    public static Problem UnsupportedMediaType(string accepted) => new(UnsupportedMediaTypeKind, $"Send the body as {accepted}.") { AcceptPatch = accepted == RequestBody.MergePatch ? accepted : null };

    public static Problem UnsupportedCharset() => new(UnsupportedMediaTypeKind, "Send the body in UTF-8, with charset=utf-8 or without a charset.");

    public static Problem UnsupportedCoding() => new(UnsupportedMediaTypeKind, "Send the body as it is, without a Content-Encoding.") { AcceptEncoding = "identity" };

    public static Problem ResourceUnusable(string detail) =>
        new(ResourceUnusableKind, "The resource cannot be used; see errors.") { Errors = [new FieldError("/resourceId", "unusable", detail)] };

    public static Problem IfMatchRequired() => new(IfMatchRequiredKind, "Send the ETag that you read as If-Match, so that nobody's change is lost.");

    public static Problem Unexpected() => new(UnexpectedKind, "The request could not be handled. Give the trace id to whoever operates this API.");

    public static Problem Unavailable(TimeSpan retryAfter) => new(UnavailableKind, "Nothing is lost; repeat the request after Retry-After seconds.") { RetryAfter = retryAfter };

    public static Problem PasswordsBusy(TimeSpan retryAfter) =>
        new(UnavailableKind, "Too many passwords are being checked at this moment. Nothing was counted against you; repeat the request after Retry-After seconds.") { RetryAfter = retryAfter };

    public static Problem TooManyAttempts(RateLimitStatus limit) =>
        new(TooManyAttemptsKind, "There were too many attempts. Try again after Retry-After seconds.") { Limit = limit, RetryAfter = limit.Reset };

    public static Problem TooManyRequests(RateLimitStatus limit) =>
        new(TooManyRequestsKind, "The requests of this minute are used up; RateLimit-Policy says how many there are.") { Limit = limit, RetryAfter = limit.Reset };

    /// <summary>A monthly quota; the sentence says which, and when it resets.</summary>
    public static Problem QuotaReached(RateLimitStatus quota, string detail) => new(QuotaReachedKind, detail) { Limit = quota, RetryAfter = quota.Reset };

    public static Problem TrialEnded() => new(TrialEndedKind, "The trial is over. Everything can still be read, exported and removed; choose a plan to go on.");

    public static Problem FeatureNotInPlan(string feature, IReadOnlyList<string> plans) =>
        new(FeatureNotInPlanKind, $"This takes the feature '{feature}', which the customer does not have. It comes with {string.Join(", ", plans)}; staff can give it to a customer besides.") { Feature = feature, Plans = plans };

    public static Problem NoTrial() => new(NoTrialKind, "The customer has chosen a plan; there is no trial to extend.");

    public static Problem BadIdempotencyKey(int most) => new(InvalidRequestKind, $"Idempotency-Key is one string in double quotes, of 1 to {most} printable ASCII characters without quotes and backslashes.");

    public static Problem IdempotentRequestInFlight(TimeSpan retryAfter) =>
        new(IdempotentRequestInFlightKind, "A request with this Idempotency-Key is being executed. Repeat this one after Retry-After seconds for its answer.") { RetryAfter = retryAfter };

    public static Problem IdempotencyKeyReused() => new(IdempotencyKeyReusedKind, "This Idempotency-Key came with another body before. Take a new key for a new request.");

    public static Problem Busy(TimeSpan retryAfter) =>
        new(BusyKind, "Another request is creating the same thing and has not finished. Repeat this one after Retry-After seconds.") { RetryAfter = retryAfter };

    private static ProblemKind Kind(int status, string code, string title) => Kinds[code] = new ProblemKind(status, code, title);
}
