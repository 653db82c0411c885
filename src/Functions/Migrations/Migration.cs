using System.Text.Json.Serialization;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Migrations;

/// <summary>Where a migration is: the step that comes next.</summary>
public enum MigrationStep
{
    /// <summary>The roles at the target are given, besides those that there are.</summary>
    [JsonStringEnumMemberName("prepare")] Prepare,

    /// <summary>What was prepared is looked at, and a credential is tried.</summary>
    [JsonStringEnumMemberName("verify")] Verify,

    /// <summary>The target's key becomes the current one, and the account is the target's.</summary>
    [JsonStringEnumMemberName("switch")] Switch,

    /// <summary>When the overlap is over, what was left behind ends.</summary>
    [JsonStringEnumMemberName("retire")] Retire,

    /// <summary>It was cancelled, and what was prepared is taken back.</summary>
    [JsonStringEnumMemberName("undo")] Undo,

    [JsonStringEnumMemberName("done")] Done,

    [JsonStringEnumMemberName("canceled")] Canceled,
}

/// <summary>What went wrong last: at which step, in words without secrets.</summary>
internal sealed record MigrationFailure(MigrationStep Step, string Reason, DateTimeOffset At);

/// <summary>A migration of a service account to another resource, resource group or subscription. The account's document holds the latest.</summary>
internal sealed record Migration
{
    public required string Id { get; init; }

    public required MigrationStep Step { get; init; }

    /// <summary>The resource that its keys are to be of; null when they stay.</summary>
    public KeyPlace? To { get; init; }

    /// <summary>The resource that its keys were of when it began.</summary>
    public KeyPlace? From { get; init; }

    /// <summary>Where its roles are to be; null when they stay.</summary>
    public string? ToScope { get; init; }

    public string? FromScope { get; init; }

    public required string RequestedBy { get; init; }

    /// <summary>Why, when somebody has said.</summary>
    public string? Reason { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public DateTimeOffset? SwitchedAt { get; init; }

    /// <summary>When the overlap is over.</summary>
    public DateTimeOffset? RetireAt { get; init; }

    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>When the next step may be done; null while a rotation does it, while it is parked, and when nothing is left.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The rotation before the one that makes the switch, to go back to.</summary>
    public Rotation? RotationBefore { get; init; }

    /// <summary>Failed attempts at preparing and verifying.</summary>
    public int Attempts { get; init; }

    public MigrationFailure? LastFailure { get; init; }

    /// <summary>Since when it is no longer tried, because every attempt at preparing or verifying has failed; null while it is.</summary>
    public DateTimeOffset? ParkedAt { get; init; }

    [JsonIgnore]
    public bool IsOpen => Step is not (MigrationStep.Done or MigrationStep.Canceled);

    /// <summary>The resources that nobody else may have meanwhile.</summary>
    [JsonIgnore]
    public IEnumerable<string> Resources => IsOpen ? new[] { To?.ResourceId, From?.ResourceId }.OfType<string>() : [];
}
