using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Exports;

public sealed class ExportCustomerTests
{
    [Fact]
    public async Task One_line_for_each_thing_as_its_own_route_has_it_and_no_secret()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{id}";
        var key = await app.CreateApiKey(id);
        await app.CreateApiKey(id, "spare");
        var account = await app.CreateServiceAccount(id);
        await app.CreateServiceAccount((string)(await app.CreateCustomer())["id"]!, "foreign");

        var exported = (await app.Admin.Get(path + "/export")).ShouldBe(200);

        exported.ContentHeaders.ContentDisposition!.FileName.Should().Contain(id);
        var lines = exported.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
        lines.Where(line => (string?)line["type"] == "auditEvent").Select(line => (string)line["data"]!["action"]!).Should().Contain("customer.created");
        lines.RemoveAll(line => (string?)line["type"] is "settings" or "notification" or "access" or "auditEvent");
        lines.Select(line => (string?)line["type"]).Should().Equal("customer", "apiKey", "apiKey", "serviceAccount", "serviceAccountKey");
        var routes = new[]
        {
            (await app.Admin.Get(path)).Object, (await app.Admin.Get(path + "/api-keys"))["value"]![0], (await app.Admin.Get(path + "/api-keys"))["value"]![1],
            (await app.Admin.Get(path + "/service-accounts"))["value"]![0], (await app.Admin.Get($"{path}/service-accounts/{account["id"]}/keys"))["value"]![0],
        };
        lines.Zip(routes).Should().OnlyContain(pair => JsonNode.DeepEquals(pair.First["data"], pair.Second));
        exported.Body.Should().NotContain(key).And.NotContain(await app.CurrentSecret((string)account["secretName"]!));
        foreach (var document in (await app.Data.All("customers")).Where(document => (string?)document["customerId"] == id && document["hash"] is not null)) { exported.Body.Should().NotContain((string)document["hash"]!); }
    }
}
