using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Mail;
using CustomerFunctions.Members;
using CustomerFunctions.Names;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.LeakDesk;

/// <summary>
/// What happens to a key that was found in public. By its customer's policy it is revoked or gets a grace; a service account's key is replaced first, through the one rotation that there
/// is. A value that has been rolled loses what is left of its grace and nothing else. The administrator's own key is replaced at once.
/// </summary>
internal sealed partial class LeakedKeys(
    DirectoryStore directory, CustomerStore customers, ApiKeyStore apiKeys, ServiceAccountStore serviceAccounts, RotationEngine engine, RotationTurns turns, BootstrapAdmin bootstrap, AccountStore accounts, MailSender mail, TimeProvider clock, ILogger<LeakedKeys> log)
{
    public const string Actor = "leak-desk";

    /// <summary>So many owners are told; each is a write.</summary>
    private const int MostOwners = 10;

    private static readonly TimeSpan Grace = TimeSpan.FromDays(1);

    public async Task<LeakVerdict> Deal(LeakReport report, CancellationToken cancellation)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(report.Token!)));
        var isOurs = await Find(report.Token!, cancellation);
        return new LeakVerdict(hash, report.Type, isOurs ? LeakLabel.TruePositive : LeakLabel.FalsePositive);
    }

    private async Task<bool> Find(string token, CancellationToken cancellation)
    {
        var text = ApiKeyText.Parse(token);
        if (text?.Holder == BootstrapAdmin.Holder) { return await bootstrap.ReplaceIfCurrent(text, cancellation); }
        if ((text is null ? PresentedKey.Legacy(token) : PresentedKey.Of(text)) is not { } key) { return false; }
        if ((await directory.Find(key.Pointer, cancellation))?.Value is not { } pointer) { return false; }
        var response = (await customers.Read(pointer.CustomerId, cancellation))?.Value.LeakResponse ?? LeakResponse.Revoke;
        return pointer.HolderId.StartsWith("sva_", StringComparison.Ordinal)
            ? await DealWithServiceAccount(pointer, key.Hash, response, cancellation)
            : await DealWithApiKey(pointer, key.Hash, response, cancellation);
    }

    private async Task<bool> DealWithApiKey(Claim pointer, string hash, LeakResponse response, CancellationToken cancellation)
    {
        while (await apiKeys.Read(pointer.CustomerId, pointer.HolderId, cancellation) is { } key)
        {
            if (key.Value.Leaked(hash, response, Grace, Actor, clock.GetUtcNow()) is not { } after) { return false; }
            if (ReferenceEquals(after, key.Value)) { return true; }
            await TellOwners(key.Value.CustomerId, key.Value.Id, cancellation);
            if (await apiKeys.TryReplace(key, after.Recorded("apiKey.leaked", key.Value, Caller.Timer(Actor), clock), cancellation) is null) { continue; }
            KeyLeaked(log, key.Value.Id, key.Value.CustomerId, response);
            return true;
        }
        return false;
    }

    private async Task<bool> DealWithServiceAccount(Claim pointer, string hash, LeakResponse response, CancellationToken cancellation)
    {
        while (await serviceAccounts.Read(pointer.CustomerId, pointer.HolderId, cancellation) is { } account)
        {
            if (account.Value.Keys.FirstOrDefault(key => key.Hash == hash) is not { } key) { return false; }
            var rotationId = Ids.Rotation(clock);
            var after = KeyRotation.Leaked(account.Value, key, endOverlap: response == LeakResponse.Revoke, Actor, rotationId, Ids.Key(clock), clock.GetUtcNow());
            if (ReferenceEquals(after, account.Value)) { return true; }
            await TellOwners(account.Value.CustomerId, key.Id, cancellation);
            if (await serviceAccounts.TryReplace(account, after.Recorded("serviceAccount.keyLeaked", Caller.Timer(Actor), clock, [key]), cancellation) is not { } marked) { continue; }
            KeyLeaked(log, key.Id, account.Value.CustomerId, response);
            await Rotate(marked, isClaimed: marked.Value.Rotation.Id == rotationId, cancellation);
            return true;
        }
        return false;
    }

    /// <summary>
    /// Before the key is dealt with: a report that dies in between comes again and tells again, and one that was dealt with has told. The mail of a key that still waits is not doubled.
    /// </summary>
    private async Task TellOwners(string customerId, string keyId, CancellationToken cancellation)
    {
        if (await customers.Read(customerId, cancellation) is not { Value.DeletedAt: null } customer) { return; }
        foreach (var owner in customer.Value.Members.Where(member => member.Role == MemberRole.Owner).Take(MostOwners))
        {
            if (await accounts.Read(owner.AccountId, cancellation) is not { } account) { continue; }
            var told = await accounts.Change(
                account,
                current => current.Mail.Any(waiting => waiting.Template == MailTemplate.KeyLeaked && waiting.About?.ThingId == keyId) ? null
                    : current.WithMail(PendingMail.Of(MailTemplate.KeyLeaked, current.Email, clock) with { About = new MailSubject(customerId, customer.Value.Name, keyId) }),
                cancellation);
            if (told is not null) { mail.SendSoon(told.Value.Id); }
        }
    }

    /// <summary>Goes as far as it goes now: the next key, then the end of the leaked one. What is left is due, and the timer's.</summary>
    private async Task Rotate(Stored<ServiceAccount> marked, bool isClaimed, CancellationToken cancellation)
    {
        if (isClaimed) { (_, marked) = await engine.Run(marked, cancellation); }
        if (await turns.Advance(marked, cancellation) != RotationOutcome.Rotated) { return; }
        if (await serviceAccounts.Read(marked.Value.CustomerId, marked.Value.Id, cancellation) is { } rotated) { await turns.Advance(rotated, cancellation); }
    }

    [LoggerMessage(1401, LogLevel.Warning, "Key {KeyId} of customer {CustomerId} was reported as leaked; response: {Response}")]
    private static partial void KeyLeaked(ILogger log, string keyId, string customerId, LeakResponse response);
}
