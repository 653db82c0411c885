using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Invitations;

namespace CustomerFunctions.Members;

/// <summary>
/// What outlives a member: keys that work on and invitations that can still be accepted, although who made them is
/// gone.
/// </summary>
internal static class LeftBehind
{
    /// <summary>
    /// The keys that a person has made or knows a value of, and that are not over: those the person created or rolled,
    /// and those that such a key created or rolled in turn.
    /// </summary>
    public static IReadOnlyList<ApiKey> Keys(string accountId, IReadOnlyList<ApiKey> all, DateTimeOffset now)
    {
        var makers = new HashSet<string> { accountId };
        // A key may stand before the one that made it when both are of the same instant.
        for (var known = 0; known != makers.Count;)
        {
            known = makers.Count;
            foreach (var key in all.Where(key => MakersOf(key).Any(makers.Contains))) { makers.Add(key.Id); }
        }
        return [.. all.Where(key => makers.Contains(key.Id) && key.StateAt(now) is (ApiKeyState.Active or ApiKeyState.Disabled))];
    }

    public static IReadOnlyList<Invitation> Invitations(string accountId, Customer customer, DateTimeOffset now) =>
        [.. InvitationRules.Open(customer, now).Where(invitation => invitation.InvitedBy == accountId)];

    private static IEnumerable<string> MakersOf(ApiKey key) => key.Superseded.Select(secret => secret.RolledBy).Append(key.CreatedBy);
}
