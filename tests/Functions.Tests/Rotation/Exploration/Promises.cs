using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CustomerFunctions.Migrations;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>
/// What docs/rotation.md promises, looked at after everything that changes something and whenever the clock has moved.
/// Where a request of the schedule arrives late, or an instance stands still, what breaks by it has to be mended within <see cref="Grace"/>.
/// </summary>
internal sealed class Promises(World world, Scenario scenario, bool hasLate)
{
    /// <summary>The second look comes ten minutes after a rotation is done, at the timer's next run, and a retry of it at the next but one.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromMinutes(25);

    private readonly Dictionary<string, DateTimeOffset> newestUntil = [];
    private readonly HashSet<string> promoted = [];
    private readonly Dictionary<string, (DateTimeOffset Since, string What)> bad = [];
    private readonly HashSet<string> exempt = [];
    private string? newest;
    private string? doomedOnce;
    private bool isDoomedGone;
    private int rotations = scenario is { IsDue: true, HasAccount: true } ? 1 : 0;
    private bool hasBegun;

    /// <summary>The first promise that was broken, and how.</summary>
    public string? Broken { get; private set; }

    /// <summary>The credential that somebody wants to be gone.</summary>
    public string? Doomed => doomedOnce;

    public void Break(string promise, string how) => Broken ??= $"[{promise}] {how}";

    /// <summary>The operator asks for something, for the first time.</summary>
    public void Asked(OperatorAction action)
    {
        // An emergency may take over a rotation that has published its key and does not know it: that key is then the emergency's.
        if (action.Dooms && world.State.Account is { } account && (!action.MayTakeOver || account.Pending?.Id != world.State.Newest(account.SecretName)?.Tags.GetValueOrDefault("keyId"))) { (doomedOnce, isDoomedGone) = (newest, false); }
        if (action.Rotates) { rotations++; }
        if (action.EndsOverlaps) { exempt.UnionWith(newestUntil.Keys); }
    }

    /// <summary>The operator has got it.</summary>
    public void Done(OperatorAction action)
    {
        // What was handed out between the two ends with the others.
        if (action.EndsOverlaps) { exempt.UnionWith(newestUntil.Keys); }
    }

    /// <param name="isAfterLateArrival">A request has just arrived late. What holds a credential by then that it has ended cannot be helped ("What cannot be guaranteed"); who reads anew is.</param>
    public void Check(bool isAfterLateArrival = false)
    {
        if (world.State.Account is not { } account) { return; }
        // Key Vault: what is handed out now, and until when what was.
        var handedOut = world.State.Newest(account.SecretName)?.Value;
        if (handedOut != newest)
        {
            if (newest is not null) { newestUntil[newest] = world.Now; }
            newest = handedOut;
        }
        if (newest is not null) { newestUntil[newest] = world.Now; }
        // Dead while it was the newest, as it may be where a request was late: that is looked at below, and nobody was promised more of it.
        if (newest is not null && hasLate && !Accepts(account, newest)) { exempt.Add(newest); }
        if (!hasBegun) { hasBegun = true; promoted.UnionWith(account.Keys.Where(key => key.State == KeyState.Current).Select(key => key.Id)); rotations += promoted.Count; }
        if (account.Current is { } current) { promoted.Add(current.Id); }

        // What an emergency ends has no overlap, nor what was found in public and is to be revoked.
        if (account.Rotation.Trigger == RotationTrigger.Emergency) { exempt.UnionWith(newestUntil.Keys); }
        if (isAfterLateArrival && scenario.Kind == Scenario.StorageKeys) { exempt.UnionWith(newestUntil.Keys.Where(value => !AcceptedOutside(value))); }
        var isOpen = account is { Deletion: null, Suspension: null, Withdrawal: null, Current: not null };
        Expect("current works", !isOpen || (newest is not null && Accepts(account, newest)), () =>
            newest is null ? "nobody can read the current credential" : $"the newest version is {world.NameOf(newest)}, which is refused");
        foreach (var (value, until) in newestUntil)
        {
            if (value == newest || exempt.Contains(value) || account.Deletion is not null || IsGivenUpForRoom(account, value)) { continue; }
            if (world.Now < until + scenario.OverlapPromised) { Expect("overlap " + value, Accepts(account, value), () => $"{world.NameOf(value)} is refused within its overlap"); }
            else { bad.Remove("overlap " + value); }
        }
        if (doomedOnce is not null)
        {
            isDoomedGone |= newest is not null && newest != doomedOnce;
            Expect("leaked is gone", !(isDoomedGone && newest == doomedOnce), () => $"{world.NameOf(doomedOnce)}, which somebody wanted to be gone, is handed out again");
        }
        if (account.Rotation.ParkedAt is not null) { Break("not parked", $"the rotation is parked: {account.Rotation.LastFailure?.Reason}"); }
        if (account.Migration?.ParkedAt is not null) { Break("not parked", $"the migration is parked: {account.Migration.LastFailure?.Reason}"); }
        if (promoted.Count > rotations) { Break("rotates once", $"{promoted.Count} keys have been current, and {rotations} were asked for"); }
    }

