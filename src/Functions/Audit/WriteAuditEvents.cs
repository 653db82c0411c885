using System.Text.Json.Serialization;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Audit;

/// <summary>A document of any kind whose outbox was left over; the rest of it is not looked at.</summary>
internal sealed record Leftover : Document
{
    public string? CustomerId { get; init; }

    public string? AccountId { get; init; }

    /// <summary>The container it stands in.</summary>
    [JsonIgnore]
    public string Container { get; init; } = "";

    /// <summary>Its partition key.</summary>
    [JsonIgnore]
    public string Partition => (Container == LeftoverStore.Customers ? CustomerId : AccountId)!;
}

/// <summary>Finds leftovers. The index holds nothing else, so looking costs what there is to do.</summary>
internal sealed class LeftoverStore(AzureClients azure)
{
    public const string Customers = "customers";
    private readonly Dictionary<string, Documents> containers = new() { [Customers] = new(azure, Customers), ["accounts"] = new(azure, "accounts") };

    public Documents Documents(string container) => containers[container];

    public async Task<IReadOnlyList<Stored<Leftover>>> DueAcrossCustomers(DateTimeOffset now, int count, CancellationToken cancellation)
    {
        var due = new List<Stored<Leftover>>();
        foreach (var (name, documents) in containers)
        {
            var leftovers = await documents.Due("outboxDueAt", now, count, StoreJson.Default.DocumentFeedLeftover, cancellation);
            due.AddRange(leftovers.Select(item => item with { Value = item.Value with { Container = name } }));
        }
        return due;
    }
}

/// <summary>Timer: brings home the events that a request stored with its change and could not write to the log: the log was down, or the process ended.</summary>
internal static class WriteAuditEvents
{
    public static Task<TimerResult> Handle(LeftoverStore leftovers, Outbox outbox, TimeProvider clock, TimerPass pass, CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        return pass.Run(
            nameof(WriteAuditEvents),
            (count, token) => leftovers.DueAcrossCustomers(now, count, token),
            async (Stored<Leftover> leftover, CancellationToken token) =>
            {
                await outbox.Deliver(leftovers.Documents(leftover.Value.Container), leftover.Value.Partition, leftover, token);
                return "written";
            },
            cancellation);
    }
}
