using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Flags;
using CustomerFunctions.LeakDesk;
using CustomerFunctions.Migrations;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using Microsoft.AspNetCore.Http;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>Something that an operator does, again and again until it is done: through the verb behind the route.</summary>
/// <param name="Name">For people.</param>
/// <param name="After">When, in the baseline, counted from the scenario's start.</param>
/// <param name="Do">Does it, and returns the status of the answer.</param>
internal sealed record OperatorAction(string Name, TimeSpan After, Func<World, Instance, CancellationToken, Task<int>> Do)
{
    /// <summary>Whether another key may come of it.</summary>
    public bool Rotates { get; init; }

    /// <summary>Whether the key that is current when it is asked for is never to be handed out again.</summary>
    public bool Dooms { get; init; }

    /// <summary>Whether it may make a rotation that is under way its own.</summary>
    public bool MayTakeOver { get; init; }

    /// <summary>Whether keys lose the overlap that they were promised.</summary>
    public bool EndsOverlaps { get; init; }
}

/// <summary>A baseline: an account, a moment, and what is done to it from then on. The timers do the rest.</summary>
internal sealed record Scenario(string Name, string Kind)
{
    public const string ApiCredential = "apiCredential";
    public const string EntraApplication = "entraApplication";
    public const string StorageKeys = "storageAccountKeys";
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    /// <summary>How long a credential that was handed out works at the least.</summary>
    public TimeSpan OverlapPromised => Overlap;

    private static readonly TimeSpan Interval = TimeSpan.FromDays(30);
    private const string ResourceId = "/subscriptions/0f6a1a10-0000-4000-8000-00000000000a/resourceGroups/explored/providers/Microsoft.Storage/storageAccounts/";

    public const string First = ResourceId + "first";
    public const string Second = ResourceId + "second";

    public IReadOnlyList<OperatorAction> Actions { get; init; } = [];

    /// <summary>Whether the account is there when it begins, and its next rotation is due.</summary>
    public bool IsDue { get; init; } = true;

    /// <summary>Whether it begins with an account at all.</summary>
    public bool HasAccount { get; init; } = true;

    public bool IsForPersonalAccounts { get; init; }

    /// <summary>
    /// A fault, for the test that plants one: a claim that is renewed before a key is put back is not compared with the
    /// document, as if it were not saved.
    /// </summary>
    public bool PutsBackUnclaimed { get; init; }

    public LeakResponse LeakResponse { get; init; }

    /// <summary>With how many deviations the suite explores it.</summary>
    public int SuiteDeviations { get; init; } = 1;

    /// <summary>How long it goes on.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromHours(10);

    public static OperatorAction Create(string kind) => new("create", TimeSpan.Zero, async (world, instance, cancellation) =>
    {
        var request = new CreateServiceAccountRequest(
            "explored", kind, kind switch { ApiCredential => null, EntraApplication => Wire.ApplicationId, _ => First }, new RotationPolicyRequest(Interval, Overlap));
        var result = await CreateServiceAccount.Handle(
            Cluster.CustomerId, world.Customer, request, Staff, instance.Get<ServiceAccountStore>(), instance.Get<CredentialKinds>(), instance.Get<RotationEngine>(), instance.Get<LifecycleEngine>(), instance.Get<AppSettings>(), new NewIds(Cluster.Seed),
            instance.Get<TimeProvider>(), cancellation);
        return StatusOf(result.Result);
    }) { Rotates = true };

    public static OperatorAction Emergency(TimeSpan after) => new("emergency", after, async (world, instance, cancellation) =>
    {
        var result = await RotateServiceAccount.Handle(
            Cluster.CustomerId, Cluster.AccountId, null, new RotateRequest(RotationMode.Emergency, "Explored."), world.Customer, Staff, instance.Get<ServiceAccountStore>(), instance.Get<RotationEngine>(), instance.Get<RotationTurns>(),
            new NewIds("01JEXPEMERGENCY00000000000"), instance.Get<TimeProvider>(), Context(instance), cancellation);
        return StatusOf(result.Result);
    }) { Rotates = true, Dooms = true, EndsOverlaps = true, MayTakeOver = true };

    public static OperatorAction Leak(TimeSpan after, LeakResponse response) => new($"leak report ({response})", after, async (world, instance, cancellation) =>
    {
        var verdict = await instance.Get<LeakedKeys>().Deal(new LeakReport(world.Promises.Doomed ?? "", "customer_functions_key"), cancellation);
        return verdict.Label == LeakLabel.TruePositive ? 200 : 404;
    }) { Rotates = true, Dooms = true, EndsOverlaps = response == LeakResponse.Revoke };

    /// <summary>
    /// As <see cref="Leak"/>, with the fault that this product had: it takes over a live claim. It is here and not in
    /// the product, which has no place for it. See <see cref="PutsBackUnclaimed"/> for its other half.
    /// </summary>
    public static OperatorAction LeakWithFault(TimeSpan after) => new("leak report that waits for nobody", after, async (world, instance, cancellation) =>
    {
        var (store, clock) = (instance.Get<ServiceAccountStore>(), instance.Get<TimeProvider>());
        while (await store.Read(Cluster.CustomerId, Cluster.AccountId, cancellation) is { } account)
        {
            if (account.Value.Rotation.Step is not (RotationStep.Done or RotationStep.Settle or RotationStep.Retire)) { return 409; }
            var now = clock.GetUtcNow();
            var leaked = account.Value with
            {
                Keys = [.. account.Value.Keys.Select(key => key.State == KeyState.Current ? key with { LeakedAt = now } : key)],
            };
            var begun = KeyRotation.Start(leaked, RotationTrigger.Leak, "operator", Ids.Rotation(clock), Ids.Key(clock), now);
            if (await store.TryReplace(account, begun, cancellation) is not { } claimed) { continue; }
            var (_, rotated) = await instance.Get<RotationEngine>().Run(claimed, cancellation);
            await instance.Get<RotationTurns>().Advance(rotated, cancellation);
            return 200;
        }
        return 404;
    }) { Rotates = true, Dooms = true, EndsOverlaps = true };

