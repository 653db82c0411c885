using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Roles;

[Collection(nameof(AzureWorld))]
public sealed class GetPermissionsTests(AzureWorld world)
{
    [Fact]
    public async Task What_an_account_should_have_and_had_is_told_without_asking_Azure()
    {
        var app = world.App;
        var made = await world.NewAccount(roles: null);
        await app.Cloud.ResetRequests();

        var permissions = (await app.Admin.Get(made.Permissions)).ShouldBe(200);

        (await app.Cloud.Requests())["resourceManager"]!.GetValue<int>().Should().Be(0);
        var azure = permissions["azure"]!;
        ((bool)azure["fromPlan"]!).Should().BeTrue();
        ((string?)azure["expected"]![0]!["role"], (string?)azure["actual"]![0]!["role"], (string?)azure["actual"]![0]!["scope"]).Should().Be(("Reader", "Reader", made.Group));
        azure["drift"]!.AsArray().Should().BeEmpty();
        permissions.ETag.Should().StartWith(((string)permissions["etag"]!).TrimEnd('"') + ".", "it is of what follows from the plan too");
    }

    [Theory]
    [InlineData(RotatedResource.ApiCredential, "opens this API alone")]
    [InlineData(RotatedResource.StorageAccountKeys, "has one of its keys opens the storage account")]
    [InlineData(RotatedResource.CosmosAccountKeys, "opens the Cosmos DB account")]
    [InlineData(RotatedResource.ServiceBusKeys, "opens the Service Bus authorization rule")]
    [InlineData(RotatedResource.EventHubKeys, "opens the Event Hubs authorization rule")]
    [InlineData(RotatedResource.EntraApplication, null)]
    public async Task An_account_that_is_nobody_in_Azure_says_why(string kind, string? why)
    {
        var account = await RotatedAccount.Create(world.App, kind);

        var permissions = (await world.App.Admin.Get(account.Path + "/permissions")).ShouldBe(200).Object;

        permissions.Select(field => field.Key).Should().Equal("etag", "state", why is null ? "azure" : "nobodyInAzure");
        if (why is not null) { ((string?)permissions["nobodyInAzure"]).Should().Contain(why); }
        (await world.App.Admin.Get($"/api/customers/{account.CustomerId}/service-accounts/sva_01J00000000000000000000000/permissions")).ShouldBeRefused(404, "not-found");
    }
}
