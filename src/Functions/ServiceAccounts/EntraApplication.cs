using System.Globalization;
using System.Net;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// Client secrets of an application in Microsoft Entra: overlapping. Graph shows a secret once, so before one is added the ids that are there are saved with the account; an id that
/// is new after a crash and named after a key of ours is one whose text is lost. It is removed, and another added. Nobody else's secret is ever removed.
/// </summary>
internal sealed class EntraApplication(AzureClients azure, TimeProvider clock) : IOverlappingKind
{
    /// <summary>What the directory lets an application have: two where personal accounts may use it, else what fits into its object.</summary>
    private const int MostOfPersonal = 2;
    private const int MostPasswords = 600;

    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(4);

    public string Name => "entraApplication";

    public bool NeedsResource => true;

    public bool IsTwoSlot => false;

    public string? WhyNobody => null;

    public string ContentType => "application/vnd.customer-functions.entra-client-secret";

    /// <summary>The directory's replicas learn of a secret one after another; less than a rotation's lease lasts.</summary>
    public TimeSpan Propagation => TimeSpan.FromSeconds(60);

    public async Task<(FoundResource? Found, Problem? Refusal)> Inspect(string resourceId, CancellationToken cancellation)
    {
        if (!Guid.TryParseExact(resourceId, "D", out _)) { return (null, Failures.Invalid("/resourceId", "malformed", "Expected the application (client) id of an app registration, a GUID.")); }
        try
        {
            if (await azure.Graph.FindApplication(resourceId, cancellation) is not { } application) { return (null, Failures.ResourceUnusable("There is no such application.")); }
            if (await azure.Graph.FindServicePrincipal(resourceId, cancellation) is not { } principal) { return (null, Failures.ResourceUnusable("The application has no service principal in this tenant, so nobody can sign in with its secrets.")); }
            if (!principal.AccountEnabled) { return (null, Failures.ResourceUnusable("The application's service principal is disabled.")); }
            if (application.Passwords.Count >= Most(application)) { return (null, Failures.ResourceUnusable(Full(application))); }
            return (new FoundResource(new Uri(azure.Settings.EntraEndpoint, $"/{principal.TenantId}/oauth2/v2.0/token"), principal.Id), null);
        }
        catch (GraphFailedException e) when (e.Status == StatusCodes.Status403Forbidden)
        {
            return (null, Failures.ResourceUnusable("This app's identity may not read the application."));
        }
    }

    public async Task<IReadOnlyList<string>?> Prepare(ServiceAccount account, CancellationToken cancellation)
    {
        var application = await azure.Graph.FindApplication(account.ResourceId!, cancellation) ?? throw new CannotIssueException("The application is gone.");
        var there = application.Passwords.ToDictionary(password => password.KeyId);
        foreach (var lost in application.Passwords.Where(password => IsLost(account, password))) { await Remove(lost.KeyId); }
        foreach (var old in account.Keys.Where(key => MakesRoom(account, key, clock.GetUtcNow())))
        {
            if (there.Count >= Most(application) && there.ContainsKey(old.ProviderKeyId!)) { await Remove(old.ProviderKeyId!); }
        }
        return there.Count < Most(application) ? [.. there.Keys] : throw new CannotIssueException(Full(application));

        async Task Remove(string keyId)
        {
            await azure.Graph.RemovePassword(account.ResourceId!, keyId, cancellation);
            there.Remove(keyId);
        }
    }

    public Task<IssuedCredential> Create(ServiceAccount account, CancellationToken cancellation) => Add(account, account.Rotation.KeyId, KeyExpiry.Of(account.Policy, clock.GetUtcNow()), cancellation);

    public Task<IssuedCredential> CreateThrowaway(ServiceAccount account, KeyVersion trial, CancellationToken cancellation) => Add(account, trial.Id, trial.EndsAt!.Value, cancellation);

    public Task<IssuedCredential?> Recover(ServiceAccount account, KeyVersion key, CancellationToken cancellation) => Task.FromResult<IssuedCredential?>(null);