    public static OperatorAction Suspend(TimeSpan after) => new("suspend", after, async (world, instance, cancellation) =>
    {
        var result = await SuspendServiceAccount.Handle(
            Cluster.CustomerId, Cluster.AccountId, null, new SuspendServiceAccountRequest("Explored."), Staff, instance.Get<ServiceAccountStore>(), instance.Get<LifecycleEngine>(), instance.Get<TimeProvider>(), Context(instance), cancellation);
        return StatusOf(result.Result);
    });

    public static OperatorAction Restore(TimeSpan after) => new("restore", after, async (world, instance, cancellation) =>
    {
        var result = await RestoreServiceAccount.Handle(
            Cluster.CustomerId, Cluster.AccountId, Staff, instance.Get<ServiceAccountStore>(), instance.Get<LifecycleEngine>(), instance.Get<TimeProvider>(), Context(instance).Response, cancellation);
        return StatusOf(result.Result);
    });

    public static OperatorAction Delete(TimeSpan after) => new("delete", after, async (world, instance, cancellation) =>
    {
        var context = Context(instance);
        context.Request.Headers.IfMatch = "*";
        var result = await DeleteServiceAccount.Handle(
            Cluster.CustomerId, Cluster.AccountId, null, Staff, instance.Get<ServiceAccountStore>(), instance.Get<LifecycleEngine>(), instance.Get<TimeProvider>(), context, cancellation);
        return StatusOf(result.Result) is var status && status == 404 ? 204 : status;
    });

    public static OperatorAction ChangePolicy(TimeSpan after) => new("policy change", after, async (world, instance, cancellation) =>
    {
        var context = Context(instance);
        context.Request.Headers.IfMatch = "*";
        context.Request.ContentType = "application/merge-patch+json";
        context.Request.Body = new MemoryStream("""{"interval":"P60D"}"""u8.ToArray());
        var result = await PatchRotationPolicy.Handle(
            Cluster.CustomerId, Cluster.AccountId, Staff, instance.Get<ServiceAccountStore>(), instance.Get<CredentialKinds>(), instance.Get<TimeProvider>(), context, cancellation);
        return StatusOf(result.Result);
    });

    public static OperatorAction Migrate(TimeSpan after) => new("migrate", after, async (world, instance, cancellation) =>
    {
        var result = await MigrateServiceAccount.Handle(
            Cluster.CustomerId, Cluster.AccountId, null, new MigrateRequest(Second), world.Customer, Staff, instance.Get<ServiceAccountStore>(), instance.Get<MigrationTargets>(), instance.Get<LifecycleEngine>(), new NewIds("01JEXPM1GRAT10N00000000000"),
            instance.Get<TimeProvider>(), Context(instance), cancellation);
        return StatusOf(result.Result);
    }) { Rotates = true };

    /// <summary>Too late counts as done.</summary>
    public static OperatorAction Cancel(TimeSpan after) => new("cancel", after, async (world, instance, cancellation) =>
    {
        var result = await CancelMigration.Handle(
            Cluster.CustomerId, Cluster.AccountId, world.State.Account?.Migration?.Id ?? "", Staff, instance.Get<ServiceAccountStore>(), instance.Get<SecretVault>(), instance.Get<LifecycleEngine>(), instance.Get<TimeProvider>(), Context(instance), cancellation);
        return result.Result is Problem { Kind.Code: "migration-switched" } ? 200 : StatusOf(result.Result);
    });

    private static Caller Staff => new(BootstrapAdmin.Principal, null);

    private static DefaultHttpContext Context(Instance instance) => new() { RequestServices = instance.Services };

    private static int StatusOf(IResult result) => (result as IStatusCodeHttpResult)?.StatusCode ?? 200;

    /// <summary>What there is before anything is done.</summary>
    public CloudState Empty(DateTimeOffset now)
    {
        var state = new CloudState { IsForPersonalAccounts = IsForPersonalAccounts };
        foreach (var resource in new[] { First, Second })
        {
            foreach (var slot in new[] { "key1", "key2" }) { state.ResourceKeys[(resource.ToLowerInvariant(), slot)] = Wire.NewStorageKey(state); }
        }
        var customer = Customer.Start(Cluster.CustomerId, "explored", new CustomerFields("Explored", "explored@example.com"), "test", now) with
        {
            WriteId = "customer",
            LeakResponse = LeakResponse,
            FlagOverrides = new Dictionary<string, bool> { [FeatureFlags.KeyRotation.Name] = true },
        };
        state.Documents["customers/" + Cluster.CustomerId] = new StoredDocument(System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(customer, StoreJson.Default.Customer), "\"customer\"", null);
        return state;
    }
}
