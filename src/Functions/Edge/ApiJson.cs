using System.Text.Json;
using System.Text.Json.Serialization;
using CustomerFunctions.AccessLog;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Bulk;
using CustomerFunctions.Customers;
using CustomerFunctions.Exports;
using CustomerFunctions.Flags;
using CustomerFunctions.Holds;
using CustomerFunctions.IdentityProvider;
using CustomerFunctions.Impersonation;
using CustomerFunctions.Invitations;
using CustomerFunctions.IpRules;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.Names;
using CustomerFunctions.Migrations;
using CustomerFunctions.Notifications;
using CustomerFunctions.Plans;
using CustomerFunctions.Roles;
using CustomerFunctions.Quotas;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;
using CustomerFunctions.Stripe;
using CustomerFunctions.Subscriptions;
using CustomerFunctions.Webhooks;
using CustomerFunctions.Trials;
using CustomerFunctions.Usage;
using CustomerFunctions.WhatIf;

namespace CustomerFunctions.Edge;

/// <summary>Everything that crosses HTTP, serialised by source-generated code: camelCase, nulls left out, and nothing accepted that was not asked for.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false,
    PropertyNameCaseInsensitive = false,
    UseStringEnumConverter = true,
    MaxDepth = 32,
    Converters = [typeof(InstantConverter), typeof(DurationConverter), typeof(Int32Converter), typeof(Int64Converter), typeof(JsonObjectConverter)])]
[JsonSerializable(typeof(ProblemDocument))]
[JsonSerializable(typeof(ProblemKind))]
[JsonSerializable(typeof(HealthReport))]
[JsonSerializable(typeof(CustomerFields))]
[JsonSerializable(typeof(NewCustomer))]
[JsonSerializable(typeof(CustomerResponse))]
[JsonSerializable(typeof(PageOf<CustomerResponse>))]
[JsonSerializable(typeof(SuspendCustomerRequest))]
[JsonSerializable(typeof(RestoreCustomerRequest))]
[JsonSerializable(typeof(SetFeatureFlagRequest))]
[JsonSerializable(typeof(FeatureFlagResponse))]
[JsonSerializable(typeof(PageOf<FeatureFlagResponse>))]
[JsonSerializable(typeof(WhatIfResponse))]
[JsonSerializable(typeof(StatisticsResponse))]
[JsonSerializable(typeof(ExportedMember))]
[JsonSerializable(typeof(ExportedSettings))]
[JsonSerializable(typeof(ExportedKeyUse))]
[JsonSerializable(typeof(ExportedUsage))]
[JsonSerializable(typeof(ExportedStripe))]
[JsonSerializable(typeof(BulkRequest))]
[JsonSerializable(typeof(BulkResponse))]
[JsonSerializable(typeof(CreateApiKeyRequest))]
[JsonSerializable(typeof(CreateApiKeyResponse))]
[JsonSerializable(typeof(ImportApiKeyRequest))]
[JsonSerializable(typeof(RollApiKeyRequest))]
[JsonSerializable(typeof(ExchangeTokenRequest))]
[JsonSerializable(typeof(ExchangeTokenResponse))]
[JsonSerializable(typeof(ApiKeyFields))]
[JsonSerializable(typeof(NetworkRules))]
[JsonSerializable(typeof(LeakPolicy))]
[JsonSerializable(typeof(PutMemberRequest))]
[JsonSerializable(typeof(MemberResponse))]
[JsonSerializable(typeof(PageOf<MemberResponse>))]
[JsonSerializable(typeof(PageOf<SalesRepResponse>))]
[JsonSerializable(typeof(ConfirmCustomerEmailRequest))]
[JsonSerializable(typeof(InviteMemberRequest))]
[JsonSerializable(typeof(InvitationResponse))]
[JsonSerializable(typeof(PageOf<InvitationResponse>))]
[JsonSerializable(typeof(AcceptInvitationRequest))]
[JsonSerializable(typeof(AcceptedInvitation))]
[JsonSerializable(typeof(AccountCustomerResponse))]
[JsonSerializable(typeof(PageOf<AccountCustomerResponse>))]
[JsonSerializable(typeof(SwitchCustomerRequest))]
[JsonSerializable(typeof(ImpersonateRequest))]
[JsonSerializable(typeof(ImpersonationResponse))]
[JsonSerializable(typeof(IdentityEvent))]
[JsonSerializable(typeof(IdentityOutcome))]
[JsonSerializable(typeof(IReadOnlyList<LeakReport>))]
[JsonSerializable(typeof(IReadOnlyList<LeakVerdict>))]
[JsonSerializable(typeof(PageOf<ApiKeyResponse>))]
[JsonSerializable(typeof(CreateServiceAccountRequest))]
[JsonSerializable(typeof(RotationPolicyRequest))]
[JsonSerializable(typeof(RotateRequest))]
[JsonSerializable(typeof(RehearsalResponse))]
[JsonSerializable(typeof(RevealedKey))]
[JsonSerializable(typeof(PageOf<CalendarEntry>))]
[JsonSerializable(typeof(RotationHealth))]
[JsonSerializable(typeof(QuietHoursFields))]
[JsonSerializable(typeof(IReadOnlyList<RotationWindow>))]
[JsonSerializable(typeof(ServiceAccountResponse))]
[JsonSerializable(typeof(ServiceAccountFields))]
[JsonSerializable(typeof(SuspendServiceAccountRequest))]
[JsonSerializable(typeof(MigrateRequest))]
[JsonSerializable(typeof(MigrationResponse))]
[JsonSerializable(typeof(PutPermissionsRequest))]
[JsonSerializable(typeof(AzureScopeFields))]
[JsonSerializable(typeof(AzureScopeRequest))]
[JsonSerializable(typeof(PermissionsResponse))]
[JsonSerializable(typeof(PageOf<ServiceAccountResponse>))]
[JsonSerializable(typeof(PageOf<KeyVersionResponse>))]
[JsonSerializable(typeof(RotationResponse))]
[JsonSerializable(typeof(PageOf<AuditEvent>))]
[JsonSerializable(typeof(AuditVerification))]
[JsonSerializable(typeof(PageOf<AccessResponse>))]
[JsonSerializable(typeof(TokenResponse))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(ConfirmEmailRequest))]
[JsonSerializable(typeof(ForgotPasswordRequest))]
[JsonSerializable(typeof(ResetPasswordRequest))]
[JsonSerializable(typeof(SignInRequest))]
[JsonSerializable(typeof(SecondFactorRequest))]
[JsonSerializable(typeof(RefreshRequest))]
[JsonSerializable(typeof(ChangePasswordRequest))]
[JsonSerializable(typeof(SecondFactorSetup))]
[JsonSerializable(typeof(SecondFactorCode))]
[JsonSerializable(typeof(RecoveryCodesResponse))]
[JsonSerializable(typeof(PageOf<SessionResponse>))]
[JsonSerializable(typeof(PasskeyOptions))]
[JsonSerializable(typeof(AddPasskeyRequest))]
[JsonSerializable(typeof(PasskeySignInRequest))]
[JsonSerializable(typeof(PasskeyResponse))]
[JsonSerializable(typeof(PageOf<PasskeyResponse>))]
[JsonSerializable(typeof(ProfileFields))]
[JsonSerializable(typeof(CreateAccountRequest))]
[JsonSerializable(typeof(AccountFields))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(PageOf<AccountResponse>))]
[JsonSerializable(typeof(ExtendTrialRequest))]
[JsonSerializable(typeof(RecordUsageRequest))]
[JsonSerializable(typeof(RecordUsageResponse))]
[JsonSerializable(typeof(UsageResponse))]
[JsonSerializable(typeof(PageOf<UsageMonthResponse>))]
[JsonSerializable(typeof(ForecastResponse))]
[JsonSerializable(typeof(PlanCatalogue))]
[JsonSerializable(typeof(PageOf<Plan>))]
[JsonSerializable(typeof(MailEvent))]
[JsonSerializable(typeof(NotificationResponse))]
[JsonSerializable(typeof(PageOf<NotificationResponse>))]
[JsonSerializable(typeof(WebhookFields))]
[JsonSerializable(typeof(WebhookResponse))]
[JsonSerializable(typeof(WebhookWithSecret))]
[JsonSerializable(typeof(PageOf<WebhookResponse>))]
[JsonSerializable(typeof(DeliveryResponse))]
[JsonSerializable(typeof(PageOf<DeliveryResponse>))]
[JsonSerializable(typeof(WebhookMessage))]
[JsonSerializable(typeof(ChangePlanRequest))]
[JsonSerializable(typeof(SubscriptionResponse))]
[JsonSerializable(typeof(StripeOutcome))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Makes the framework read and write with this context and by its rules; a resolver alone would bring its types, not its options.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        var rules = Default.Options;
        options.TypeInfoResolverChain.Insert(0, Default);
        options.NumberHandling = rules.NumberHandling;
        options.DefaultIgnoreCondition = rules.DefaultIgnoreCondition;
        options.UnmappedMemberHandling = rules.UnmappedMemberHandling;
        options.AllowDuplicateProperties = rules.AllowDuplicateProperties;
        options.PropertyNameCaseInsensitive = rules.PropertyNameCaseInsensitive;
        options.MaxDepth = rules.MaxDepth;
        foreach (var converter in rules.Converters) { options.Converters.Add(converter); }
    }
}

