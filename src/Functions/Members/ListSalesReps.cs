using CustomerFunctions.Access;
using CustomerFunctions.Accounts;
using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.Members;

/// <summary>A sales representative who sees a customer.</summary>
/// <param name="AccountId">Whose account.</param>
/// <param name="Name">The person's name; absent when the account is no more.</param>
/// <param name="Email">The person's address.</param>
public sealed record SalesRepResponse(string AccountId, string? Name = null, string? Email = null);

/// <summary>
/// Lists the sales representatives assigned to a customer: at most <see cref="AssignSalesRep.MaxSalesReps"/>, so one
/// page.
/// </summary>
internal static class ListSalesReps
{
    public static async Task<Ok<PageOf<SalesRepResponse>>> Handle(string customerId, CustomerInPath customer, AccountStore accounts, CancellationToken cancellation)
    {
        var reps = await Task.WhenAll(customer.Value.SalesReps.Select(async id =>
            await accounts.ReadRecent(id, cancellation) is { } account ? new SalesRepResponse(id, account.Name, account.Email) : new SalesRepResponse(id)));
        return TypedResults.Ok(new PageOf<SalesRepResponse>(reps, NextLink: null));
    }
}
