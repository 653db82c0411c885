using System.Security.Cryptography;
using System.Text;
using Azure;
using Azure.Security.KeyVault.Secrets;
using CustomerFunctions.Edge;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Access;

/// <summary>
/// The first administrator: a key that the app makes at its first start and keeps in Key Vault, and nowhere else. Whoever may read that secret is an
/// administrator; setting a new version of it replaces the key within a minute. Two instances that start at once may both set one; the newer version is the key.
/// </summary>
internal sealed partial class BootstrapAdmin(AzureClients azure, AppSettings settings, WarmUp warmUp, TimeProvider clock, ILogger<BootstrapAdmin> log) : BackgroundService
{
    public const string SecretName = "bootstrap-admin-key";

    public const string MakeKeyOption = "--make-admin-key";

    /// <summary>The holder in the key's text: no ULID that was ever made has the time zero.</summary>
    public static readonly string Holder = new('0', Ids.UlidLength);

    public static readonly Principal Principal = new(PrincipalKind.System, "bootstrap-admin", Role.Admin);

    private static readonly TimeSpan Freshness = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MinimumBetweenReads = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim reading = new(1);
    private volatile Known? known;

    private sealed record Known(string Hash, long ReadAt);

    /// <summary>Makes a key for whoever is to set the secret by hand, because every administrator is lost or the key has leaked (docs/operations.md), and prints it for the command that sets it.</summary>
    public static int PrintNewKey(string environment)
    {
        if (!ApiKeyText.IsEnvironment(environment))
        {
            Console.Error.WriteLine($"{MakeKeyOption} <environment>: 1 to 12 lower-case letters and digits, as in ApiKeys__Environment.");
            return 1;
        }
        Console.Out.Write(ApiKeyText.Create(environment, Holder).Reveal());
        return 0;
    }

    public async Task<bool> Accepts(ApiKeyText key, CancellationToken cancellation)
    {
        var now = known;
        if (now is null || clock.GetElapsedTime(now.ReadAt) > Freshness) { now = await Read(now, cancellation); }
        if (key.Matches(now?.Hash)) { return true; }
        // Perhaps the key was replaced a moment ago. Look again, but never so often that wrong keys become a load on Key Vault.
        if (now is null || clock.GetElapsedTime(now.ReadAt) < MinimumBetweenReads) { return false; }
        return key.Matches((await Read(now, cancellation))?.Hash);
    }

    /// <summary>Makes another key, if this one is the current: it was found in public. True when it is ours.</summary>
    public async Task<bool> ReplaceIfCurrent(ApiKeyText key, CancellationToken cancellation)
    {
        if (!key.Matches((await Read(known, cancellation))?.Hash)) { return false; }
        await Create(cancellation);
        return true;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A start waits for no dependency, and the first request does not share the processor with this.
        await warmUp.Done.WaitAsync(stoppingToken);
        for (var wait = TimeSpan.FromSeconds(1); !stoppingToken.IsCancellationRequested; wait = TimeSpan.FromSeconds(Math.Min(wait.TotalSeconds * 2, 60)))
        {
            try
            {
                if (await Read(known, stoppingToken) is null) { await Create(stoppingToken); }
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // Whatever it is, a role not yet assigned say, it is no reason to end the app.
                KeyVaultNotReady(log, e.GetType().Name, (e as RequestFailedException)?.Status ?? 0, wait.TotalSeconds);
                await Task.Delay(wait, clock, stoppingToken);
            }
        }
    }

    private async Task Create(CancellationToken cancellation)
    {
        var secret = new KeyVaultSecret(SecretName, ApiKeyText.Create(settings.KeyEnvironment, Holder).Reveal());
        secret.Properties.ContentType = "application/vnd.customer-functions.api-key";
        await azure.Secrets.SetSecretAsync(secret, cancellation);
        await Read(known, cancellation);
        BootstrapKeyCreated(log, SecretName);
    }

    private async Task<Known?> Read(Known? seen, CancellationToken cancellation)
    {
        await reading.WaitAsync(cancellation);
        try
        {
            if (!ReferenceEquals(known, seen)) { return known; }
            var secret = await azure.Secrets.GetSecretAsync(SecretName, cancellationToken: cancellation);
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret.Value.Value)));
            return known = new Known(hash, clock.GetTimestamp());
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
        finally
        {
            reading.Release();
        }
    }

    public override void Dispose()
    {
        reading.Dispose();
        base.Dispose();
    }

    [LoggerMessage(1101, LogLevel.Information, "Made the first administrator's key; it is the Key Vault secret {SecretName}")]
    private static partial void BootstrapKeyCreated(ILogger log, string secretName);

    [LoggerMessage(1102, LogLevel.Warning, "Key Vault is not ready for the first administrator's key ({Exception}, status {Status}); next try in {Seconds} s")]
    private static partial void KeyVaultNotReady(ILogger log, string exception, int status, double seconds);
}