/// <summary>Everything that is stored in Cosmos DB. Lenient where <see cref="ApiJson"/> is strict: fields of a later version are kept.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true,
    Converters = [typeof(InstantConverter), typeof(DurationConverter)])]
[JsonSerializable(typeof(Customer))]
[JsonSerializable(typeof(Claim))]
[JsonSerializable(typeof(Notification))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<Notification>))]
[JsonSerializable(typeof(WebhookEndpoint))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<WebhookEndpoint>))]
[JsonSerializable(typeof(WebhookPlaces))]
[JsonSerializable(typeof(WebhookDelivery))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<WebhookDelivery>))]
[JsonSerializable(typeof(StripeCustomer))]
[JsonSerializable(typeof(StripeReceipt))]
[JsonSerializable(typeof(StripePosition))]
[JsonSerializable(typeof(AuditEvent))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<Leftover>))]
[JsonSerializable(typeof(UsageEvent))]
[JsonSerializable(typeof(UsageMonth))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<UsageEvent>))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<UsageMonth>))]
[JsonSerializable(typeof(ApiKey))]
[JsonSerializable(typeof(ServiceAccount))]
[JsonSerializable(typeof(KeyVersionUse))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<KeyVersionUse>))]
[JsonSerializable(typeof(RateLimits.AttemptDocument))]
[JsonSerializable(typeof(RateLimits.RequestCount))]
[JsonSerializable(typeof(Account))]
[JsonSerializable(typeof(DeletedIdentity))]
[JsonSerializable(typeof(Administrators))]
[JsonSerializable(typeof(KeyRingIndex))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<Account>))]
[JsonSerializable(typeof(ForgottenPassword))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<ForgottenPassword>))]
[JsonSerializable(typeof(IdempotencyRecord))]
[JsonSerializable(typeof(KeptAnswer))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<Customer>))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<OwnedDocument>))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<ApiKey>))]
[JsonSerializable(typeof(Shared.Azure.DocumentFeed<ServiceAccount>))]
internal sealed partial class StoreJson : JsonSerializerContext;
