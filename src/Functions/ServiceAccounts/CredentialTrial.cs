namespace CustomerFunctions.ServiceAccounts;

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
}
