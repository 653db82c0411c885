using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>Lists a customer's people in the order they came, a page at a time.</summary>
internal static class ListMembers
{
    public static async Task<Results<Ok<PageOf<MemberResponse>>, Problem>> Handle(
        string customerId, string? maxpagesize, string? continuation, CustomerInPath customer, AccountStore accounts, HttpRequest request, CancellationToken cancellation)
    {
        var list = $"members|{customerId}";
        if (!Paging.TryRead(request, maxpagesize, continuation, list, out var size, out var after, out var refusal)) { return refusal; }
        // The list stands in the document that the guard has read; a page begins behind the member that the last one ended with.
        var members = customer.Value.Members;
        var from = after is null ? 0 : members.TakeWhile(member => member.AccountId != after).Count() + 1;
        var page = members.Skip(from).Take(size).ToList();
        var people = await Task.WhenAll(page.Select(async member => MemberResponse.From(member, await accounts.ReadRecent(member.AccountId, cancellation))));
        return TypedResults.Ok(new PageOf<MemberResponse>(people, Paging.NextLink(request, list, from + page.Count < members.Count ? page[^1].AccountId : null), size));
    }
}
