using System.Text.Json.Nodes;

namespace Bench;

/// <summary>Service accounts in bulk that nothing is due for: the document of one that the product made is written again and again, under other names and in other partitions.</summary>
internal static class AccountCopies
{
    private const int PerCustomer = 20;
    private const string Never = "2999-01-01T00:00:00.000Z";

    public static async Task Write(Cosmos cosmos, string customerId, string accountId, int count)
    {
        var account = await Documents.Read(cosmos.Customers, customerId, accountId);
        await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, cancellation) =>
        {
            var (id, customer) = ("sva_" + CustomerCopies.UlidOf(number), CustomerCopies.IdOf(number / PerCustomer));
            var copy = JsonNode.Parse(account)!.AsObject();
            (copy["id"], copy["customerId"], copy["workDueAt"], copy["nextRotationAt"]) = (id, customer, Never, Never);
            await Documents.Create(cosmos.Customers, customer, copy.ToJsonString(), cancellation);
        });
    }
}
