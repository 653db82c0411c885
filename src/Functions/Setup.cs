using System.Globalization;
using CustomerFunctions.Access;
using CustomerFunctions.AccessLog;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Bulk;
using CustomerFunctions.Closing;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Holds;
using CustomerFunctions.IdentityProvider;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Mail;
using CustomerFunctions.Names;
using CustomerFunctions.Migrations;
using CustomerFunctions.Notifications;
using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;
using CustomerFunctions.Stripe;
using CustomerFunctions.Subscriptions;
using CustomerFunctions.Trials;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;
using Microsoft.AspNetCore.HttpOverrides;

namespace CustomerFunctions;

/// <summary>What the app is made of, and the order in which a request passes its edges.</summary>
internal static class Setup
{
    /// <summary>The server as the Functions host wants it: on loopback, at the port it names, listening before anything else is done.</summary>
    public static void AddHost(this WebApplicationBuilder builder)
    {
        // The older name is still set by hosts, with the same value. Without either (a developer's own run) the framework's default stands.
        var port = builder.Configuration["FUNCTIONS_CUSTOMHANDLER_PORT"] ?? builder.Configuration["FUNCTIONS_HTTPWORKER_PORT"];
        if (port is not null && !ushort.TryParse(port, CultureInfo.InvariantCulture, out _)) { throw new SettingsException("Settings: FUNCTIONS_CUSTOMHANDLER_PORT must be a port number"); }
        if (port is not null) { builder.WebHost.UseUrls($"http://127.0.0.1:{port}"); }
        builder.WebHost.ConfigureKestrel(server =>
        {
            server.AddServerHeader = false;
            server.Limits.MaxRequestBodySize = RequestBody.MaxBytes;
        });
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.UseUtcTimestamp = true;
            console.TimestampFormat = "yyyy-MM-dd'T'HH:mm:ss.fff'Z' ";
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Azure", LogLevel.Warning);

        builder.Services.ConfigureHttpJsonOptions(json => ApiJson.Apply(json.SerializerOptions));
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi(OpenApiFile.Name, OpenApiDescription.Describe);
        builder.Services.AddSingleton<OpenApiFile>();
    }

