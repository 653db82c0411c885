using CustomerFunctions.Access;
using CustomerFunctions.ApiKeys;
using CustomerFunctions.Customers;
using CustomerFunctions.Flags;
using CustomerFunctions.ServiceAccounts;
using CustomerFunctions.Usage;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Subscriptions;

/// <summary>What a customer has and uses of what plans differ in.</summary>
/// <param name="Month">This month's usage.</param>
/// <param name="Webhooks">How many endpoints it has.</param>
/// <param name="OwnSchedules">How many service accounts rotate otherwise than by default.</param>
/// <param name="Keys">How many API keys it has, revoked ones left out.</param>
/// <param name="ConfinedKeys">How many of them are confined to networks.</param>
/// <param name="OnPlanRoles">The service accounts that have the plan's roles in Azure.</param>
internal sealed record PlanUse(UsageMonth Month, int Webhooks, int OwnSchedules, int Keys, int ConfinedKeys, IReadOnlyList<ServiceAccount> OnPlanRoles)
{
    /// <summary>How much of a feature there is.</summary>
    public long Of(FeatureFlag feature, Customer customer) =>
        feature == FeatureFlags.Webhooks ? Webhooks
        : feature == FeatureFlags.KeyRotation ? OwnSchedules + customer.QuietHours.Count
        : feature == FeatureFlags.NetworkRules ? ConfinedKeys + (customer.AllowedNetworks?.Count ?? 0)
        : feature == FeatureFlags.ApiAccess ? Keys
        : feature == FeatureFlags.CustomBranding && customer.Fields.LogoUrl is not null ? 1
        : 0;
}

/// <summary>Reads it.</summary>
internal sealed class PlanUses(UsageStore usage, UsageCounter counter, WebhookStore webhooks, Holdings holdings)
{
    public async Task<PlanUse> Read(CustomerInPath customer, DateTimeOffset now, CancellationToken cancellation)
    {
        var month = await GetUsage.Read(customer, UsageMonths.Of(now), usage, counter, now, cancellation);
        var owned = await holdings.All(customer.Id, cancellation);
        var keys = owned.Keys.Where(key => key.State != ApiKeyState.Revoked).ToList();
        return new PlanUse(
            month, (await webhooks.All(customer.Id, cancellation)).Count, owned.Accounts.Count(account => account.Policy != RotationPolicy.Default), keys.Count, keys.Count(key => key.Networks is not null),
            [.. owned.Accounts.Where(account => account.Azure is { Roles: null, Scope: not null })]);
    }
}
