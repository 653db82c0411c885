using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// When a key rotates by schedule, as pure functions. Accounts that were made together must not rotate together, so each comes earlier than its interval's end by a part of its own; with a
/// window, at an instant of its own inside it.
/// </summary>
internal static class RotationSchedule
{
    /// <summary>The part of the interval over which rotations are spread, at its end.</summary>
    public const double Spread = 0.1;

    /// <summary>How long a rotation waits at most for hours that are not quiet; then it comes in the next window, quiet or not.</summary>
    private static readonly TimeSpan LongestQuiet = TimeSpan.FromDays(14);

    /// <summary>Without a window, what has waited for the end of quiet hours starts over this long.</summary>
    private static readonly TimeSpan UsualStretch = TimeSpan.FromHours(1);

    /// <summary>A number from 0 to 1 that is the account's own and always the same.</summary>
    public static double ShareOf(string accountId) => BinaryPrimitives.ReadUInt32BigEndian(SHA256.HashData(Encoding.ASCII.GetBytes(accountId))) / (uint.MaxValue + 1.0);

    /// <summary>
    /// When the rotation after one at <paramref name="from"/> comes: never after the interval's end, unless no window opens until then. The interval is shorter than the policy's where the key of that rotation
    /// <paramref name="expires"/> too soon for it; then the rotation comes by <see cref="KeyExpiry.LatestStart"/>, whether or not a window is open.
    /// </summary>
    public static DateTimeOffset Next(string accountId, RotationPolicy policy, DateTimeOffset from, DateTimeOffset? expires = null)
    {
        var planned = Planned(accountId, policy, from, expires);
        return expires is { } end && KeyExpiry.LatestStart(policy, end) is var latest && planned > latest ? latest > from ? latest : from : planned;
    }

    private static DateTimeOffset Planned(string accountId, RotationPolicy policy, DateTimeOffset from, DateTimeOffset? expires)
    {
        var share = ShareOf(accountId);
        var interval = expires is { } known ? KeyExpiry.IntervalBefore(known, policy, from) : policy.Interval;
        var end = from + interval;
        var wanted = end - (share * Spread * interval);
        if (policy.Window is not { } window || window.IsOpen(wanted)) { return wanted; }

        var next = Inside(window.NextAfter(wanted), share);
        var last = Inside(window.LastBefore(wanted), share);
        return next <= end || last <= from ? next : last;
    }

    /// <summary>
    /// The first instant from <paramref name="now"/> on at which a scheduled rotation may start: inside the window and in no quiet hours. That is <paramref name="now"/> when it may start at once. If that would be after
    /// <paramref name="latest"/>, it is in the first opening before that, quiet or not; if there is none, at <paramref name="latest"/>: a dead key that is handed out is worse than a rotation outside the window.
    /// </summary>
    public static DateTimeOffset MayStart(string accountId, RotationWindow? window, IReadOnlyList<RotationWindow> quiet, DateTimeOffset now, DateTimeOffset? latest = null)
    {
        var start = Undisturbed(accountId, window, quiet, now);
        if (latest is not { } last || start <= last) { return start; }
        if (last <= now) { return now; }
        if (window?.NextAfter(now) is not var (opens, closes) || opens >= last) { return last; }
        return opens <= now ? now : Inside((opens, closes < last ? closes : last), ShareOf(accountId));
    }

    /// <summary>When an account's next rotation starts, if nothing happens in between.</summary>
    public static DateTimeOffset StartOf(ServiceAccount account, IReadOnlyList<RotationWindow> quiet, DateTimeOffset now) =>
        MayStart(account.Id, account.Policy.Window, quiet, account.NextRotationAt > now ? account.NextRotationAt.Value : now, RotationRetries.LatestStart(account));

    private static DateTimeOffset Undisturbed(string accountId, RotationWindow? window, IReadOnlyList<RotationWindow> quiet, DateTimeOffset now)
    {
        for (var at = now; at < now + LongestQuiet;)
        {
            var opening = window?.NextAfter(at) ?? (at, at + UsualStretch);
            var start = opening.Opens > at ? opening.Opens : at;
            var disturbances = quiet.Select(hours => hours.NextAfter(start)).ToList();
            if (disturbances.Where(hours => hours.Opens <= start).Select(hours => hours.Closes).DefaultIfEmpty(start).Max() is var over && over > start) { at = over; continue; }
            var end = disturbances.Select(hours => hours.Opens).Append(opening.Closes).Min();
            return start == now ? now : Inside((start, end), ShareOf(accountId));
        }
        return window is null || window.IsOpen(now) ? now : Inside(window.NextAfter(now), ShareOf(accountId));
    }

    private static DateTimeOffset Inside((DateTimeOffset Opens, DateTimeOffset Closes) opening, double share) => opening.Opens + (share * (opening.Closes - opening.Opens));
}
