using Azure.Core;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Mail;
using CustomerFunctions.Migrations;
using CustomerFunctions.Names;
using CustomerFunctions.Notifications;
using CustomerFunctions.Roles;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.SignIn;
using CustomerFunctions.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>The instances of the app that are explored, made of the product's own classes. One cluster serves one schedule after another; whose turn it is says <see cref="World"/>.</summary>
internal sealed class Cluster : IDisposable
{
    public const string Seed = "01JEXP10RE0000000000000000";
    public const string CustomerId = "cus_" + Seed;
    private const int Instances = 3;

    public static readonly string AccountId = new NewIds(Seed).ServiceAccount();

    public Cluster()
    {
        Clock = new WorldClock(() => World);
        All = [.. Enumerable.Range(1, Instances).Select(number => new Instance($"I{number}", Compose()))];
    }

    /// <summary>The run that the instances are in.</summary>
    public World World { get; set; } = null!;

    public WorldClock Clock { get; }

    public IReadOnlyList<Instance> All { get; }

    public void Dispose()
    {
        foreach (var instance in All) { instance.Dispose(); }
    }

    private ServiceProvider Compose()
    {
        var services = new ServiceCollection();
        var settings = AppSettings.Nowhere with
        {
            Azure = new AzureSettings(
                new Uri("https://explored.documents.azure.com/"), "customers", new Uri(Wire.Vault), new Uri("https://tables.explored/"), new Uri("https://management.azure.com"), "https://management.azure.com", null, null),
        };
        services.AddSingleton(settings);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(_ => new AzureClients(settings.Azure, new Token(), Clock, new Wire(() => World), new ExploredCosmos(() => World)));
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(provider => new WarmUp(Task.CompletedTask, provider.GetRequiredService<ILogger<WarmUp>>()));
        foreach (var type in new[]
        {
            typeof(DirectoryStore), typeof(NameClaims), typeof(CustomerCache), typeof(CustomerStore), typeof(KeyHolderCache), typeof(ApiKeyStore), typeof(KeyVersionUseStore), typeof(AuditLog), typeof(NotificationStore), typeof(WebhookStore), typeof(WebhookQueue),
            typeof(NoticeBoard), typeof(Outbox), typeof(AccountStore), typeof(ProtectionRing), typeof(Tokens), typeof(PersonSessions), typeof(WebhookSecrets), typeof(MailSender), typeof(BootstrapAdmin), typeof(Authenticator),
            typeof(ServiceAccountStore), typeof(SecretVault), typeof(ApiCredential), typeof(EntraApplication), typeof(CredentialKinds), typeof(SecretRepair), typeof(KeyIssuer), typeof(KeyRetirer), typeof(MarginAlarm),
            typeof(RotationEngine), typeof(LifecycleEngine), typeof(RoleKeeper), typeof(MigrationEngine), typeof(MigrationTargets), typeof(QuietHours), typeof(Throttles), typeof(RotationTurns), typeof(LeakedKeys),
        })
        {
            services.AddSingleton(type);
        }
        return services.BuildServiceProvider();
    }

    private sealed class Token : TokenCredential
    {
        // Far off by the machine's clock, which is what the SDK goes by.
        private static readonly DateTimeOffset End = TimeProvider.System.GetUtcNow().AddYears(1);

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => new("token", End);

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) => new(GetToken(requestContext, cancellationToken));
    }
}

/// <summary>An instance of the app: with memory of its own, and nothing else.</summary>
internal sealed class Instance(string name, ServiceProvider services) : IDisposable
{
    public string Name => name;

    public IServiceProvider Services => services;

    /// <summary>It stands still.</summary>
    public bool IsFrozen { get; set; }

    public T Get<T>()
        where T : notnull => services.GetRequiredService<T>();

    public void Dispose() => services.Dispose();
}

/// <summary>A run of a timer, or a request, on one instance.</summary>
internal sealed class Activity(string name, Instance instance, OperatorAction? action)
{
    public string Name => $"{instance.Name}.{name}";

    public Instance Instance => instance;

    /// <summary>What the operator has asked for; null for a timer.</summary>
    public OperatorAction? Action => action;

    public Task Work { get; set; } = Task.CompletedTask;

    public Call? Pending { get; set; }

    public bool IsDead { get; set; }

    public bool IsRunnable => Pending is not null && !IsDead && !instance.IsFrozen;
}
