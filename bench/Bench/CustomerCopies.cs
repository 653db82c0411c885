using System.Globalization;
using System.Text.Json.Nodes;

namespace Bench;

/// <summary>
/// Customers in bulk: one is made through the product's API, and its document is written again and again under other names, with its claims on email and
/// slug. Documents are the product's own, then, whatever it puts into them.
/// </summary>
internal sealed class CustomerCopies
{
    private const string Word = "specimen";
    private const string UlidDigits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private readonly Cosmos cosmos;
    private readonly string customer;
    private readonly string claim;

    private CustomerCopies(Cosmos cosmos, string customer, string claim)
    {
        this.cosmos = cosmos;
        this.customer = customer;
        this.claim = claim;
    }

    public static async Task<CustomerCopies> Start(LocalCloud cloud, Cosmos cosmos)
    {
        var id = (string)(await cloud.Post("/api/customers", new { name = $"Company {Word}", email = $"{Word}@example.com" }))["id"]!;
        var customer = await Documents.Read(cosmos.Customers, id, id);
        var claimId = $"email:{Word}@example.com";
        return new CustomerCopies(cosmos, customer, await Documents.Read(cosmos.Directory, claimId, claimId));
    }

    /// <summary>The id of one of them; none is the first.</summary>
    public static string IdOf(int number) => "cus_" + UlidOf(number);

    /// <summary>A word that only one of them is found by.</summary>
    public static string WordOf(int number) => string.Create(CultureInfo.InvariantCulture, $"w{number:0000000}");

    /// <summary>Writes so many of them. Their trials end far ahead, but for the first ones.</summary>
    public Task Write(int count, int due = 100) =>
        Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (number, cancellation) =>
        {
            var (id, word) = (IdOf(number), WordOf(number));
            var copy = JsonNode.Parse(customer)!.AsObject();
            (copy["id"], copy["customerId"]) = (id, id);
            copy["createdAt"] = Instant(number);
            var end = number < due ? "2020-01-01T00:00:00.000Z" : Instant(number + (100 * 365 * 24 * 60));
            (copy["trial"]!["endsAt"], copy["trialDueAt"]) = (end, end);
            await Documents.Create(cosmos.Customers, id, copy.ToJsonString().Replace(Word, word, StringComparison.Ordinal), cancellation);
            foreach (var name in new[] { $"email:{word}@example.com", $"slug:company-{word}" })
            {
                var taken = JsonNode.Parse(claim)!.AsObject();
                (taken["id"], taken["customerId"], taken["holderId"]) = (name, id, id);
                await Documents.Create(cosmos.Directory, name, taken.ToJsonString(), cancellation);
            }
        });

    /// <summary>One minute apart.</summary>
    private static string Instant(int number) => DateTimeOffset.UnixEpoch.AddYears(50).AddMinutes(number).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>The last part of such an id.</summary>
    public static string UlidOf(int number)
    {
        var ulid = new char[26];
        for (var i = ulid.Length - 1; i >= 0; i--) { (ulid[i], number) = (UlidDigits[number % 32], number / 32); }
        return new string(ulid);
    }
}
