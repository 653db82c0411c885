using System.Net;
using System.Net.Sockets;
using CustomerFunctions.Edge;

namespace CustomerFunctions.RateLimits;

/// <summary>A sign-in that may be tried.</summary>
/// <param name="At">Its instant. Kept with a success, it is what forgives this attempt when a later one is about to be refused.</param>
internal sealed record SignInAttempt(DateTimeOffset At, PermitStock? AddressStock)
{
    /// <summary>To be called when it turned out well: only failures count against an address.</summary>
    public void Succeeded() => AddressStock?.Return(At);
}

/// <summary>
/// How often people may try. Asked before any hash or read, with the identifier as it was typed in, so that an unknown one is no different from a known one. Every refusal is a 429 with Retry-After.
/// </summary>
internal sealed class SignInBudgets(AttemptLog log, PermitLeases leases, TimeProvider clock)
{
    /// <summary>
    /// A sign-in with a password. A known device has budgets of its own, so that nobody else's failures, from wherever, keep its owner out.
    /// </summary>
    /// <param name="identifier">The normalised email address, or whatever else names an account.</param>
    /// <param name="address">The client's address.</param>
    /// <param name="isKnownDevice">Whether the caller has proved to be a device from which this very identifier has signed in before.</param>
    /// <param name="successes">
    /// <see cref="SignInAttempt.At"/> of recent successes from this address (of known devices: from any). Asked only when a refusal looms; none for an unknown identifier.
    /// </param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<(SignInAttempt? Attempt, Problem? Refusal)> TryEnter(
        string identifier, IPAddress? address, bool isKnownDevice, Func<CancellationToken, Task<IReadOnlyList<DateTimeOffset>>> successes, CancellationToken cancellation)
    {
        var source = Source(address);
        PermitStock? stock = null;
        if (!isKnownDevice)
        {
            (stock, var ofAddress) = await leases.Take(Budgets.SignInAddress, source, cancellation);
            if (stock is null) { return (null, Refused(Budgets.SignInAddress.Name, Budgets.SignInAddress.Limit, Budgets.SignInAddress.Window, ofAddress)); }
        }
        var attempt = Attempt.New(clock.GetUtcNow(), isKnownDevice, Attempt.Hashed(identifier, source));
        var judgement = await log.Take(identifier, Budgets.SignIn, attempt, successes, cancellation);
        return judgement.IsAllowed
            ? (new SignInAttempt(DateTimeOffset.FromUnixTimeMilliseconds(attempt.At), stock), null)
            : (null, Refused(Budgets.SignIn, judgement));
    }

    /// <summary>A sign-in that nobody can guess, and that therefore counts for its address only.</summary>
    public async Task<(SignInAttempt? Attempt, Problem? Refusal)> TryEnter(IPAddress? address, CancellationToken cancellation)
    {
        var (stock, judgement) = await leases.Take(Budgets.SignInAddress, Source(address), cancellation);
        return stock is null
            ? (null, Refused(Budgets.SignInAddress.Name, Budgets.SignInAddress.Limit, Budgets.SignInAddress.Window, judgement))
            : (new SignInAttempt(clock.GetUtcNow(), stock), null);
    }

    /// <summary>One attempt on a budget of <see cref="Budgets"/>, by whom it counts for; the refusal, or null.</summary>
    public async Task<Problem?> Try(Budget budget, string key, IPAddress? address, CancellationToken cancellation)
    {
        var attempt = Attempt.New(clock.GetUtcNow(), source: Attempt.Hashed(key, Source(address)));
        var judgement = await log.Take(key, budget, attempt, forgiven: null, cancellation);
        return judgement.IsAllowed ? null : Refused(budget, judgement);
    }

    /// <summary>One attempt on a budget that is leased in blocks; the refusal, or null.</summary>
    public async Task<Problem?> Try(LeasedBudget budget, string key, CancellationToken cancellation)
    {
        var (stock, judgement) = await leases.Take(budget, key, cancellation);
        return stock is not null ? null : Refused(budget.Name, budget.Limit, budget.Window, judgement);
    }

    /// <summary>One attempt from an address on a budget that is leased in blocks; the refusal, or null.</summary>
    public Task<Problem?> Try(LeasedBudget budget, IPAddress? address, CancellationToken cancellation) => Try(budget, Source(address), cancellation);

    /// <summary>The address as it is counted: IPv6 by its /64, which is what one customer of a provider has at least, IPv4 as it is.</summary>
    public static string Source(IPAddress? address)
    {
        if (address is null) { return ""; }
        if (address.IsIPv4MappedToIPv6) { address = address.MapToIPv4(); }
        if (address.AddressFamily != AddressFamily.InterNetworkV6) { return address.ToString(); }
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(8).Clear();
        return new IPAddress(bytes) + "/64";
    }

    private Problem Refused(Budget budget, Judgement judgement) => Refused(budget.Name, judgement.IsTotal ? budget.Total : budget.Limit, budget.Window, judgement);

    private Problem Refused(string name, int limit, TimeSpan window, Judgement judgement)
    {
        var wait = DateTimeOffset.FromUnixTimeMilliseconds(judgement.Until) - clock.GetUtcNow();
        return Failures.TooManyAttempts(new RateLimitStatus(name, limit, window, Remaining: 0, wait > TimeSpan.FromSeconds(1) ? wait : TimeSpan.FromSeconds(1)));
    }
}
