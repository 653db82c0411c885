using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using LocalAzure.Clock;
using LocalAzure.Stripe;
using LocalAzure.Tests.Tls;

namespace LocalAzure.Tests.Stripe;

/// <summary>Stripe's list of events, over the wire.</summary>
public sealed class StripeTests : IAsyncLifetime, IDisposable
{
    private const string Key = "rk_test_0123456789abcdef";
    private readonly TemporaryFolder folder = new();
    private readonly TestClock clock;
    private readonly StripeEmulator stripe;
    private readonly HttpClient http = new();
    private LoopbackServer server = null!;

    public StripeTests()
    {
        clock = TestClock.Open(folder["clock"]);
        stripe = new StripeEmulator(clock) { Key = Key };
    }

    public async Task InitializeAsync() => server = await LoopbackServer.Start(_ => stripe.Handle);

    public async Task DisposeAsync() => await server.DisposeAsync();

    public void Dispose()
    {
        http.Dispose();
        clock.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Pages_lead_from_the_newest_event_to_the_oldest_and_miss_none()
    {
        foreach (var i in new[] { 3, 0, 4, 1, 2 }) { Put($"evt_{i}", secondsAgo: 10 - i); }
        var seen = new List<string>();
        for (string? after = null; ;)
        {
            var page = await Get($"limit=2{(after is null ? "" : "&starting_after=" + after)}");
            ((string?)page["object"], (string?)page["url"]).Should().Be(("list", "/v1/events"));
            seen.AddRange(Ids(page));
            if (!(bool)page["has_more"]!) { break; }
            after = seen[^1];
        }

        seen.Should().Equal("evt_4", "evt_3", "evt_2", "evt_1", "evt_0");
    }

    [Theory]
    [InlineData("types[]=invoice.paid", "evt_2", "evt_0")]
    [InlineData("types%5B0%5D=invoice.paid&types%5B1%5D=invoice.voided", "evt_2", "evt_1", "evt_0")]
    [InlineData("types[]=customer.created")]
    [InlineData("types[]=invoice.paid&starting_after=evt_1", "evt_0")]
    public async Task Events_are_listed_by_their_types(string query, params string[] expected)
    {
        Put("evt_0", 3);
        Put("evt_1", 2, "invoice.voided");
        Put("evt_2", 1);
        Ids(await Get(query)).Should().Equal(expected);
    }

    [Theory]
    [InlineData("gte", "evt_1", "evt_0")]
    [InlineData("gt", "evt_1")]
    [InlineData("lte", "evt_0", "evt_old")]
    [InlineData("lt", "evt_old")]
    public async Task Events_are_listed_by_when_they_were_made(string bound, params string[] expected)
    {
        Put("evt_old", 30);
        Put("evt_0", 20);
        Put("evt_1", 10);
        Ids(await Get($"created[{bound}]={stripe.Events[1].Created}")).Should().Equal(expected);
    }

    [Fact]
    public async Task After_thirty_days_an_event_is_not_known_any_more()
    {
        Put("evt_0", 0);
        clock.Advance(TimeSpan.FromDays(30) - TimeSpan.FromMinutes(1));
        Ids(await Get("")).Should().Equal("evt_0");
        clock.Advance(TimeSpan.FromMinutes(2));

        Ids(await Get("")).Should().BeEmpty();
        (await Refused("starting_after=evt_0", HttpStatusCode.BadRequest))["code"]!.GetValue<string>().Should().Be("resource_missing");
    }

    [Theory]
    [InlineData("starting_after=evt_none", "resource_missing", "starting_after")]
    [InlineData("limit=0", "parameter_invalid_integer", "limit")]
    [InlineData("limit=101", "parameter_invalid_integer", "limit")]
    [InlineData("limit=some", "parameter_invalid_integer", "limit")]
    [InlineData("created[gte]=today", "parameter_invalid_integer", "created[gte]")]
    [InlineData("colour=blue", "parameter_unknown", "colour")]
    public async Task What_it_cannot_be_asked_is_refused_as_Stripe_does(string query, string code, string parameter)
    {
        var error = await Refused(query, HttpStatusCode.BadRequest);
        ((string?)error["type"], (string?)error["code"], (string?)error["param"]).Should().Be(("invalid_request_error", code, parameter));
    }

    [Theory]
    [InlineData("type=invoice.*")]
    [InlineData("delivery_success=false")]
    [InlineData("ending_before=evt_0")]
    [InlineData("expand[]=data")]
    public Task What_Stripe_has_and_is_not_here_is_not_implemented(string query) => Refused(query, HttpStatusCode.NotImplemented);

    [Fact]
    public Task No_more_than_twenty_types_are_taken() => Refused(string.Join('&', Enumerable.Range(0, 21).Select(i => $"types[]=t{i}")), HttpStatusCode.BadRequest);

    [Fact]
    public async Task Only_its_key_opens_it_and_another_is_not_shown_whole()
    {
        (await Refused("", HttpStatusCode.Unauthorized, ""))["message"]!.GetValue<string>().Should().StartWith("You did not provide an API key.");
        (await Refused("", HttpStatusCode.Unauthorized, "Bearer rk_test_fedcba9876543210"))["message"]!.GetValue<string>().Should().Be("Invalid API Key provided: rk_test_************3210");
        stripe.Key = null;
        await Refused("", HttpStatusCode.Unauthorized);
    }

    private void Put(string id, int secondsAgo, string type = "invoice.paid")
    {
        var created = clock.GetUtcNow().ToUnixTimeSeconds() - secondsAgo;
        stripe.Put([new StripeEvent(id, type, created, JsonSerializer.SerializeToElement(new { id, type, created }))]);
    }

    private static IEnumerable<string> Ids(JsonNode page) => page["data"]!.AsArray().Select(one => (string)one!["id"]!);

    private async Task<JsonNode> Get(string query) => await Ask(query, HttpStatusCode.OK, "Bearer " + Key);

    private async Task<JsonNode> Refused(string query, HttpStatusCode status, string authorization = "Bearer " + Key) => (await Ask(query, status, authorization))["error"]!;

    private async Task<JsonNode> Ask(string query, HttpStatusCode status, string authorization)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{server.Url}/stripe/v1/events?{query}");
        request.Headers.Authorization = authorization.Length == 0 ? null : AuthenticationHeaderValue.Parse(authorization);
        request.Headers.Add("Stripe-Version", "2025-09-30.clover");
        using var answer = await http.SendAsync(request);
        answer.StatusCode.Should().Be(status);
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
    }
}
