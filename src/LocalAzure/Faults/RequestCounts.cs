using System.Collections.Concurrent;

namespace LocalAzure.Faults;

/// <summary>How often each service was called, and for what. Counting a call of a known kind allocates nothing and takes no lock.</summary>
internal sealed class RequestCounts
{
    /// <summary>Above this many kinds of operation of one service the rest is counted as one: somebody is making up paths.</summary>
    private const int MostOperations = 1000;
    private const int MostFeatures = 200;
    private const string Other = "(other)";

    private readonly ConcurrentDictionary<string, Counter> services = new();

    /// <summary>A counter for one service, to be kept by whoever counts.</summary>
    public Counter For(string service) => services.GetOrAdd(service, _ => new Counter());

    public IReadOnlyDictionary<string, long> ByService() => services.OrderBy(service => service.Key, StringComparer.Ordinal).ToDictionary(service => service.Key, service => service.Value.Total);

    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> ByOperation() =>
        services.OrderBy(service => service.Key, StringComparer.Ordinal).ToDictionary(service => service.Key, service => service.Value.Operations());

    /// <summary>What was refused as not implemented, by service and feature.</summary>
    public IReadOnlyDictionary<string, IReadOnlyDictionary<string, long>> Unimplemented() =>
        services.Where(service => service.Value.Unimplemented().Count > 0).OrderBy(service => service.Key, StringComparer.Ordinal)
            .ToDictionary(service => service.Key, service => service.Value.Unimplemented());

    public void Reset()
    {
        foreach (var counter in services.Values) { counter.Reset(); }
    }

    internal sealed class Counter
    {
        private readonly ConcurrentDictionary<string, Cell> operations = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, long> unimplemented = new(StringComparer.Ordinal);
        private long total;

        public long Total => Interlocked.Read(ref total);

        public void Add(ReadOnlySpan<char> operation)
        {
            Interlocked.Increment(ref total);
            if (!operations.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(operation, out var count))
            {
                count = operations.GetOrAdd(operations.Count < MostOperations ? operation.ToString() : Other, _ => new Cell());
            }
            Interlocked.Increment(ref count.Value);
        }

        public IReadOnlyDictionary<string, long> Operations() =>
            operations.Where(operation => Interlocked.Read(ref operation.Value.Value) > 0).OrderBy(operation => operation.Key, StringComparer.Ordinal)
                .ToDictionary(operation => operation.Key, operation => Interlocked.Read(ref operation.Value.Value));

        public void AddUnimplemented(string feature) => unimplemented.AddOrUpdate(
            unimplemented.Count < MostFeatures || unimplemented.ContainsKey(feature) ? feature : Other, 1, (_, count) => count + 1);

        public IReadOnlyDictionary<string, long> Unimplemented() =>
            unimplemented.OrderBy(feature => feature.Key, StringComparer.Ordinal).ToDictionary(feature => feature.Key, feature => feature.Value);

        public void Reset()
        {
            unimplemented.Clear();
            Interlocked.Exchange(ref total, 0);
            foreach (var count in operations.Values) { Interlocked.Exchange(ref count.Value, 0); }
        }
    }

    internal sealed class Cell
    {
        public long Value;
    }
}
