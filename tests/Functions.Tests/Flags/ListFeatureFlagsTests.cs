using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Flags;

public sealed class ListFeatureFlagsTests
{
    [Fact]
    public async Task Everyone_of_the_customer_sees_every_flag_as_the_plan_has_it()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var account = await app.CreateServiceAccount(customerId);
        var asStaff = (await app.Admin.Get($"/api/customers/{customerId}/feature-flags")).ShouldBe(200);

        var flags = asStaff["value"]!.AsArray();
        flags.Should().HaveCountGreaterThan(3).And.OnlyContain(flag => (string?)flag!["source"] == "plan" && ((string)flag["description"]!).Length > 10);
        flags.Select(flag => (string?)flag!["name"]).Should().OnlyHaveUniqueItems();
        flags.Single(flag => (string?)flag!["name"] == "keyRotation")!["enabled"]!.GetValue<bool>().Should().BeTrue();
        flags.Single(flag => (string?)flag!["name"] == "auditExport")!["enabled"]!.GetValue<bool>().Should().BeFalse("a trial does not have it");
        foreach (var key in new[] { await app.CreateApiKey(customerId), await app.CurrentSecret((string)account["secretName"]!) })
        {
            JsonNode.DeepEquals((await app.Caller(key).Get($"/api/customers/{customerId}/feature-flags")).ShouldBe(200).Object, asStaff.Object).Should().BeTrue();
        }
    }
}
