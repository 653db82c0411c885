namespace CustomerFunctions.ServiceAccounts;

/// <summary>Parts accounts that are paired: when one is paired with another, and when one is deleted.</summary>
internal static class Pairs
{
    /// <summary>
    /// Frees an account from the one that it is paired with; an account that an instance is at is returned as it is.
    /// </summary>
    public static async Task<ServiceAccount?> Part(string customerId, string partnerId, string from, ServiceAccountStore store, TimeProvider clock, CancellationToken cancellation)
    {
        while (await store.Read(customerId, partnerId, cancellation) is { } partner && partner.Value.Policy.PairWith == from)
        {
            if (partner.Value.LeasedUntil > clock.GetUtcNow()) { return partner.Value; }
            if (await store.TryReplace(partner, partner.Value with { Policy = partner.Value.Policy with { PairWith = null } }, cancellation) is not null) { return null; }
        }
        return null;
    }
}
