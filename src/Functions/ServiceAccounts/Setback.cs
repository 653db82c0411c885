using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>How an engine lets go of an account that it could not finish.</summary>
internal static class Setback
{
    private static readonly TimeSpan SaveTime = TimeSpan.FromSeconds(5);

    /// <summary>Saves what stood in the way; null when the account has changed meanwhile, or the store does not answer either. Then the lease runs out by itself.</summary>
    public static async Task<Stored<ServiceAccount>?> TrySave(ServiceAccountStore store, Stored<ServiceAccount> account, ServiceAccount after)
    {
        try { return await RequestDeadline.TidyUp(SaveTime, time => store.TryReplace(account, after, time)); }
        catch (Exception e) when (ExceptionEdge.IsDependencyFailure(e)) { return null; }
    }
}