    /// <summary>Nothing is left to be done.</summary>
    public void CheckEnd()
    {
        Check();
        foreach (var (promise, (_, what)) in bad) { Break(promise.Split(' ')[0] == "overlap" ? "overlap" : promise, what + ", at the end"); }
        if (world.State.Account is not { } account)
        {
            if (world.State.Passwords.Count > 0) { Break("nothing is left", "client secrets outlive their account"); }
            if (world.State.Secrets.Values.Any(secret => !secret.IsDeleted)) { Break("nothing is left", "a secret outlives its account"); }
            if (newestUntil.Keys.Any(value => AcceptedOutside(value))) { Break("nothing is left", "a key outlives its account"); }
            return;
        }
        if (account.Deletion is not null) { Break("ends", "the account is still being deleted"); }
        if (account.Suspension is not null)
        {
            var readable = world.State.Secrets.GetValueOrDefault(account.SecretName)?.Versions.FirstOrDefault(version => version.Enabled && AcceptedOutside(version.Value));
            if (readable is not null) { Break("suspended is closed", $"{world.NameOf(readable.Value)} can be read and works outside, although the account is suspended"); }
            return;
        }
        if (account.Rotation.Step != RotationStep.Done) { Break("ends", $"the rotation stands at {account.Rotation.Step}: {account.Rotation.LastFailure?.Reason}"); }
        if (account.Withdrawal is not null) { Break("ends", "the account is still being restored"); }
        if (account.IsUnsettled) { Break("ends", $"its standing is not settled: {account.Lifecycle?.Failure}"); }
        if (account.Migration is { IsOpen: true }) { Break("ends", $"the migration stands at {account.Migration.Step}"); }
        if (account.Keys.Any(key => key.State is KeyState.Retiring or KeyState.Pending)) { Break("ends", "a key is left retiring or pending"); }
        if (doomedOnce is not null && Accepts(account, doomedOnce)) { Break("leaked is gone", $"{world.NameOf(doomedOnce)}, which somebody wanted to be gone, still works at the end"); }
        if (newestUntil.Keys.FirstOrDefault(value => value != newest && Accepts(account, value) && !IsOfTargetLeftAlone(account, value)) is { } old) { Break("old ones end", $"{world.NameOf(old)} still works at the end"); }
        if (account.Kind == Scenario.EntraApplication && world.State.Passwords.Count != 1) { Break("no orphans", $"the application has {world.State.Passwords.Count} client secrets at the end"); }
        if (account.Kind == Scenario.ApiCredential && account.Keys.Count(IsAccepted) != 1) { Break("no orphans", $"{account.Keys.Count(IsAccepted)} credentials are accepted at the end"); }
    }

    /// <summary>Adds what is remembered to a fingerprint.</summary>
    public void Describe(StringBuilder text, List<string> versions)
    {
        foreach (var (value, until) in newestUntil.OrderBy(one => versions.LastIndexOf(one.Key)))
        {
            var left = until + scenario.OverlapPromised - world.Now;
            text.Append('n').Append(versions.LastIndexOf(value)).Append(exempt.Contains(value)).Append(value == newest).Append(left < TimeSpan.Zero ? "over" : Math.Ceiling(left.TotalMinutes).ToString(CultureInfo.InvariantCulture));
        }
        foreach (var (promise, (since, _)) in bad) { text.Append('b').Append(promise.Split(' ')[0]).Append(Math.Ceiling((world.Now - since).TotalMinutes)); }
        text.Append(doomedOnce is null ? -2 : versions.LastIndexOf(doomedOnce)).Append(isDoomedGone).Append(rotations - promoted.Count);
    }

    /// <summary>An application with room for two secrets has none for one that was given up.</summary>
    private bool IsGivenUpForRoom(ServiceAccount account, string value) => scenario.IsForPersonalAccounts
        && world.State.Secrets[account.SecretName].Versions.First(version => version.Value == value).Tags.GetValueOrDefault("keyId") is { } keyId && !promoted.Contains(keyId);

    /// <summary>A migration that was canceled leaves the keys of its target as they were.</summary>
    private bool IsOfTargetLeftAlone(ServiceAccount account, string value) =>
        account.Migration is { Step: MigrationStep.Canceled, To: { } target } && world.State.ResourceKeys.Any(key => key.Value == value && string.Equals(key.Key.ResourceId, target.ResourceId, StringComparison.OrdinalIgnoreCase));

    private void Expect(string promise, bool holds, Func<string> how)
    {
        if (holds) { bad.Remove(promise); return; }
        if (!bad.TryGetValue(promise, out var known)) { bad[promise] = known = (world.Now, how()); }
        if (!hasLate || world.Now - known.Since > Grace) { Break(promise.Split(' ')[0] == "overlap" ? "overlap" : promise, how() + (hasLate ? $", for {world.Now - known.Since}" : "")); }
    }

    private bool Accepts(ServiceAccount account, string value)
    {
        if (account.Kind != Scenario.ApiCredential) { return AcceptedOutside(value); }
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(value)));
        return account.Keys.Any(key => key.Hash == hash && IsAccepted(key));
    }

    private bool AcceptedOutside(string value) =>
        world.State.Passwords.Any(password => password.Value == value && password.End > world.Now) || world.State.ResourceKeys.ContainsValue(value);

    private static bool IsAccepted(KeyVersion key) => key is { Hash: not null, State: KeyState.Current or KeyState.Retiring or KeyState.Pending };
}
