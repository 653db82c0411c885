using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;

namespace LocalAzure.Tests.Seed;

public sealed class DemoDataTests
{
    [Fact]
    public async Task A_new_state_begins_with_customers_and_rotated_service_accounts_and_a_page_that_shows_them()
    {
        await using var cloud = await LocalAzureProcess.StartWithDemoData();
        cloud.App.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", cloud.Endpoints.Admin.ApiKey);

        var customers = (await cloud.App.GetFromJsonAsync<JsonElement>("/api/customers")).GetProperty("value").EnumerateArray().ToArray();
        var aurora = customers.Single(customer => customer.GetProperty("name").GetString() == "Aurora Instruments").GetProperty("id").GetString();
        var accounts = (await cloud.App.GetFromJsonAsync<JsonElement>($"/api/customers/{aurora}/service-accounts")).GetProperty("value").EnumerateArray().ToArray();
        var page = await cloud.Local.GetStringAsync("/");

        customers.Should().HaveCount(5);
        accounts.Select(account => account.GetProperty("kind").GetString()).Should().BeEquivalentTo("apiCredential", "storageAccountKeys");
        foreach (var account in accounts)
        {
            var keys = await cloud.App.GetFromJsonAsync<JsonElement>($"/api/customers/{aurora}/service-accounts/{account.GetProperty("id").GetString()}/keys");
            keys.GetProperty("value").GetArrayLength().Should().BeGreaterThan(1, "its key has changed once");
        }
        page.Should().Contain("sva-aurora-instruments-local-reporting").And.NotContain(cloud.Endpoints.Admin.ApiKey, "a page shows names of secrets, never values");
        (await cloud.Local.GetAsync("/status/cosmos/customers")).StatusCode.Should().Be(HttpStatusCode.OK);
    }
}
