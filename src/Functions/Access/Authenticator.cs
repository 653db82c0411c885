using CustomerFunctions.ApiKeys;
using CustomerFunctions.Edge;
using CustomerFunctions.Names;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Shared;
using CustomerFunctions.SignIn;

namespace CustomerFunctions.Access;

/// <summary>
/// Says who a key belongs to. What the stores say of a key is remembered for <see cref="Freshness"/>: a revoked key is refused at once on the instance that did it, and within
/// that time on every other. Its customer's standing is the guard's to ask.
/// </summary>
internal sealed class Authenticator(
    BootstrapAdmin bootstrap, PersonSessions people, Tokens tokens, DirectoryStore directory, ApiKeyStore apiKeys, ServiceAccountStore serviceAccounts, KeyHolderCache holders, TimeProvider clock)
{
    public static readonly TimeSpan Freshness = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Identifies the caller. With a refusal, the principal is the holder of a known key that no longer works; it is
    /// null when the credential is unknown. A caller is authenticated only when there is no refusal.
    /// </summary>
    public async ValueTask<(Principal? Principal, Problem? Refusal)> Authenticate(string? credential, CancellationToken cancellation)
    {
        if (credential?.StartsWith(Tokens.AccessPrefix, StringComparison.Ordinal) == true) { return await people.Authenticate(credential, cancellation); }
        if (credential?.StartsWith(Tokens.MachinePrefix, StringComparison.Ordinal) == true) { return await AuthenticateToken(credential, cancellation); }
        var text = ApiKeyText.Parse(credential);
        if (text?.Holder == BootstrapAdmin.Holder)
        {
            return await bootstrap.Accepts(text, cancellation) ? (BootstrapAdmin.Principal, null) : (null, Failures.Unauthenticated());
        }
        return PresentedKey.Parse(credential) is { } key ? await Authenticate(key, cancellation) : (null, Failures.Unauthenticated());
    }

    private async ValueTask<(Principal? Principal, Problem? Refusal)> Authenticate(PresentedKey key, CancellationToken cancellation)
    {
        var (holder, version) = await Find(key, cancellation);
        if (holder is null || version is null) { return (null, Failures.Unauthenticated()); }
        return (holder.As(version), version.RefusalAt(clock.GetUtcNow()));
    }

    /// <summary>A token that a key was exchanged for: good as long as the key is, and for what was asked of it.</summary>
    private async ValueTask<(Principal? Principal, Problem? Refusal)> AuthenticateToken(string credential, CancellationToken cancellation)
    {
        if (tokens.Machine(credential) is not { } ticket) { return (null, Failures.Unauthenticated()); }
        if (ticket.ExpiresAt <= clock.GetUtcNow()) { return (null, Failures.TokenExpired()); }
        var (principal, refusal) = await Authenticate(new PresentedKey(ticket.Pointer, ticket.Hash), cancellation);
        return principal is null || refusal is not null ? (principal, refusal) : (Confine(principal, ticket), null);
    }

    /// <summary>The principal of a token: the key's own, confined to the token's scopes and to the earlier end.</summary>
    public static Principal Confine(Principal key, MachineTicket ticket) => key with
    {
        Scopes = ticket.Scopes.Select(Permissions.Find).OfType<Permission>().Where(permission => key.Scopes?.Contains(permission) != false).ToHashSet(),
        EndsAt = key.EndsAt < ticket.ExpiresAt ? key.EndsAt : ticket.ExpiresAt,
    };

    /// <summary>Whether a key is accepted right now, asked of the store and not of memory: how a rotation tries the credential it has just made.</summary>
    public async Task<bool> AcceptsNow(ApiKeyText text, CancellationToken cancellation)
    {
        holders.Forget(text.Holder);
        var (_, version) = await Find(PresentedKey.Of(text), cancellation);
        return version is not null && version.RefusalAt(clock.GetUtcNow()) is null;
    }

    /// <summary>Memory answers for keys that it knows. One that it does not know may have been made by a rotation on another instance a moment ago.</summary>
    private async ValueTask<(KeyHolder? Holder, HeldKey? Version)> Find(PresentedKey key, CancellationToken cancellation)
    {
        if (holders.TryFindHolder(key.Pointer, out var known) && known?.Match(key) is { } remembered) { return (known, remembered); }
        var asked = clock.GetTimestamp();
        var holder = await ReadHolder(key.Pointer, asked, cancellation);
        holders.KeepHolder(key.Pointer, holder, asked);
        return (holder, holder?.Match(key));
    }

    /// <summary>The pointer may be remembered; the record behind it is what can be revoked.</summary>
    private async Task<KeyHolder?> ReadHolder(string pointerId, long asked, CancellationToken cancellation)
    {
        if (!holders.TryFindPointer(pointerId, out var pointer))
        {
            pointer = (await directory.Find(pointerId, cancellation))?.Value;
            holders.KeepPointer(pointerId, pointer, asked);
        }
        return pointer switch
        {
            null => null,
            { HolderId: var id } when id.StartsWith("sva_", StringComparison.Ordinal) => (await serviceAccounts.Read(pointer.CustomerId, id, cancellation))?.Value.AsKeyHolder(),
            { HolderId: var id } => (await apiKeys.Read(pointer.CustomerId, id, cancellation))?.Value.AsKeyHolder(),
        };
    }
}
