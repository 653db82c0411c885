using System.Globalization;
using System.Text.RegularExpressions;

namespace CustomerFunctions.Tests.RotationExploration;

/// <summary>What may become of an outside call, or happen right before it, besides that all goes well.</summary>
internal enum Deviation
{
    /// <summary>The service refuses it (503).</summary>
    Refused,

    /// <summary>It is carried out, and its caller never hears of it.</summary>
    Lost,

    /// <summary>It is carried out, and then the instance dies.</summary>
    Crash,

    /// <summary>Its caller gives up on it; it is carried out later: before the Parameter-th call from here, or after <see cref="World.Latest"/> for 0.</summary>
    Late,

    /// <summary>Its instance stands still right before it, and carries it out when it wakes up: after as long as with <see cref="Late"/>.</summary>
    Freeze,

    /// <summary>Another instance's timer runs first: of rotations (0) or of what has to be settled (1).</summary>
    Turn,

    /// <summary>The operator's next action happens now, on another instance.</summary>
    Act,

    /// <summary>Another activity that waits goes on first: the Parameter-th.</summary>
    Switch,
}

/// <summary>One deviation from the baseline, at one choice point.</summary>
internal readonly partial record struct Decision(int Point, Deviation Deviation, int Parameter)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Point}:{Deviation.ToString().ToLowerInvariant()}{(Parameter == 0 ? "" : "@" + Parameter)}");

    /// <summary>Reads what <see cref="ToString"/> writes, separated by blanks.</summary>
    public static IReadOnlyList<Decision> ParseAll(string text) =>
    [
        .. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one => Form().Match(one)).Select(match => new Decision(
            int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), Enum.Parse<Deviation>(match.Groups[2].Value, ignoreCase: true),
            match.Groups[3].Success ? int.Parse(match.Groups[3].Value, CultureInfo.InvariantCulture) : 0)),
    ];

    [GeneratedRegex("^([0-9]+):([a-z]+)(?:@([0-9]+))?$")]
    private static partial Regex Form();
}

/// <summary>A choice point as a run came to it.</summary>
internal readonly record struct ChoicePoint(bool Changes, bool MayAct, bool MayTurnRotation, bool MayTurnSettling, int Others);
