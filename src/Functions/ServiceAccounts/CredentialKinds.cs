using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>A credential that has just been made. Its value goes to Key Vault and nowhere else; it does not print.</summary>
internal sealed class IssuedCredential(string value, string? slot = null, string? hash = null, string? providerKeyId = null, DateTimeOffset? endsAt = null)
{
    public string? Slot => slot;

    public string? Hash => hash;

    public string? ProviderKeyId => providerKeyId;

    /// <summary>When its maker ends it by itself; null where it does not.</summary>
    public DateTimeOffset? EndsAt => endsAt;

    public string Reveal() => value;

    public override string ToString() => "***";
}

/// <summary>What a kind's credentials belong to.</summary>
/// <param name="DataEndpoint">Where they can be tried.</param>
/// <param name="PrincipalId">Who signs in with them, by the object id of the service principal; null where nobody does.</param>
internal sealed record FoundResource(Uri DataEndpoint, string? PrincipalId = null);

/// <summary>A credential cannot be made, for a reason that another attempt does not change; its message is for people and holds no secret.</summary>
internal sealed class CannotIssueException(string reason) : Exception(reason);

/// <summary>
/// What differs between kinds of credential. Two families stand behind it: overlapping ones, where another is issued and the old one later revoked, and two-slot ones,
/// where the idle one of a resource's two keys is made anew.
/// </summary>
internal interface ICredentialKind
{
    /// <summary>Its name in requests and documents.</summary>
    string Name { get; }

    /// <summary>Whether it rotates the credentials of something in Azure, which then has to be named.</summary>
    bool NeedsResource { get; }

    /// <summary>Whether there are two of it, never more: making one ends the one in its slot.</summary>
    bool IsTwoSlot { get; }

    /// <summary>Why nobody signs in to Azure with it, for people; null where a service principal does. Where nobody does there is nobody to give roles to, unless the account is said to be a principal besides.</summary>
    string? WhyNobody { get; }

    /// <summary>The content type of its Key Vault secret.</summary>
    string ContentType { get; }

    /// <summary>How long a new credential may be refused while its maker spreads it.</summary>
    TimeSpan Propagation { get; }

    /// <summary>Finds the resource; the refusal when it cannot be used.</summary>
    Task<(FoundResource? Found, Problem? Refusal)> Inspect(string resourceId, CancellationToken cancellation);

    /// <summary>
    /// Before <see cref="Create"/>, where a credential is shown once only: clears away what an attempt that came to nothing has left, and returns the ids of what is there, which are saved
    /// before the next is made. Null where there is nothing to remember.
    /// </summary>
    Task<IReadOnlyList<string>?> Prepare(ServiceAccount account, CancellationToken cancellation);

    /// <summary>
    /// Makes the credential. Running it again is harmless as long as its result was not published: the key it replaces is one that nobody was given. Where that takes longer than anybody stays
    /// for, it throws <see cref="StillRenewingException"/>, to be called again.
    /// </summary>
    Task<IssuedCredential> Create(ServiceAccount account, CancellationToken cancellation);

    /// <summary>The value of a key that <see cref="Create"/> made earlier, where whoever keeps it shows it again; null where it was shown once only.</summary>
    Task<IssuedCredential?> Recover(ServiceAccount account, KeyVersion key, CancellationToken cancellation);

    /// <summary>Tries the credential for real. False when it is refused.</summary>
    Task<bool> Works(ServiceAccount account, IssuedCredential credential, CancellationToken cancellation);

    /// <summary>Makes the old credential stop working, where that takes more than the account's document saying so. Running it again is harmless; it may throw <see cref="StillRenewingException"/> as <see cref="Create"/>.</summary>
    Task Retire(ServiceAccount account, KeyVersion key, CancellationToken cancellation);

    /// <summary>Removes credentials of this account that nobody knows: a call that was thought to have failed has made them late.</summary>
    Task RemoveStrays(ServiceAccount account, CancellationToken cancellation);

    /// <summary>The account's keys have changed: what this instance remembers of them is out of date.</summary>
    void Forget(ServiceAccount account);
}

/// <summary>The family in which another credential may stand beside those that there are.</summary>
internal interface IOverlappingKind : ICredentialKind
{
    /// <summary>
    /// Makes a credential that nobody is to have, named after <paramref name="trial"/> where its maker keeps names. It stops working by itself when that says, should nobody be left to remove it.
    /// </summary>
    Task<IssuedCredential> CreateThrowaway(ServiceAccount account, KeyVersion trial, CancellationToken cancellation);
}

/// <summary>The kinds by name: two that overlap, and a declaration for each resource with two keys.</summary>
internal sealed class CredentialKinds(ApiCredential apiCredential, EntraApplication entraApplication, AzureClients azure, TimeProvider clock)
{
    private readonly ICredentialKind[] kinds = [apiCredential, entraApplication, .. TwoSlotResource.All.Select(resource => new TwoSlotKeys(resource, azure, clock))];

    public IEnumerable<string> Names => kinds.Select(kind => kind.Name);

    public ICredentialKind? Find(string? name) => kinds.FirstOrDefault(kind => kind.Name == name);

    public ICredentialKind Of(ServiceAccount account) => Find(account.Kind) ?? throw new InvalidOperationException($"This version knows no credential kind '{account.Kind}'.");
}
