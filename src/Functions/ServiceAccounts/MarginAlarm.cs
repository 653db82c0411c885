namespace CustomerFunctions.ServiceAccounts;

/// <summary>Says once for each rotation that it may come too late, whether attempts have failed or something else keeps it waiting.</summary>
internal sealed partial class MarginAlarm(TimeProvider clock, ILogger<MarginAlarm> log)
{
    /// <summary>The account with the alarm, when its margin is gone and nobody has been told; else this very account.</summary>
    public ServiceAccount On(ServiceAccount account)
    {
        var alarmed = RotationRetries.Alarmed(account, clock.GetUtcNow());
        return ReferenceEquals(alarmed, account) ? account : alarmed.Recorded("serviceAccount.rotationMarginGone", RotationWork.Actor, clock);
    }

    /// <summary>Tells of an alarm that was saved.</summary>
    public void Tell(ServiceAccount before, ServiceAccount saved)
    {
        if (saved.MarginAlarmedAt is not null && saved.MarginAlarmedAt != before.MarginAlarmedAt) { MarginGone(log, saved.Id, RotationRetries.Deadline(saved)); }
    }

    [LoggerMessage(1207, LogLevel.Critical, "Rotation of service account {AccountId} may come too late: what it waits for, and the attempts that are left, can take until after {Deadline}, when its key expires")]
    private static partial void MarginGone(ILogger log, string accountId, DateTimeOffset? deadline);
}
