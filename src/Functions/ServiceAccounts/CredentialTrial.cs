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

    /// <summary>A new credential may take a moment to be known everywhere, so one refusal is not the end of it.</summary>
    public static async Task Pass(ICredentialKind kind, RotationWork work, IssuedCredential credential, TimeProvider clock)
    {
        var began = clock.GetTimestamp();
        for (var attempt = 1; !await kind.Works(work.Account, credential, work.Time); attempt++)
        {
            if (attempt >= Tries && clock.GetElapsedTime(began) >= kind.Propagation) { throw new CredentialRefusedException(); }
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
