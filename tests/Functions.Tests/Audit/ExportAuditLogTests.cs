using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Audit;

public sealed class ExportAuditLogTests
{
    [Fact]
    public async Task It_takes_the_feature()
    {
        var app = await App.Shared;
        var refusal = (await app.Admin.Get($"/api/customers/{(await app.CreateCustomer())["id"]}/audit-log/export")).ShouldBeRefused(403, "feature-not-in-plan");
        ((string?)refusal["feature"]).Should().Be("auditExport");
        refusal["plans"]!.AsArray().Select(plan => (string?)plan).Should().Equal("enterprise");
    }

    [Fact]
    public async Task Every_event_is_a_line_as_the_list_has_it()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        foreach (var enabled in new[] { true, false }) { (await app.Admin.Put(path + "/feature-flags/customBranding", new { enabled })).ShouldBe(200); }
        (await app.Admin.Put(path + "/feature-flags/auditExport", new { enabled = true })).ShouldBe(200);

        var exported = (await app.Admin.Get(path + "/audit-log/export")).ShouldBe(200);
        var some = (await app.Admin.Get(path + "/audit-log/export?action=customer.created")).ShouldBe(200);

        exported.ContentHeaders.ContentType!.MediaType.Should().Be("application/x-ndjson");
        var listed = (await app.Admin.Get(path + "/audit-log")).ShouldBe(200)["value"]!.AsArray();
        var lines = Lines(exported);
        lines.Should().HaveCount(4).And.HaveSameCount(listed);
        lines.Zip(listed).Should().OnlyContain(pair => JsonNode.DeepEquals(pair.First, pair.Second));
        Lines(some).Should().ContainSingle().Which["action"]!.ToString().Should().Be("customer.created");
        (await app.Admin.Get(path + "/audit-log/export?from=yesterday")).ShouldBeRefused(400, "invalid-request", "?from");
    }

    private static List<JsonNode> Lines(Answer answer) => [.. answer.Body.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!)];
}
