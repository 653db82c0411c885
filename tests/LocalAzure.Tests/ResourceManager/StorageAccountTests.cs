using System.Text.Json;
using Azure;
using Azure.Core;
using Azure.ResourceManager.Resources;
using Azure.ResourceManager.Resources.Models;

namespace LocalAzure.Tests.ResourceManager;

public sealed class StorageAccountTests : IAsyncLifetime
{
    private const string Subscription = AzureAccount.Subscription;
    private const string Accounts = AzureAccount.Accounts;
    private const string NewAccount = AzureAccount.NewAccount;
    private const string NoSku = """{"location":"westeurope","kind":"StorageV2"}""";
    private const string NoKind = """{"location":"westeurope","sku":{"name":"Standard_LRS"}}""";
    private const string Elsewhere = """{"location":"northeurope","sku":{"name":"Standard_LRS"},"kind":"StorageV2"}""";
    private const string InNoGroup = $"{Subscription}/resourceGroups/none/providers/Microsoft.Storage/storageAccounts/abc";
    private const string InNoSubscription = "/subscriptions/none/resourceGroups/rg-test/providers/Microsoft.Storage/storageAccounts/abc";
    private const StringComparison Exactly = StringComparison.Ordinal;
    private AzureAccount azure = null!;

    public async Task InitializeAsync() => azure = await AzureAccount.Start();

    public async Task DisposeAsync() => await azure.DisposeAsync();

    [Fact]
    public async Task The_management_client_makes_reads_lists_and_deletes_an_account()
    {
        var id = AzureAccount.IdOf("made");
        var data = new GenericResourceData(AzureLocation.WestEurope)
        {
            Kind = "StorageV2",
            Sku = new ResourcesSku { Name = "Standard_LRS" },
            Tags = { ["owner"] = "me" },
        };

        await azure.Arm.GetGenericResources().CreateOrUpdateAsync(WaitUntil.Completed, id, data);

        var account = (await azure.Arm.GetGenericResource(id).GetAsync()).Value;
        account.Data.Tags.Should().ContainKey("owner");
        account.Data.Location.Should().Be(AzureLocation.WestEurope);
        account.Data.Properties.ToString().Should().Contain("/made/");
        await azure.CreateStorageAccount("another");
        (await NamesIn(Accounts)).Should().Equal("another", "made");
        (await NamesIn($"{Subscription}/providers/Microsoft.Storage/storageAccounts")).Should().Equal("another", "made");

        await account.DeleteAsync(WaitUntil.Completed);
        (await NamesIn(Accounts)).Should().Equal("another");
        (await azure.Arm.GetGenericResources().ExistsAsync(id)).Value.Should().BeFalse();
    }

    [Fact]
    public async Task The_management_client_finds_the_subscription_and_its_groups()
    {
        var subscription = await azure.Arm.GetDefaultSubscriptionAsync();
        var groups = subscription.GetResourceGroups();
        var made = await groups.CreateOrUpdateAsync(WaitUntil.Completed, "rg-second", new ResourceGroupData(AzureLocation.NorthEurope));

        made.Value.Data.Location.Should().Be(AzureLocation.NorthEurope);
        (await subscription.GetResourceGroupAsync("RG-SECOND")).Value.Data.Name.Should().Be("rg-second");
        var names = await groups.GetAllAsync().Select(group => group.Data.Name).ToListAsync();
        names.Should().Equal("rg-second", AzureAccount.Group);
    }

    [Fact]
    public async Task A_new_account_has_two_different_keys_of_64_bytes()
    {
        var keys = await (await azure.CreateStorageAccount("fresh")).List();

        keys.Keys.Should().Equal("key1", "key2");
        keys["key1"].Value.Should().NotBe(keys["key2"].Value);
        keys.Values.Should().AllSatisfy(key => Convert.FromBase64String(key.Value).Should().HaveCount(64));
    }

