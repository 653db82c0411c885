using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Stripe;

/// <summary>One environment, without timers of its own, for tests of what becomes of payments as time passes or something breaks. They run one after the other.</summary>
[CollectionDefinition(nameof(QuietPayments))]
public sealed class QuietPayments : ICollectionFixture<QuietApp>;
