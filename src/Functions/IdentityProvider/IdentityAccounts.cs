using CustomerFunctions.Access;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using CustomerFunctions.Accounts;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;
using CustomerFunctions.Names;
using CustomerFunctions.Shared;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.IdentityProvider;

/// <summary>Says that a user was deleted, so that an older event that arrives later brings nobody back. Gone when nothing is delivered any more.</summary>
internal sealed record DeletedIdentity : Document
{
    public const string DocumentType = "deletedIdentity";

    public required long Version { get; init; }
}

/// <summary>The identity provider's own fields and those that it may add any day.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, Converters = [typeof(InstantConverter), typeof(Int64Converter)])]
[JsonSerializable(typeof(IdentityEvent))]
internal sealed partial class IdentityJson : JsonSerializerContext;

/// <summary>
/// Accounts that an identity provider speaks for. Its user id leads to one through the directory. An account that is there already is joined to a user only when both sides have proven the
/// address; otherwise whoever registers a stranger's address at the provider would get the stranger's account.
/// </summary>
internal sealed class IdentityAccounts(AzureClients azure, AccountStore accounts, CustomerStore customers, TimeProvider clock)
{
    private const int ThirtyDays = 30 * 24 * 60 * 60;
    private readonly Documents control = new(azure, "control");

    /// <summary>Who it is in the log.</summary>
    private static Caller Provider => Caller.Timer("identity-provider");

    public async Task<(bool Applied, Problem? Refusal)> Upsert(IdentityEvent received, CancellationToken cancellation)
    {
        var (user, version) = (received.Data!, VersionOf(received));
        if (await DeletedAt(user.Id!, cancellation) >= version) { return (false, null); }
        var email = AccountStore.NormalizeEmail(user.Email!);
        for (var attempt = 0; attempt < 5; attempt++)
        {
            if (await accounts.FindByIdentity(user.Id!, cancellation) is not { } account)
            {
                var (made, refusal) = await AddOrJoin(user, email, version, cancellation);
                if (refusal is not null || made is null) { return (false, refusal); }
                if (!made.Value) { continue; }
                // A deletion that was received while this was joining has not found the account.
                if (await DeletedAt(user.Id!, cancellation) is { } deleted && deleted >= version) { await Close(user.Id!, deleted, cancellation); }
                return (true, null);
            }
            if (account.Value.Identity!.UserId != user.Id)
            {
                if (account.Value.Identity.Waiting!.Any(waiting => waiting.UserId == user.Id && waiting.Version >= version)) { return (false, null); }
                var isSame = user.EmailVerified == true && account.Value.Email == email;
                var next = isSame ? IdentityRules.Join(account.Value, user.Id!, version) : IdentityRules.Leave(account.Value, user.Id!);
                if (next is null) { return (false, null); }
                if (await accounts.TryReplace(account, next, cancellation) is not null && isSame) { return (true, null); }
                continue;
            }
            if (IdentityRules.Join(account.Value, user.Id!, version) is not { } revived) { return (false, null); }
            var after = Apply(revived, user, email, version);
            var (changed, refused) = await accounts.TryChangeEmail(account, after.Recorded(account.Value, Provider, clock), cancellation);
            // Another account has the address: it stays there, and the rest of the event counts.
            if (refused?.Kind.Status == StatusCodes.Status409Conflict) { changed = await accounts.TryReplace(account, (after with { Email = account.Value.Email, EmailConfirmed = account.Value.EmailConfirmed }).Recorded(account.Value, Provider, clock), cancellation); }
            else if (refused is not null) { return (false, refused); }
            if (changed is not null) { return (true, null); }
        }
        return (false, Failures.Busy(NameClaims.Grace));
    }

    public async Task<(bool Applied, Problem? Refusal)> Delete(IdentityEvent received, CancellationToken cancellation)
    {
        var version = VersionOf(received);
        // First the mark, so that a crash behind it leaves an event that is delivered again, and not a person who comes back.
        var id = received.Data!.Id!;
        await Mark(id, version, cancellation);
        return (await Close(id, version, cancellation), null);
    }

    private async Task Mark(string userId, long version, CancellationToken cancellation)
    {
        var mark = new DeletedIdentity { Id = MarkId(userId), Type = DeletedIdentity.DocumentType, Version = version, Ttl = ThirtyDays };
        while (await control.TryCreate(mark.Id, mark, StoreJson.Default.DeletedIdentity, cancellation) is null)
        {
            if (await control.Read(mark.Id, mark.Id, StoreJson.Default.DeletedIdentity, cancellation) is not { } known) { continue; }
            if (known.Value.Version >= version) { return; }
            if (await control.TryReplace(mark.Id, known, mark, StoreJson.Default.DeletedIdentity, cancellation) is not null) { return; }
        }
    }

    private async Task<bool> Close(string userId, long version, CancellationToken cancellation)
    {
        if (await accounts.FindByIdentity(userId, cancellation) is not { } account) { return false; }
        var changed = await accounts.Change(account, current => IdentityRules.Delete(current, userId, version)?.Recorded(current, Provider, clock, "disabled"), cancellation);
        if (changed is { Value.Disabled: true }) { await Owners.TellOfLast(changed.Value, Provider, accounts, customers, clock, cancellation); }
        return changed is not null;
    }

    /// <summary>True when the account was made or joined, false when somebody was faster and it is to be looked for again, null when the address is not the provider's to speak for.</summary>
    private async Task<(bool? Made, Problem? Refusal)> AddOrJoin(IdentityUser user, string email, long version, CancellationToken cancellation)
    {
        if (await accounts.FindByEmail(email, cancellation) is { } existing)
        {
            if (user.EmailVerified != true || !existing.Value.EmailConfirmed) { return (null, null); }
            if (IdentityRules.Join(existing.Value, user.Id!, version) is not { } joined) { return (null, null); }
            // The profile is the current user's; one that waits changes nothing yet.
            if (joined.Identity!.UserId == user.Id) { joined = Apply(joined, user, email, version); }
            return await accounts.TryJoinIdentity(existing, joined.Recorded(existing.Value, Provider, clock).RecordedAs("account.identityJoined", Provider, clock), user.Id!, cancellation);
        }
        var now = clock.GetUtcNow();
        var id = Ids.Account(clock);
        var draft = Account.Start(id, email, user.Name ?? email.Split('@')[0], passwordHash: null, PlatformRole.Customer, "identity-provider", now) with { Identity = new AccountIdentity(user.Id!, version) };
        return await accounts.TryAddWithIdentity(Apply(draft, user, email, version).Recorded(null, Provider, clock), cancellation);
    }

    private static Account Apply(Account account, IdentityUser user, string email, long version) => account with
    {
        Email = email,
        EmailConfirmed = user.EmailVerified == true || (account.EmailConfirmed && account.Email == email),
        Name = user.Name ?? account.Name,
        AvatarUrl = user.AvatarUrl ?? account.AvatarUrl,
        Identity = account.Identity! with { Version = version },
    };

    private async Task<long?> DeletedAt(string userId, CancellationToken cancellation) =>
        (await control.Read(MarkId(userId), MarkId(userId), StoreJson.Default.DeletedIdentity, cancellation))?.Value.Version;

    private static long VersionOf(IdentityEvent received) => received.Data!.Version ?? received.Timestamp!.Value.ToUnixTimeMilliseconds();

    private static string MarkId(string userId) => "deleted-identity:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(userId)));
}
