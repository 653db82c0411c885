using System.Buffers.Text;
using CustomerFunctions.Accounts;
using Microsoft.AspNetCore.Identity;

namespace CustomerFunctions.SignIn;

/// <summary>Users as Identity's WebAuthn handler sees them: the one account that it is about. It changes nothing; the verbs save, once.</summary>
internal sealed class OneAccount(Account? account) : IUserPasskeyStore<Account>
{
    public Task<Account?> FindByIdAsync(string userId, CancellationToken cancellationToken) => Task.FromResult(account?.Id == userId ? account : null);

    public Task<string> GetUserIdAsync(Account user, CancellationToken cancellationToken) => Task.FromResult(user.Id);

    public Task<string?> GetUserNameAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<string?>(user.Email);

    public Task<IList<UserPasskeyInfo>> GetPasskeysAsync(Account user, CancellationToken cancellationToken) => Task.FromResult<IList<UserPasskeyInfo>>([.. user.Passkeys.Select(Info)]);

    public Task<UserPasskeyInfo?> FindPasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(user.Passkeys.Where(passkey => passkey.Id == PasskeyCeremonies.Id(credentialId)).Select(Info).FirstOrDefault());

    /// <summary>Asked before a passkey is added. It is only ever looked for in the account that the answer names, so the same id in another account is no danger to either.</summary>
    public Task<Account?> FindByPasskeyIdAsync(byte[] credentialId, CancellationToken cancellationToken) =>
        Task.FromResult(account?.Passkeys.Any(passkey => passkey.Id == PasskeyCeremonies.Id(credentialId)) == true ? account : null);

    public Task AddOrUpdatePasskeyAsync(Account user, UserPasskeyInfo passkey, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task RemovePasskeyAsync(Account user, byte[] credentialId, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> CreateAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> UpdateAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<IdentityResult> DeleteAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<Account?> FindByNameAsync(string normalizedUserName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task<string?> GetNormalizedUserNameAsync(Account user, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetUserNameAsync(Account user, string? userName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task SetNormalizedUserNameAsync(Account user, string? normalizedName, CancellationToken cancellationToken) => throw new NotSupportedException();

    public void Dispose()
    {
    }

    // What was shown when the passkey was made is not kept: nothing asks for it later, and a document has better uses for its size.
    private static UserPasskeyInfo Info(Passkey passkey) => new(
        Base64Url.DecodeFromChars(passkey.Id), passkey.PublicKey, passkey.CreatedAt, passkey.SignCount, [.. passkey.Transports], isUserVerified: true, passkey.IsBackupEligible, passkey.IsBackedUp,
        attestationObject: [], clientDataJson: []);
}
