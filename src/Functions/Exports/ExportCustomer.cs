using System.Buffers;
using System.Runtime.CompilerServices;
using CustomerFunctions.Access;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Edge;
using CustomerFunctions.Members;
using CustomerFunctions.ServiceAccounts;

namespace CustomerFunctions.Exports;

/// <summary>A person's place at the customer, as an export has it.</summary>
public sealed record ExportedMember(string AccountId, MemberRole Role, DateTimeOffset AssignedAt, string AssignedBy);

/// <summary>Exports all there is of one customer as JSON lines: the customer, its members, API keys, service accounts and their keys; no secret and no hash of one.</summary>
internal static class ExportCustomer
{
    public static StreamedAnswer<Action<IBufferWriter<byte>>> Handle(string customerId, CustomerInPath customer, Holdings holdings, TimeProvider clock, CancellationToken cancellation) =>
        new(JsonLines.ContentType, $"{customerId}.jsonl", Lines(customer, holdings, clock.GetUtcNow(), cancellation), static (output, write) => write(output));

    private static async IAsyncEnumerable<Action<IBufferWriter<byte>>> Lines(CustomerInPath customer, Holdings holdings, DateTimeOffset now, [EnumeratorCancellation] CancellationToken cancellation)
    {
        yield return output => JsonLines.Write(output, "customer", CustomerResponse.From(customer.Stored), ApiJson.Default.CustomerResponse);
        foreach (var member in customer.Value.Members)
        {
            yield return output => JsonLines.Write(output, "member", new ExportedMember(member.AccountId, member.Role, member.AssignedAt, member.AssignedBy), ApiJson.Default.ExportedMember);
        }
        await foreach (var key in holdings.Keys(customer.Id, cancellation))
        {
            yield return output => JsonLines.Write(output, "apiKey", ApiKeyResponse.From(key.Value, now), ApiJson.Default.ApiKeyResponse);
        }
        await foreach (var account in holdings.Accounts(customer.Id, cancellation))
        {
            yield return output => JsonLines.Write(output, "serviceAccount", ServiceAccountResponse.From(account), ApiJson.Default.ServiceAccountResponse);
            foreach (var key in account.Value.Keys)
            {
                yield return output => JsonLines.Write(output, "serviceAccountKey", KeyVersionResponse.From(key), ApiJson.Default.KeyVersionResponse);
            }
        }
    }
}
