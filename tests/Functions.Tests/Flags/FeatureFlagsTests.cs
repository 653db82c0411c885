using CustomerFunctions.Customers;
using CustomerFunctions.Flags;

namespace CustomerFunctions.Tests.Flags;

/// <summary>Who has which feature, and which routes take one.</summary>
public sealed class FeatureFlagsTests
{
    [Theory]
    [InlineData("trial", "apiAccess", "customBranding", "keyRotation", "webhooks", "networkRules")]
    [InlineData("free", "apiAccess")]
    [InlineData("basic", "apiAccess", "customBranding", "keyRotation")]
    [InlineData("professional", "apiAccess", "customBranding", "keyRotation", "webhooks", "networkRules")]
    [InlineData("enterprise", "apiAccess", "customBranding", "keyRotation", "webhooks", "networkRules", "auditExport")]
    public void A_customer_has_what_its_plan_has_but_for_what_staff_decided(string plan, params string[] features)
    {
        var customer = On(plan);
        foreach (var flag in FeatureFlags.All)
        {
            var has = features.Contains(flag.Name);
            (FeatureFlags.Refuses(flag, customer) is null).Should().Be(has, flag.Name);
            (FeatureFlags.Refuses(flag, customer.OverrideFlag(flag.Name, !has, "ada", DateTimeOffset.UnixEpoch)) is null).Should().Be(!has, flag.Name);
        }
    }

    [Fact]
    public void A_refusal_names_the_feature_and_the_plans_that_have_it()
    {
        var refusal = FeatureFlags.Refuses(FeatureFlags.Webhooks, On("basic"))!;
        (refusal.Kind.Status, refusal.Kind.Code, refusal.Feature).Should().Be((403, "feature-not-in-plan", "webhooks"));
        refusal.Plans.Should().Equal("trial", "professional", "enterprise");
    }

    [Fact]
    public async Task Only_what_makes_or_changes_something_takes_a_feature()
    {
        var document = (await (await App.Shared).Description).Document;
        var taking = from path in document["paths"]!.AsObject()
                     from operation in path.Value!.AsObject()
                     where operation.Value is System.Text.Json.Nodes.JsonObject { } told && told.ContainsKey("x-feature")
                     select $"{operation.Value["x-feature"]} {operation.Key} {path.Key.Replace("/api/customers/{customerId}/", "", StringComparison.Ordinal)}";

        taking.Should().BeEquivalentTo(
            "apiAccess post api-keys", "apiAccess post api-keys/import", "apiAccess post api-keys/{keyId}/roll",
            "auditExport get audit-log/export",
            "keyRotation patch service-accounts/{serviceAccountId}/rotation-policy", "keyRotation put quiet-hours",
            "networkRules put ip-rules",
            "webhooks post webhooks", "webhooks patch webhooks/{webhookId}", "webhooks post webhooks/{webhookId}/rotate-secret", "webhooks post webhooks/{webhookId}/test", "webhooks post webhooks/{webhookId}/deliveries/{deliveryId}/resend");
    }

    private static Customer On(string plan) => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", DateTimeOffset.UnixEpoch) with { Plan = plan };
}