    [Theory]
    [InlineData("key1", "key2")]
    [InlineData("key2", "key1")]
    public async Task Regenerating_renews_one_key_and_its_date_and_leaves_the_other(string renewed, string kept)
    {
        var account = await azure.CreateStorageAccount("turned");
        var before = await account.List();
        azure.Clock.Advance(TimeSpan.FromDays(14));

        var after = await account.Regenerate(renewed);

        after[renewed].Value.Should().NotBe(before[renewed].Value);
        (after[renewed].Created - before[renewed].Created).Should().BeGreaterThanOrEqualTo(TimeSpan.FromDays(14));
        after[kept].Should().Be(before[kept]);
        (await account.List()).Should().Equal(after);
    }

    [Fact]
    public async Task A_second_put_changes_the_account_and_keeps_its_keys()
    {
        var account = await azure.CreateStorageAccount("kept");
        var before = await account.List();

        const string Changed = """{"location":"West Europe","sku":{"name":"Standard_GRS"},"kind":"StorageV2"}""";
        var (_, body) = await azure.Send(HttpMethod.Put, $"{Accounts}/kept", Changed);

        body.Should().Contain("Standard_GRS");
        (await account.List()).Should().Equal(before);
    }

    [Theory]
    [InlineData("PUT", $"{Accounts}/UPPER", NewAccount, 400, "AccountNameInvalid")]
    [InlineData("PUT", $"{Accounts}/ab", NewAccount, 400, "AccountNameInvalid")]
    [InlineData("PUT", $"{Accounts}/nolocation", """{"sku":{"name":"Standard_LRS"},"kind":"StorageV2"}""", 400, "LocationRequired")]
    [InlineData("PUT", $"{Accounts}/nosku", NoSku, 400, "InvalidValuesForRequestParameters")]
    [InlineData("PUT", $"{Accounts}/nokind", NoKind, 400, "InvalidValuesForRequestParameters")]
    [InlineData("PUT", $"{Accounts}/nojson", "{", 400, "InvalidRequestContent")]
    [InlineData("PUT", $"{Accounts}/nojson", "[]", 400, "InvalidRequestContent")]
    [InlineData("PUT", $"{Accounts}/there", Elsewhere, 409, "InvalidResourceLocation")]
    [InlineData("PUT", InNoGroup, NewAccount, 404, "ResourceGroupNotFound")]
    [InlineData("PUT", InNoSubscription, NewAccount, 404, "SubscriptionNotFound")]
    [InlineData("GET", $"{Accounts}/none", null, 404, "ResourceNotFound")]
    [InlineData("POST", $"{Accounts}/none/listKeys", null, 404, "ResourceNotFound")]
    [InlineData("POST", $"{Accounts}/none/regenerateKey", """{"keyName":"key1"}""", 404, "ResourceNotFound")]
    [InlineData("POST", $"{Accounts}/there/regenerateKey", """{"keyName":"key3"}""", 400, "InvalidValuesForRequestParameters")]
    [InlineData("POST", $"{Accounts}/there/regenerateKey", """{"keyName":1}""", 400, "InvalidValuesForRequestParameters")]
    [InlineData("POST", $"{Accounts}/there/regenerateKey", "{}", 400, "InvalidValuesForRequestParameters")]
    [InlineData("POST", $"{Accounts}/there/regenerateKey", null, 400, "InvalidRequestContent")]
    [InlineData("POST", $"{Accounts}/there/failover", null, 400, "InvalidResourceAction")]
    [InlineData("POST", $"{Accounts}/there/listKeys?$expand=kerb", null, 501, "NotImplemented")]
    [InlineData("GET", $"{Accounts}/there/blobServices", null, 404, "InvalidResourceType")]
    [InlineData("GET", $"{Subscription}/resourceGroups/rg-test/providers/Microsoft.Cache/redis/abc", null, 404, "InvalidResourceNamespace")]
    [InlineData("PATCH", $"{Accounts}/there", "{}", 405, "HttpMethodNotAllowed")]
    [InlineData("GET", "/providers/Microsoft.Storage", null, 501, "NotImplemented")]
    public async Task What_can_not_be_done_is_refused_by_name(string method, string path, string? body, int status, string code)
    {
        await azure.CreateStorageAccount("there");

        var (actual, answer) = await azure.Send(new HttpMethod(method), path, body);

        actual.Should().Be(status, answer);
        CodeOf(answer).Should().Be(code);
    }

