using System.Net;
using LocalAzure.Faults;
using LocalAzure.Tests.FunctionsHost;
using Microsoft.AspNetCore.Http;

namespace LocalAzure.Tests.Faults;

public sealed class RequestsTests(RunningHost host) : IClassFixture<RunningHost>
{
    private readonly LocalAzureProcess cloud = host.Cloud;

    [Fact]
    public async Task Requests_are_counted_by_service_and_by_operation_since_the_last_reset()
    {
        await cloud.Local.DeleteAsync("/requests");
        using var client = new HttpClient();
        for (var i = 0; i < 3; i++) { (await client.GetAsync($"{cloud.Endpoints.Cosmos}/dbs/customers/colls/control/docs/{i}")).Dispose(); }

        var flat = await cloud.Get<Dictionary<string, long>>("/requests");
        var detailed = await cloud.Get<Dictionary<string, Dictionary<string, long>>>("/requests?by=operation");
        await cloud.Local.DeleteAsync("/requests");
        var after = await cloud.Get<Dictionary<string, long>>("/requests");

        flat["cosmos"].Should().Be(3);
        flat["keyVault"].Should().Be(0);
        detailed["cosmos"].Should().Equal(new Dictionary<string, long> { ["GET /dbs/customers/colls/control/docs/*"] = 3 });
        after["cosmos"].Should().Be(0);
    }

    [Fact]
    public async Task Requests_can_not_be_counted_by_anything_else() =>
        (await cloud.Local.GetAsync("/requests?by=colour")).StatusCode.Should().Be(HttpStatusCode.BadRequest);

    [Theory]
    [InlineData("GET", "/", "GET /")]
    [InlineData("GET", "/secrets/sva-acme/0123", "GET /secrets/*/*")]
    [InlineData("POST", "/dbs/customers/colls/accounts/docs", "POST /dbs/customers/colls/accounts/docs")]
    [InlineData("GET", "/devstoreaccount1/audit(PartitionKey='a',RowKey='b')", "GET /devstoreaccount1/audit(*)")]
    [InlineData("POST", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/a/listKeys", "POST /subscriptions/*/resourceGroups/*/providers/Microsoft.Storage/storageAccounts/*/listKeys")]
    public void An_operation_is_named_without_the_resource_it_is_on(string method, string path, string expected)
    {
        var request = new DefaultHttpContext().Request;
        request.Method = method;
        request.Path = path;
        Span<char> buffer = stackalloc char[Operation.MostCharacters];

        buffer[..Operation.Write(request, buffer)].ToString().Should().Be(expected);
    }

    [Fact]
    public void A_path_of_any_length_has_a_name()
    {
        var request = new DefaultHttpContext().Request;
        request.Method = "GET";
        request.Path = "/" + new string('x', 10_000);
        Span<char> buffer = stackalloc char[Operation.MostCharacters];

        Operation.Write(request, buffer).Should().Be(Operation.MostCharacters);
    }

    [Fact]
    public void Made_up_paths_do_not_grow_the_counts_without_bound()
    {
        var counter = new RequestCounts().For("cosmos");

        for (var i = 0; i < 5000; i++) { counter.Add($"GET /{i}"); }

        counter.Total.Should().Be(5000);
        counter.Operations().Should().HaveCountLessThanOrEqualTo(1001).And.ContainKey("(other)");
    }
}