    /// <summary>Adds everything, and begins to warm up before the server is made, if it is to serve.</summary>
    public static void AddFeatures(this WebApplicationBuilder builder, AppSettings settings, bool toServe)
    {
        var services = builder.Services;
        _ = PlanCatalogue.Current;
        TimeProvider clock = settings.OffsetFile is null ? TimeProvider.System : new OffsetClock(settings.OffsetFile);
        var azure = new AzureClients(settings.Azure, clock: clock);
        var warmUp = toServe ? WarmUp.Begin(azure) : Task.CompletedTask;
        services.AddSingleton(settings);
        services.AddSingleton(settings.Azure);
        services.AddSingleton(_ => clock);
        services.AddSingleton(_ => azure);
        services.AddSingleton<DirectoryStore>();
        services.AddSingleton<NameClaims>();
        services.AddSingleton<CustomerStore>();
        services.AddSingleton<CustomerCache>();
        services.AddSingleton<KeyHolderCache>();
        services.AddSingleton<ApiKeyStore>();
        services.AddSingleton<KeyVersionUseStore>();
        services.AddSingleton<UsageStore>();
        services.AddSingleton<TrialUnits>();
        services.AddSingleton<UsageCounter>();
        services.AddSingleton<QuotaGate>();
        services.AddSingleton<RequestUsage>();
        services.AddHostedService(provider => provider.GetRequiredService<RequestUsage>());
        services.AddSingleton<KeyUse>();
        services.AddSingleton<AccessTable>();
        services.AddSingleton<AccessUse>();
        services.AddHostedService(provider => provider.GetRequiredService<AccessUse>());

        services.AddSingleton<IdempotencyStore>();
        services.AddSingleton<AttemptLog>();
        services.AddSingleton<PermitLeases>();
        services.AddSingleton<SignInBudgets>();
        services.AddSingleton<RequestCounts>();
        services.AddSingleton<RequestLimits>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<AuditVerifier>();
        services.AddSingleton<NotificationStore>();
        services.AddSingleton<WebhookStore>();
        services.AddSingleton<WebhookQueue>();
        services.AddSingleton<NoticeBoard>();
        services.AddSingleton<Outbox>();
        services.AddSingleton<LeftoverStore>();
        services.AddSingleton<RefusalLog>();
        services.AddHostedService(provider => provider.GetRequiredService<RefusalLog>());

        services.AddSingleton<AccountStore>();
        services.AddSingleton<AdminRegister>();
        services.AddSingleton<ProtectionRing>();
        services.AddSingleton<Cursors>();
        services.AddSingleton<Tokens>();
        services.AddSingleton<HashingGate>();
        services.AddSingleton<ForgottenPasswords>();
        services.AddSingleton<Passwords>();
        services.AddSingleton<PersonSessions>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<PasskeyCeremonies>();
        services.AddSingleton<SignInGate>();
        services.AddSingleton<SignInCompletion>();
        services.AddSingleton<MailedLinks>();
        services.AddSingleton<MailSender>();

        services.AddSingleton(provider => new WarmUp(warmUp, provider.GetRequiredService<ILogger<WarmUp>>()));
        services.AddHostedService(provider => provider.GetRequiredService<WarmUp>());
        services.AddSingleton<BootstrapAdmin>();
        services.AddHostedService(provider => provider.GetRequiredService<BootstrapAdmin>());
        services.AddSingleton<Authenticator>();

        services.AddSingleton<ServiceAccountStore>();
        services.AddSingleton<SecretVault>();
        services.AddSingleton<ApiCredential>();
        services.AddSingleton<EntraApplication>();
        services.AddSingleton<CredentialKinds>();
        services.AddSingleton<SecretRepair>();
        services.AddSingleton<KeyIssuer>();
        services.AddSingleton<KeyRetirer>();
        services.AddSingleton<MarginAlarm>();
        services.AddSingleton<RotationEngine>();
        services.AddSingleton<LifecycleEngine>();
        services.AddSingleton<RoleKeeper>();
        services.AddSingleton<MigrationEngine>();
        services.AddSingleton<MigrationTargets>();
        services.AddSingleton<CustomerStanding>();
        services.AddSingleton<QuietHours>();
        services.AddSingleton<RotationForecast>();
        services.AddSingleton<Throttles>();
        services.AddSingleton<RotationTurns>();
        services.AddSingleton<ThrowawayTrial>();
        services.AddSingleton<RotationRehearsal>();
        services.AddSingleton<TimerPass>();
        services.AddSingleton<Holdings>();
        services.AddSingleton<Exports.CustomerArchive>();
        services.AddSingleton<CustomerPurge>();
        services.AddSingleton<BulkChange>();

        services.AddSingleton<ScannerKeys>();
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton<SubscriptionChange>();
        services.AddSingleton<PlanUses>();
        services.AddSingleton<StripeSync>();
        services.AddSingleton<StripeClient>();
        services.AddSingleton<StripeReconciliation>();
        services.AddSingleton<EndpointSecrets>();
        services.AddSingleton<PublicHttp>();
        services.AddSingleton<WebhookSender>();
        services.AddSingleton<WebhookRound>();
        services.AddSingleton<IdentityAccounts>();
        services.AddSingleton<LeakedKeys>();
    }

    public static void UseEdges(this WebApplication app)
    {
        app.UseMiddleware<AnswerHeaders>();
        // The platform's front end is the one hop that is trusted: the last address in X-Forwarded-For, from loopback.
        app.UseForwardedHeaders(new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto, ForwardLimit = 1 });
        app.UseMiddleware<ExceptionEdge>();
        app.UseRouting();
        app.UseMiddleware<Guard>();
        app.UseMiddleware<RequestBody>();
        app.UseMiddleware<Idempotency>();
        app.UseMiddleware<CurrentValueOnly>();
    }
}
