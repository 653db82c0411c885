using CustomerFunctions.Accounts;

namespace CustomerFunctions.Members;

/// <summary>A person's place at a customer.</summary>
/// <param name="AccountId">Whose.</param>
/// <param name="Role">What the person is there.</param>
/// <param name="AssignedAt">Since when.</param>
/// <param name="AssignedBy">By whom.</param>
/// <param name="Name">The person's name; absent when the account is no more.</param>
/// <param name="Email">The person's address.</param>
public sealed record MemberResponse(string AccountId, MemberRole Role, DateTimeOffset AssignedAt, string AssignedBy, string? Name = null, string? Email = null)
{
    internal static MemberResponse From(Member member, Account? account) => new(member.AccountId, member.Role, member.AssignedAt, member.AssignedBy, account?.Name, account?.Email);
}

/// <summary>One of the customers that a person belongs to.</summary>
/// <param name="CustomerId">Which.</param>
/// <param name="Name">Its name.</param>
/// <param name="Slug">Its slug.</param>
/// <param name="Status">Whether it can be used.</param>
/// <param name="Role">What the person is there.</param>
/// <param name="IsDefault">Whether it is the one that is meant when none is named. Exactly one is.</param>
/// <param name="AssignedAt">Since when.</param>
public sealed record AccountCustomerResponse(string CustomerId, string Name, string Slug, Customers.CustomerStatus Status, MemberRole Role, bool IsDefault, DateTimeOffset AssignedAt);
