using System.Text.Json.Serialization;
using CustomerFunctions.Shared.Azure;

namespace CustomerFunctions.Roles;

/// <summary>A role that a service account is to have.</summary>
/// <param name="Role">Its name in Azure, such as Reader.</param>
/// <param name="Scope">Where: the account's own scope, or something below it.</param>
public sealed record WantedRole(string Role, string Scope);

/// <summary>A role that it has.</summary>
/// <param name="Role">Its name in Azure, or the definition's id when that is not known.</param>
/// <param name="Scope">Where.</param>
/// <param name="AssignmentId">The assignment that gives it.</param>
public sealed record HeldRole(string Role, string Scope, string AssignmentId);

public enum DriftKind
{
    /// <summary>It should have the role and has not.</summary>
    [JsonStringEnumMemberName("missing")] Missing,

    /// <summary>It has the role and should not.</summary>
    [JsonStringEnumMemberName("extra")] Extra,

    /// <summary>Worse: beyond the boundary, by its role or its scope, or outside the account's own scope.</summary>
    [JsonStringEnumMemberName("wider")] Wider,
}

/// <summary>One difference between what an account should have and what it has.</summary>
/// <param name="Kind">Which way.</param>
/// <param name="Role">The role's name in Azure.</param>
/// <param name="Scope">Where.</param>
/// <param name="AssignmentId">The assignment, of a role that it has.</param>
public sealed record Drift(DriftKind Kind, string Role, string Scope, string? AssignmentId = null);

/// <summary>Roles somewhere.</summary>
/// <param name="Scope">The subscription or resource group outside of which nothing is given.</param>
/// <param name="Roles">Which; null for those of the customer's plan.</param>
internal sealed record RolesAt(string Scope, IReadOnlyList<WantedRole>? Roles);

/// <summary>What a look into Azure has found.</summary>
/// <param name="At">When.</param>
/// <param name="Held">What the account has.</param>
/// <param name="Drift">How that differs from what it should have.</param>
/// <param name="Withheld">What it is to have and is not given, because it is beyond the boundary; null for nothing.</param>
internal sealed record RoleCheck(DateTimeOffset At, IReadOnlyList<HeldRole> Held, IReadOnlyList<Drift> Drift, IReadOnlyList<WantedRole>? Withheld = null);

/// <summary>Who an account is in Azure, and what it should be able to do there.</summary>
internal sealed record AzureAccess
{
    /// <summary>The object id of its service principal; it stays the same.</summary>
    public required string PrincipalId { get; init; }

    /// <summary>The subscription or resource group outside of which it is given nothing; null when it is given nothing anywhere.</summary>
    public string? Scope { get; init; }

    /// <summary>The roles that it is to have; null for those of its customer's plan.</summary>
    public IReadOnlyList<WantedRole>? Roles { get; init; }

    /// <summary>The plan whose roles it was last given; null when they are its own, or from before that was noted.</summary>
    public string? GivenPlan { get; init; }

    /// <summary>Whether its roles are another plan's than its customer has now.</summary>
    public bool IsOfAnotherPlan(string plan) => Roles is null && Scope is not null && GivenPlan is not null && GivenPlan != plan;

    /// <summary>What it is to have besides, at the other end of a migration that is under way; null when there is none.</summary>
    public RolesAt? Also { get; init; }

    /// <summary>Whether Azure is to be brought in line with that.</summary>
    public bool RepairWanted { get; init; }

    public RoleCheck? LastCheck { get; init; }

    /// <summary>What it had when it was suspended and could not be given back; null for nothing, and when its roles have been asked for anew since.</summary>
    public IReadOnlyList<HeldRole>? RolesLost { get; init; }

    /// <summary>Why the last look came to nothing.</summary>
    public string? Failure { get; init; }

    /// <summary>Outside of these it is given nothing.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Scopes => [.. new[] { Scope, Also?.Scope }.OfType<string>()];

    /// <summary>Where there is something to look at.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> Subscriptions => [.. Scopes.Select(SubscriptionOf).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The subscription that a scope, or an assignment at it, is in.</summary>
    public static string SubscriptionOf(string scope) => string.Join('/', scope.Split('/').Take(3));
}

/// <summary>What was taken from a principal, to be given back as it was.</summary>
internal sealed record WithdrawnAccess(IReadOnlyList<RoleGrant> Grants, bool WasEnabled)
{
    /// <summary>Which of these were not taken, because this app may not; null for none. They need not be given back.</summary>
    public IReadOnlyList<HeldRole>? Left { get; init; }
}
