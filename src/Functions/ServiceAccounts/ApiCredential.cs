using CustomerFunctions.Access;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Our own credentials, in the form of API keys: overlapping. The account's document lists the hashes that are accepted, so creating and retiring one is saving the document.</summary>
internal sealed class ApiCredential(Authenticator authenticator, AppSettings settings) : IOverlappingKind
{
    public string Name => "apiCredential";

    public bool NeedsResource => false;

    public bool IsTwoSlot => false;

    public string? WhyNobody => "An API credential opens this API alone, as far as apiScopes go. Nobody signs in to Azure with it, so there is nobody to give roles to.";

    public string ContentType => "application/vnd.customer-functions.api-key";

    public TimeSpan Propagation => TimeSpan.Zero;

    public Task<(FoundResource? Found, Problem? Refusal)> Inspect(string resourceId, CancellationToken cancellation) =>
        Task.FromResult<(FoundResource?, Problem?)>((null, Failures.Invalid("/resourceId", "not-allowed", "This kind has no resource.")));

    public Task<IReadOnlyList<string>?> Prepare(ServiceAccount account, CancellationToken cancellation) => Task.FromResult<IReadOnlyList<string>?>(null);

    public Task<IssuedCredential> Create(ServiceAccount account, CancellationToken cancellation)
    {
        var key = ApiKeyText.Create(settings.KeyEnvironment, Ids.Ulid(account.Id));
        return Task.FromResult(new IssuedCredential(key.Reveal(), hash: key.Hash()));
    }

    /// <summary>Accepted for as long as the account's document has the trial, and until that ends.</summary>
    public Task<IssuedCredential> CreateThrowaway(ServiceAccount account, KeyVersion trial, CancellationToken cancellation) => Create(account, cancellation);

    public Task<IssuedCredential?> Recover(ServiceAccount account, KeyVersion key, CancellationToken cancellation) => Task.FromResult<IssuedCredential?>(null);

    /// <summary>
    /// Through the very door that requests come in by, with nothing remembered. While the account is suspended that is closed to every key of it, and says nothing of this one: its hash stands in the document.
    /// </summary>
    public async Task<bool> Works(ServiceAccount account, IssuedCredential credential, CancellationToken cancellation) =>
        account.Suspension is not null || (ApiKeyText.Parse(credential.Reveal()) is { } key && await authenticator.AcceptsNow(key, cancellation));

    public Task Retire(ServiceAccount account, KeyVersion key, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>A key is accepted because its hash is in the document: there are none that nobody knows.</summary>
    public Task RemoveStrays(ServiceAccount account, CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Nothing is remembered here: the store forgets what it writes.</summary>
    public void Forget(ServiceAccount account) { }
}
