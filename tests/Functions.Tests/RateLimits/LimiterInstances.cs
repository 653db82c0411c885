using System.Globalization;
using System.Net;
using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;
using CustomerFunctions.Shared.Azure;
using Microsoft.Extensions.Logging.Abstractions;

namespace CustomerFunctions.Tests.RateLimits;

/// <summary>The limiter of several instances of the app, each with a memory of its own, on one Cosmos DB and one clock that stands still until it is moved.</summary>
internal sealed class LimiterInstances
{
    public static readonly Func<CancellationToken, Task<IReadOnlyList<DateTimeOffset>>> NoSuccesses = _ => Task.FromResult<IReadOnlyList<DateTimeOffset>>([]);

    private static readonly Lazy<Task<LimiterInstances>> SharedInstances = new(async () => new(await LocalCloud.Start(), 4));

    private LimiterInstances(LocalCloud cloud, int count)
    {
        Cloud = cloud;
        var nowhere = new Uri("https://invalid.invalid");
        var azure = new AzureClients(new AzureSettings(new Uri(cloud.Endpoint("cosmos")), "customers", nowhere, nowhere, nowhere, "", null, null), new CosmosCredential(cloud));
        SignIn = [.. Enumerable.Range(0, count).Select(_ => NewInstance(azure))];
    }

    /// <summary>Four instances for all tests that need not be alone; they end with the test process.</summary>
    public static Task<LimiterInstances> Shared => SharedInstances.Value;

    public LocalCloud Cloud { get; }

    public ManualClock Clock { get; } = new();

    public IReadOnlyList<SignInBudgets> SignIn { get; }

    public async Task<Problem?> Fail(string identifier, string address, int instance = 0, bool isKnownDevice = false) =>
        (await SignIn[instance].TryEnter(identifier, IPAddress.Parse(address), isKnownDevice, NoSuccesses, CancellationToken.None)).Refusal;

    /// <summary>Requests to Cosmos DB that something takes.</summary>
    public async Task<long> Requests(Func<Task> something)
    {
        await Cloud.ResetRequests();
        await something();
        return (long)(await Cloud.Requests())["cosmos"]!;
    }

    private SignInBudgets NewInstance(AzureClients azure)
    {
        var log = new AttemptLog(azure, Clock, NullLogger<AttemptLog>.Instance);
        return new SignInBudgets(log, new PermitLeases(log, Clock), Clock);
    }
}

/// <summary>A clock that a test moves.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long milliseconds = DateTimeOffset.Parse("2026-11-21T10:00:00Z", CultureInfo.InvariantCulture).ToUnixTimeMilliseconds();

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Interlocked.Read(ref milliseconds));

    public void Advance(TimeSpan by) => Interlocked.Add(ref milliseconds, (long)by.TotalMilliseconds);
}
