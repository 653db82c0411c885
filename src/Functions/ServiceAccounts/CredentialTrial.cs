using System.Net;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Where a credential was tried, there were too many requests (429): nothing is known of the credential yet.</summary>
internal sealed class ResourceBusyException(TimeSpan? retryAfter) : HttpRequestException("Too many requests.", inner: null, HttpStatusCode.TooManyRequests)
{
    public TimeSpan? RetryAfter => retryAfter;
}

/// <summary>Trying a credential where its users use it.</summary>
internal static class CredentialTrial
{
    private const int Tries = 3;
    private const int LongestWait = 10;
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest that any kind's new credential is tried in one attempt. With what a timer run may still begin after seven minutes, it is over before the host ends the run after ten.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(150);

    /// <summary>A key that can be read again is tried by later attempts too, until it is this old; only then is another made.</summary>
    public static readonly TimeSpan SameKeyTime = TimeSpan.FromHours(1);

    /// <summary>The lease is renewed when less of it is left: a try and the wait before the next are over long before the margin begins.</summary>
    private static readonly TimeSpan RenewBelow = KeyRotation.LeaseMargin + TimeSpan.FromSeconds(30);

    /// <summary>A new credential may take a moment to be known everywhere, so one refusal is not the end of it. Waiting longer than a lease lasts renews it.</summary>
    public static async Task Pass(ICredentialKind kind, RotationWork work, IssuedCredential credential, TimeProvider clock)
    {
        var began = clock.GetUtcNow();
        for (var attempt = 1; !await kind.Works(work.Account, credential, work.Time); attempt++)
        {
            var now = clock.GetUtcNow();
            if (attempt >= Tries && now - began >= kind.Propagation) { throw new CredentialRefusedException(); }
            if (work.Account.LeasedUntil - now < RenewBelow) { work.EnsureLeased(); await work.Save(KeyRotation.Claim(work.Account, now)); }
            await Task.Delay(BetweenTries * Math.Min(attempt, LongestWait), clock, work.Time);
        }
    }

    /// <summary>Throws for an answer that says nothing of the credential.</summary>
    public static void EnsureAnswered(HttpResponseMessage answer)
    {
        if (answer.StatusCode == HttpStatusCode.TooManyRequests) { throw new ResourceBusyException(answer.Headers.RetryAfter?.Delta); }
        answer.EnsureSuccessStatusCode();
    }
}
