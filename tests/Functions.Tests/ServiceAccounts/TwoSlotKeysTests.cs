namespace CustomerFunctions.Tests.ServiceAccounts;

public sealed class TwoSlotKeysTests
{
    public static TheoryData<string> Kinds => [RotatedResource.StorageAccountKeys, RotatedResource.CosmosAccountKeys, RotatedResource.ServiceBusKeys, RotatedResource.EventHubKeys];

    /// <summary>All of it with the role that is deployed for it, and nothing else.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Rotations_go_from_slot_to_slot_and_the_old_key_works_until_its_overlap_is_over(string kind)
    {
        await using var app = await App.StartWithoutSchedules();
        var (customer, resource) = ((string)(await app.CreateCustomer())["id"]!, await RotatedResource.Create(app, kind));
        await app.May("/" + string.Join('/', resource!.Split('/').Skip(1).Take(2)), DeployedRole.Actions("rotate"));
        var created = (await app.Admin.Post($"/api/customers/{customer}/service-accounts", RotatedAccount.Body(kind, resource))).ShouldBe(201).Object;
        var account = new RotatedAccount(app, kind, customer, resource, created);
        var values = new List<string> { (await account.Current()).Value };
        var slots = new List<string> { (string)(await account.Keys())[0]["slot"]! };

        for (var turn = 0; turn < 2; turn++)
        {
            await app.Cloud.Advance(RotatedAccount.Interval);
            await app.Cloud.RunTimer("RotateServiceAccountKeys");
            values.Add((await account.Current()).Value);
            slots.Add((string)(await account.Keys())[0]["slot"]!);
            (await account.Accepts(values[^1])).Should().BeTrue();
            (await account.Accepts(values[^2])).Should().BeTrue("the overlap has only begun");

            await app.Cloud.Advance(RotatedAccount.Overlap);
            await app.Cloud.RunTimer("RotateServiceAccountKeys");
            (await account.Accepts(values[^1])).Should().BeTrue();
            (await account.Accepts(values[^2])).Should().BeFalse("its slot was made anew");
        }

        values.Should().OnlyHaveUniqueItems();
        slots[0].Should().Be(slots[2]).And.NotBe(slots[1]);
        await account.ShouldHaveOneCurrentKey();
    }

    [Fact]
    public async Task A_rule_that_may_only_send_is_rotated_too()
    {
        var app = await App.Shared;
        var rule = (await RotatedResource.Create(app, RotatedResource.ServiceBusKeys))!.Replace("RootManageSharedAccessKey", "sender", StringComparison.Ordinal);
        await app.Arm(HttpMethod.Put, $"{rule}?api-version=2024-01-01", new { properties = new { rights = new[] { "Send" } } });
        var customer = await app.CreateCustomer();

        var created = (await app.Admin.Post($"/api/customers/{customer["id"]}/service-accounts", RotatedAccount.Body(RotatedResource.ServiceBusKeys, rule))).ShouldBe(201);
        (await app.Admin.Post($"/api/customers/{customer["id"]}/service-accounts/{created["id"]}/rotate")).ShouldBe(202);

        ((string?)(await app.Admin.Get($"/api/customers/{customer["id"]}/service-accounts/{created["id"]}"))["latestRotation"]!["status"]).Should().Be("Succeeded");
    }

    [Theory]
    [InlineData(RotatedResource.CosmosAccountKeys, "Microsoft.Storage/storageAccounts/other")]
    [InlineData(RotatedResource.ServiceBusKeys, "Microsoft.ServiceBus/namespaces/other")]
    [InlineData(RotatedResource.EventHubKeys, "Microsoft.ServiceBus/namespaces/other/authorizationRules/rule")]
    public async Task Another_kind_of_resource_is_malformed(string kind, string path)
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var resourceId = $"/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests/providers/{path}";
        (await app.Admin.Post($"/api/customers/{customer["id"]}/service-accounts", RotatedAccount.Body(kind, resourceId))).ShouldBeRefused(400, "invalid-request", "/resourceId");
    }
}
