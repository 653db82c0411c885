using CustomerFunctions.Access;
using CustomerFunctions.Customers;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Subscriptions;

/// <summary>What a customer has and uses of what plans differ in.</summary>
/// <param name="Month">This month's usage.</param>
/// <param name="Webhooks">How many endpoints it has.</param>
/// <param name="ServiceAccounts">How many service accounts it has.</param>
internal sealed record PlanUse(UsageMonth Month, int Webhooks, int ServiceAccounts)
{
    /// <summary>How much of a feature there is.</summary>
    public long Of(string feature, Customer customer) => feature switch
    {
        "webhooks" => Webhooks,
        "keyRotation" => ServiceAccounts,
        "networkRules" => customer.AllowedNetworks?.Count ?? 0,
        "customBranding" => customer.Fields.LogoUrl is null ? 0 : 1,
        _ => 0,
    };
}

/// <summary>Reads it.</summary>
internal sealed class PlanUses(UsageStore usage, UsageCounter counter, WebhookStore webhooks, Holdings holdings)
{
    public async Task<PlanUse> Read(CustomerInPath customer, DateTimeOffset now, CancellationToken cancellation) => new(
        await GetUsage.Read(customer, UsageMonths.Of(now), usage, counter, now, cancellation),
        (await webhooks.All(customer.Id, cancellation)).Count,
        await holdings.Accounts(customer.Id, cancellation).CountAsync(cancellation));
}
