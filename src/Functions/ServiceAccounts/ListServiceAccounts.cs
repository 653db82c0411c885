using CustomerFunctions.Edge;
using Microsoft.AspNetCore.Http.HttpResults;

namespace CustomerFunctions.ServiceAccounts;

/// <summary>Lists a customer's service accounts.</summary>
internal static class ListServiceAccounts
{
    public static async Task<Results<Ok<PageOf<ServiceAccountResponse>>, Problem>> Handle(
        string customerId, string? maxpagesize, string? continuation, ServiceAccountStore store, HttpRequest request, CancellationToken cancellation)
    {
        var list = $"service-accounts|{customerId}";
        if (!Paging.TryRead(request, maxpagesize, continuation, list, out var size, out var from, out var refusal)) { return refusal; }
        var page = await store.List(customerId, size, from, cancellation);
        return TypedResults.Ok(new PageOf<ServiceAccountResponse>([.. page.Items.Select(ServiceAccountResponse.From)], Paging.NextLink(request, list, page.Continuation), size));
    }
}
