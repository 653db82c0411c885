using CustomerFunctions.Access;
using CustomerFunctions.Audit;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;

namespace CustomerFunctions.Members;

internal static class MemberEvents
{
    /// <summary>The customer with the event of what became different for one account.</summary>
    public static Customer RecordedMember(this Customer after, string action, string accountId, Customer? before, Caller caller, TimeProvider clock) => after.Record(
        caller.Event(action, after.Id, new AuditTarget("account", accountId), clock, AuditChange.Between(Sight(before, accountId), Sight(after, accountId), ApiJson.Default.MemberResponse)));

    /// <summary>The customer with the event of an invitation; whom it went to stands in the customer.</summary>
    public static Customer RecordedInvitation(this Customer after, string action, string invitationId, Caller caller, TimeProvider clock) =>
        after.Record(caller.Event(action, after.Id, new AuditTarget("invitation", invitationId), clock));

    /// <summary>The customer with the event of who sees it for the platform's sales.</summary>
    public static Customer RecordedSalesRep(this Customer after, string action, string accountId, Caller caller, TimeProvider clock) =>
        after.Record(caller.Event(action, after.Id, new AuditTarget("account", accountId), clock));

    private static MemberResponse? Sight(Customer? customer, string accountId) =>
        customer?.Members.FirstOrDefault(member => member.AccountId == accountId) is { } member ? MemberResponse.From(member, account: null) : null;
}
