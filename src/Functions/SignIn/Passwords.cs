using CustomerFunctions.Accounts;
using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace CustomerFunctions.SignIn;

/// <summary>
/// Password hashes by ASP.NET Core Identity's hasher: PBKDF2-HMAC-SHA512 with a salt of its own each. OWASP's Password Storage Cheat Sheet asks for 210,000 iterations; whatever has fewer is hashed again
/// at the next sign-in.
/// </summary>
internal sealed class Passwords
{
    public const int Iterations = 220_000;

    private readonly Lazy<PasswordHasher<Account>> hasher = new(() => new PasswordHasher<Account>(Options.Create(new PasswordHasherOptions { IterationCount = Iterations })));
    private readonly Lazy<string> nobodys;

    public Passwords() => nobodys = new(() => Hash(Tokens.NewSecret()));

    public string Hash(string password) => hasher.Value.HashPassword(null!, password);

    /// <summary>Whether the password is the account's. Without an account, or for one without a password, as much work is done to say no.</summary>
    public (bool Matches, bool NeedsRehash) Verify(Account? account, string password)
    {
        var verdict = hasher.Value.VerifyHashedPassword(null!, account?.PasswordHash ?? nobodys.Value, password);
        return account?.PasswordHash is null ? (false, false) : (verdict != PasswordVerificationResult.Failed, verdict == PasswordVerificationResult.SuccessRehashNeeded);
    }
}
