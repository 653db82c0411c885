using CustomerFunctions.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Password hashes by ASP.NET Core Identity's hasher: PBKDF2-HMAC-SHA512 with a salt of its own each. OWASP's Password Storage Cheat Sheet asks for 210,000 iterations; whatever has fewer is hashed again
/// at the next sign-in. Nothing is hashed without a place in <see cref="HashingGate"/>.
/// </summary>
internal sealed class Passwords
{
    public const int Iterations = 220_000;

    private readonly Lazy<PasswordHasher<Account>> hasher = new(() => new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = Iterations })));
    private readonly Lazy<string> nobodys;

    public Passwords() => nobodys = new(() => HashNow(Tokens.NewSecret()));

    public Task<string> Hash(string password, HashingPlace place, CancellationToken cancellation) => place.Run(() => HashNow(password), cancellation);

    /// <summary>Whether the password is the account's. Without an account, or for one without a password, as much work is done to say no.</summary>
    public Task<(bool Matches, bool NeedsRehash)> Verify(Account? account, string password, HashingPlace place, CancellationToken cancellation) =>
        place.Run(() => VerifyNow(account, password), cancellation);

    /// <summary>For the threads of <see cref="HashingGate"/>, and tests.</summary>
    internal string HashNow(string password) => hasher.Value.HashPassword(null!, PasswordText.Prepare(password));

    /// <summary>For the threads of <see cref="HashingGate"/>, and tests.</summary>
    internal (bool Matches, bool NeedsRehash) VerifyNow(Account? account, string password)
    {
        var hash = account?.PasswordHash ?? nobodys.Value;
        var prepared = PasswordText.Prepare(password);
        var verdict = hasher.Value.VerifyHashedPassword(null!, hash, prepared);
        // Hashes of earlier versions are of what was typed.
        if (verdict == PasswordVerificationResult.Failed && prepared != password && hasher.Value.VerifyHashedPassword(null!, hash, password) != PasswordVerificationResult.Failed)
        {
            verdict = PasswordVerificationResult.SuccessRehashNeeded;
        }
        return account?.PasswordHash is null ? (false, false) : (verdict != PasswordVerificationResult.Failed, verdict == PasswordVerificationResult.SuccessRehashNeeded);
    }
}
