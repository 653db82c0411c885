using System.ComponentModel.DataAnnotations;

namespace CustomerFunctions.IdentityProvider;

/// <summary>What an identity provider says of one of its users.</summary>
/// <param name="Id">The user's id there.</param>
/// <param name="Email">The address, which the provider has verified or not.</param>
/// <param name="EmailVerified">Whether it has.</param>
/// <param name="Name">What the user is called.</param>
/// <param name="AvatarUrl">A picture.</param>
/// <param name="Version">Grows with every change of the user there; an event with a lower one than the last is stale. The event's timestamp counts when it is absent.</param>
public sealed record IdentityUser([property: Required] string? Id = null, string? Email = null, bool? EmailVerified = null, string? Name = null, string? AvatarUrl = null, long? Version = null);

/// <param name="Type"><c>user.created</c>, <c>user.updated</c> or <c>user.deleted</c>; others are taken and ignored.</param>
/// <param name="Timestamp">When it happened there.</param>
/// <param name="Data">The user as it is now; of a deleted one the id.</param>
public sealed record IdentityEvent([property: Required] string? Type = null, [property: Required] DateTimeOffset? Timestamp = null, [property: Required] IdentityUser? Data = null);
