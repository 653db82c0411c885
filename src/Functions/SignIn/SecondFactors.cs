using System.Security.Cryptography;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using CustomerFunctions.RateLimits;

namespace CustomerFunctions.SignIn;

/// <summary>Sets up and checks second factors. What it returns is to be saved, whether the code was right or not.</summary>
internal sealed class SecondFactors(Tokens tokens, TimeProvider clock)
{
    private const string Issuer = "Customer Functions";
    private const int RecoveryCodes = 10;

    /// <summary>A new key, good from the first code that confirms it.</summary>
    public (SecondFactor Factor, string Key, string Uri) Prepare(Account account)
    {
        var key = Totp.NewKey();
        return (new SecondFactor(tokens.Seal(Convert.ToBase64String(key)), []), Totp.Text(key), Totp.Uri(Issuer, account.Email, key));
    }

    /// <summary>The first code: null when it is wrong.</summary>
    public SecondFactor? Confirm(SecondFactor prepared, string code) => Step(prepared, code) is { } step ? prepared with { ConfirmedAt = clock.GetUtcNow(), LastStep = step } : null;

    /// <summary>New recovery codes in place of the old ones; only their hashes stay.</summary>
    public static (SecondFactor Factor, IReadOnlyList<string> Codes) WithRecoveryCodes(SecondFactor factor)
    {
        var codes = Enumerable.Range(0, RecoveryCodes).Select(_ => string.Join('-', Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)).Chunk(8).Select(chunk => new string(chunk)))).ToList();
        return (factor with { RecoveryHashes = [.. codes.Select(Tokens.Hash)] }, codes);
    }

    /// <summary>
    /// Checks a code of the app, or a recovery code. After as many wrong ones as the budget has, none is looked at for its window. They are counted in the account, which is saved anyway.
    /// </summary>
    public (SecondFactor Factor, Problem? Refusal) Check(SecondFactor factor, string? code, string? recoveryCode)
    {
        var (now, budget) = (clock.GetUtcNow(), Budgets.SecondFactor);
        if (factor.ClosedUntil > now) { return (factor, Failures.TooManyAttempts(new RateLimitStatus(budget.Name, budget.Limit, budget.Window, Remaining: 0, factor.ClosedUntil.Value - now))); }
        if (code is not null && Step(factor, code) is { } step) { return (factor with { LastStep = step, Failures = 0, ClosedUntil = null }, null); }
        var hash = recoveryCode is null ? null : Tokens.Hash(recoveryCode.Trim().ToLowerInvariant());
        if (hash is not null && factor.RecoveryHashes.Contains(hash))
        {
            return (factor with { RecoveryHashes = [.. factor.RecoveryHashes.Where(other => other != hash)], Failures = 0, ClosedUntil = null }, null);
        }
        var failures = factor.Failures + 1;
        return (failures < budget.Limit ? factor with { Failures = failures } : factor with { Failures = 0, ClosedUntil = now + budget.Window }, Failures.SecondFactorFailed());
    }

    private long? Step(SecondFactor factor, string code) => Totp.Match(Convert.FromBase64String(tokens.Unseal(factor.ProtectedKey)), code, clock.GetUtcNow(), factor.LastStep);
}
