using System.Text.Json.Nodes;

namespace CustomerFunctions.Accounts;

/// <summary>An account as it is shown: to its person and to staff.</summary>
public sealed record AccountResponse(
    string Id, string Email, string Name, PlatformRole Role, bool EmailConfirmed, bool Disabled, bool HasPassword, bool HasSecondFactor, int Passkeys,
    string? AvatarUrl, string? Phone, string? TimeZone, JsonObject? Preferences, IReadOnlyList<string> Customers, string? DefaultCustomerId,
    DateTimeOffset? LastLoginAt, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>
    /// After the account was disabled: the customers whose owners can none of them sign in any more. Make another owner
    /// there.
    /// </summary>
    public IReadOnlyList<string>? OwnerlessCustomers { get; init; }

    internal static AccountResponse From(Account account) => new(
        account.Id, account.Email, account.Name, account.Role, account.EmailConfirmed, account.Disabled, account.PasswordHash is not null, account.HasSecondFactor, account.Passkeys.Count,
        account.AvatarUrl, account.Phone, account.TimeZone, account.Preferences, [.. account.Customers.Select(customer => customer.CustomerId)], account.DefaultCustomerId,
        account.LastLoginAt, account.CreatedAt, account.UpdatedAt);
}
