using System.Globalization;
using System.Text;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>
/// What the rest of a run depends on while nobody is at work: two runs that look the same here go on in the same way. Times count from now, in minutes, so that a run that has lost a tick and caught up looks like one
/// that has lost none; credentials go by the place of their key in the document.
/// </summary>
internal static class Fingerprint
{
    public static string Of(CloudState state, DateTimeOffset now, Promises promises, string script)
    {
        var text = new StringBuilder(script);
        if (state.Account is not { } account) { return text.Append("none").Append(string.Join(',', state.Secrets.Values.Select(secret => secret.IsDeleted))).Append(state.Passwords.Count).ToString(); }
        var keys = account.Keys.Select((key, place) => (key.Id, place)).ToDictionary(one => one.Id, one => one.place);
        var versions = new List<string>();
        text.Append(account.Rotation.Trigger).Append(account.Rotation.Step).Append(Place(account.Rotation.KeyId)).Append(account.Rotation.Attempts).Append(account.Rotation.LastFailure?.Step);
        Time(account.Rotation.ParkedAt).Time(account.LeasedUntil).Time(account.WorkDueAt).Time(account.PausedAt).Time(account.LifecycleDueAt).Time(account.Lifecycle?.LeasedUntil).Time(account.WaitingSince).Time(account.LookAt);
        text.Append(account.Lifecycle?.Attempts).Append(account.SecretName).Append(account.ResourceId).Append((account.NextRotationAt - now) > TimeSpan.FromDays(1)).Append(account.Rotation.PromotedAt is null);
        text.Append(account.Suspension is not null).Append(account.Deletion is not null).Append(account.Policy.Interval).Append(account.Rotation.ProviderKeys?.Count);
        if (account.Migration is { } migration)
        {
            text.Append(migration.Step).Append(migration.Attempts).Append(migration.RotationBefore?.Step);
            Time(migration.NextAt).Time(migration.ParkedAt).Time(migration.RetireAt);
        }
        foreach (var key in account.Keys)
        {
            text.Append('|').Append(key.State).Append(key.Slot).Append(key.Place is null).Append(key.IsPublishedOnce).Append(key.LeakedAt is null).Append(key.HasGrace).Append(key.VaultVersion is null).Append(key.Trigger);
            Time(key.State == KeyState.Retiring ? key.RetireAt : null).Time(key.HeldSince).Time(key.Renewal?.Since);
        }
        foreach (var secret in state.Secrets.Values)
        {
            text.Append('#').Append(secret.IsDeleted);
            foreach (var version in secret.Versions)
            {
                text.Append(Place(version.Tags.GetValueOrDefault("keyId"))).Append(version.Enabled ? '+' : '-')
                    .Append(account.Keys.FirstOrDefault(key => key.VaultVersion == version.Id) is { } holder ? Place(holder.Id) : "").Append(account.Withdrawal?.SecretVersions.Contains(version.Id));
                versions.Add(version.Value);
            }
        }
        if (account.Withdrawal is { } withdrawal)
        {
            text.Append('w').Append(withdrawal.AreVersionsKnown).Append(withdrawal.Azure?.WasEnabled);
            Time(withdrawal.FinishedAt).Time(withdrawal.LooksAgainAt);
        }
        foreach (var password in state.Passwords) { text.Append('p').Append(Place(password.DisplayName)).Append(account.Keys.Any(key => key.ProviderKeyId == password.KeyId)).Append(versions.LastIndexOf(password.Value)); }
        foreach (var value in state.ResourceKeys.Values) { text.Append('r').Append(versions.LastIndexOf(value)); }
        text.Append(state.IsPrincipalEnabled);
        promises.Describe(text, versions);
        return text.ToString();

        string Place(string? keyId) => keyId is null ? "" : keys.TryGetValue(keyId, out var place) ? place.ToString(CultureInfo.InvariantCulture) : "x";
        Timed Time(DateTimeOffset? at) => new Timed(text, now).Time(at);
    }

    private readonly record struct Timed(StringBuilder Text, DateTimeOffset Now)
    {
        public Timed Time(DateTimeOffset? at)
        {
            Text.Append('@').Append(at is null ? "" : at.Value - Now > TimeSpan.FromDays(1) ? "far" : Math.Ceiling((at.Value - Now).TotalMinutes).ToString(CultureInfo.InvariantCulture));
            return this;
        }
    }
}
