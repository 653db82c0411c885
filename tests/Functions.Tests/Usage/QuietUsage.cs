using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Usage;

/// <summary>One environment, without timers of its own, for tests of usage that move the clock or break things. They run one after the other.</summary>
[CollectionDefinition(nameof(QuietUsage))]
public sealed class QuietUsage : ICollectionFixture<QuietApp>;