    [Theory]
    [InlineData($"{Accounts}/there", "", 400, "MissingApiVersionParameter")]
    [InlineData($"{Accounts}/there", "2010-01-01", 400, "NoRegisteredProviderFound")]
    [InlineData(Subscription, "2010-01-01", 400, "InvalidApiVersionParameter")]
    public async Task The_version_of_the_api_is_required_and_known(string path, string version, int status, string code)
    {
        await azure.CreateStorageAccount("there");

        var (actual, answer) = await azure.Send(HttpMethod.Get, path, apiVersion: version);

        actual.Should().Be(status);
        CodeOf(answer).Should().Be(code);
    }

    [Theory]
    [InlineData("https://management.azure.com", 200)]
    [InlineData("https://management.core.windows.net/", 200)]
    [InlineData("https://vault.azure.net", 401)]
    [InlineData(null, 401)]
    public async Task Only_a_token_for_the_management_audience_is_good(string? audience, int status) =>
        (await azure.Send(HttpMethod.Get, Subscription, apiVersion: "2022-12-01", audience: audience)).Status.Should().Be(status);

    [Fact]
    public async Task A_name_that_another_group_uses_is_taken()
    {
        await azure.CreateStorageAccount("shared");
        await azure.CreateGroup("rg-other");

        var (status, answer) = await azure.Send(HttpMethod.Put, $"{Accounts}/shared".Replace("rg-test", "rg-other", Exactly), NewAccount);

        status.Should().Be(409);
        CodeOf(answer).Should().Be("StorageAccountAlreadyTaken");
    }

    [Fact]
    public async Task The_case_of_an_id_does_not_matter()
    {
        var keys = await (await azure.CreateStorageAccount("cased")).List();

        var (status, body) = await azure.Send(HttpMethod.Post, $"{Accounts}/cased/LISTKEYS".Replace("Groups", "GROUPS", Exactly));

        status.Should().Be(200);
        body.Should().Contain(JsonEncodedText.Encode(keys["key1"].Value).ToString());
    }

    [Fact]
    public async Task The_summary_for_people_has_names_and_dates_and_no_keys()
    {
        var keys = await (await azure.CreateStorageAccount("shown")).List();

        var summary = azure.Emulator.Summary();

        summary.Should().ContainSingle().Which.Keys.Select(key => key.Slot).Should().Equal("key1", "key2");
        summary.ToString().Should().NotContain(keys["key1"].Value);
        JsonSerializer.Serialize(summary).Should().NotContain(JsonEncodedText.Encode(keys["key1"].Value).ToString());
        azure.Emulator.StorageAccount("shown")!.Keys[0].ToString().Should().NotContain(keys["key1"].Value);
    }

    [Fact]
    public async Task Accounts_and_keys_outlive_a_restart_and_a_line_that_was_cut_off()
    {
        var account = await azure.CreateStorageAccount("durable");
        var keys = await account.Regenerate("key2");
        await azure.CreateStorageAccount("dropped");
        await azure.Send(HttpMethod.Delete, $"{Accounts}/dropped");

        await azure.Restart(() => File.AppendAllText(azure.JournalPath, "0123abcd {\"$type\":\"removed\",\"id\":\""));

        (await azure.KeysOf("durable").List()).Should().Equal(keys);
        (await NamesIn(Accounts)).Should().Equal("durable");
        await azure.CreateStorageAccount("after");
        await azure.Restart();
        (await NamesIn(Accounts)).Should().Equal("after", "durable");
    }

    private async Task<string[]> NamesIn(string list)
    {
        var (_, body) = await azure.Send(HttpMethod.Get, list);
        using var json = JsonDocument.Parse(body);
        return [.. json.RootElement.GetProperty("value").EnumerateArray().Select(item => item.GetProperty("name").GetString()!)];
    }

    private static string CodeOf(string answer)
    {
        using var json = JsonDocument.Parse(answer);
        return json.RootElement.GetProperty("error").GetProperty("code").GetString()!;
    }
}