    /// <summary>
    /// Signs in with it, as its users do. While the service principal is stopped nobody can, and to be refused says nothing of the secret; by the error's number it could not be told, since those are subject to
    /// change (learn.microsoft.com: "Microsoft Entra authentication and authorization error codes"). That Graph has answered with this secret is then all that is known of it.
    /// </summary>
    public async Task<bool> Works(ServiceAccount account, IssuedCredential credential, CancellationToken cancellation)
    {
        if (account.IsSecretWithdrawn) { return true; }
        using var form = new FormUrlEncodedContent(new Dictionary<string, string>
        {
            ["grant_type"] = "client_credentials",
            ["client_id"] = account.ResourceId!,
            ["client_secret"] = credential.Reveal(),
            ["scope"] = $"{GraphClient.Audience}/.default",
        });
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        time.CancelAfter(AnswerTime);
        using var response = await azure.Http.PostAsync(account.DataEndpoint!, form, time.Token);
        if (response.StatusCode is HttpStatusCode.BadRequest or HttpStatusCode.Unauthorized) { return false; }
        CredentialTrial.EnsureAnswered(response);
        return true;
    }

    public async Task Retire(ServiceAccount account, KeyVersion key, CancellationToken cancellation)
    {
        if (key.ProviderKeyId is { } known) { await azure.Graph.RemovePassword(account.ResourceId!, known, cancellation); return; }
        // Given up before anybody knew whether it was made.
        var application = await azure.Graph.FindApplication(account.ResourceId!, cancellation);
        foreach (var password in application?.Passwords.Where(password => password.DisplayName == key.Id) ?? []) { await azure.Graph.RemovePassword(account.ResourceId!, password.KeyId, cancellation); }
    }

    /// <summary>An <c>addPassword</c> that was carried out late has left a secret whose text nobody has.</summary>
    public async Task RemoveStrays(ServiceAccount account, CancellationToken cancellation)
    {
        var application = await azure.Graph.FindApplication(account.ResourceId!, cancellation);
        foreach (var lost in application?.Passwords.Where(password => IsLost(account, password)) ?? [])
        {
            await azure.Graph.RemovePassword(account.ResourceId!, lost.KeyId, cancellation);
        }
    }

    /// <summary>Nothing is remembered of secrets that somebody else checks.</summary>
    public void Forget(ServiceAccount account)
    {
    }

    private async Task<IssuedCredential> Add(ServiceAccount account, string name, DateTimeOffset end, CancellationToken cancellation)
    {
        var (keyId, secret) = await azure.Graph.AddPassword(account.ResourceId!, name, end, cancellation);
        return new IssuedCredential(secret, providerKeyId: keyId, endsAt: end);
    }

    /// <summary>
    /// Whether an old key of ours goes where there is no room for the next: it has no overlap, because of an emergency
    /// or a leak; its overlap is over; or it was given up, so that only an instance that stood still may publish it.
    /// </summary>
    private static bool MakesRoom(ServiceAccount account, KeyVersion key, DateTimeOffset now) =>
        key is { State: KeyState.Retiring, ProviderKeyId: not null } && (key.ActivatedAt is null || key.RetireAt <= now || !KeyRotation.HasOverlap(account, key));

    private static bool IsLost(ServiceAccount account, GraphPassword password) =>
        account.Rotation.ProviderKeys?.Contains(password.KeyId) != true
        && account.Keys.Any(key => key.Id == password.DisplayName && (key.State is not (KeyState.Current or KeyState.Retiring) || key.ProviderKeyId != password.KeyId));

    private static int Most(GraphApplication application) => application.IsForPersonalAccounts ? MostOfPersonal : MostPasswords;

    private static string Full(GraphApplication application) =>
        string.Create(CultureInfo.InvariantCulture, $"The application has {application.Passwords.Count} secrets, and the directory lets it have {Most(application)}; remove one that is not ours.");
}
