using CustomerFunctions.Edge;

namespace CustomerFunctions.Stripe;

/// <summary>Timer: asks Stripe for what it has said since the last time and takes what never came, because for three days there was nobody to take it or the endpoint was switched off.</summary>
internal static class ReconcileStripeEvents
{
    public static Task<TimerResult> Handle(StripeReconciliation reconciliation, CancellationToken cancellation) => reconciliation.Run(cancellation);
}
