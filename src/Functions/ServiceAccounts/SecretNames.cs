using System.Globalization;
using CustomerFunctions.Names;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>
/// The names of service accounts' secrets: <c>sva-{customer's slug}-{environment}-{account's name}</c>. A name is kept for as long as its account lasts, whatever the slug and the environment are called by then. With
/// whatever behind it, it is no longer than Key Vault takes (learn.microsoft.com: "Azure Key Vault keys, secrets, and certificates overview": 127 letters, digits and hyphens).
/// </summary>
internal static class SecretNames
{
    public const int Longest = 127;
    private const int LongestAccount = 40;

    /// <summary>At most 4 + 60 + 1 + 12 + 1 + 40 characters.</summary>
    public static string Of(string slug, string environment, string accountName) => $"sva-{slug}-{environment}-{Slugs.From(accountName, LongestAccount, fallback: "account")}";

    /// <summary>One of the same name's further secrets.</summary>
    public static string Numbered(string name, int number) => WithEnd(name, string.Create(CultureInfo.InvariantCulture, $"-{number}"));

    /// <summary>Told apart from another customer's of the same name.</summary>
    public static string Apart(string name, string accountId) => WithEnd(name, $"-{accountId[^6..].ToLowerInvariant()}");

    private static string WithEnd(string name, string end) => (name.Length + end.Length <= Longest ? name : name[..(Longest - end.Length)].TrimEnd('-')) + end;
}
