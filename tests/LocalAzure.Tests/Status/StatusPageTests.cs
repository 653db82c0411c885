using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using LocalAzure.Status;
using LocalAzure.Tests.FunctionsHost;

namespace LocalAzure.Tests.Status;

public sealed class StatusPageTests(RunningHost host) : IClassFixture<RunningHost>
{
    private readonly LocalAzureProcess cloud = host.Cloud;

    [Fact]
    public async Task It_shows_services_instances_timers_and_logs()
    {
        using var answer = await cloud.Local.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync();

        answer.Content.Headers.ContentType!.MediaType.Should().Be("text/html");
        page.Should().Contain(cloud.Endpoints.Cosmos).And.Contain("Tick").And.Contain("running").And.Contain("the sample app is up");
    }

    [Fact]
    public async Task Its_buttons_run_a_timer_move_the_clock_and_add_and_end_faults()
    {
        await Press("/status/timers/Tick/run");
        await Press("/status/clock", ("advance", "01:00:00"));
        await Press("/status/faults", ("service", "blob"), ("kind", "latency"), ("share", "0.5"));
        var faults = await cloud.Get<JsonElement>("/faults");
        await Press("/status/faults/clear");

        (await cloud.Local.GetStringAsync("/")).Should().Contain("ticked");
        (await cloud.Get<JsonElement>("/clock")).GetProperty("offset").GetString().Should().Be("01:00:00");
        faults[0].GetProperty("fault").GetProperty("share").GetDouble().Should().Be(0.5);
        (await cloud.Get<JsonElement>("/faults")).GetArrayLength().Should().Be(0);
    }

    [Fact]
    public async Task What_was_refused_as_not_implemented_is_listed_by_feature()
    {
        using var cosmos = new HttpClient();
        var token = (await cloud.Get<JsonElement>("/token?audience=https://cosmos.azure.com")).GetProperty("token").GetString();
        cosmos.DefaultRequestHeaders.TryAddWithoutValidation("authorization", Uri.EscapeDataString($"type=aad&ver=1.0&sig={token}"));
        for (var i = 0; i < 2; i++) { (await cosmos.PostAsync($"{cloud.Endpoints.Cosmos}/dbs/customers/colls/customers/sprocs", null)).Dispose(); }
        using var stripe = new HttpClient();
        stripe.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", "c2tfdGVzdDo=");
        (await stripe.GetAsync($"{cloud.Endpoints.Local}/stripe/v1/events")).Dispose();

        var refused = await cloud.Get<JsonElement>("/requests?by=notImplemented");

        refused.GetProperty("cosmos").GetProperty("stored procedures").GetInt32().Should().Be(2);
        refused.GetProperty("stripe").GetProperty("Basic authentication of Stripe").GetInt32().Should().Be(1);
        refused.TryGetProperty("blob", out _).Should().BeFalse("nothing of it was refused");
        (await cloud.Local.GetStringAsync("/")).Should().Contain("Refused as not implemented").And.Contain("stored procedures");
    }

    [Fact]
    public async Task A_page_of_another_origin_can_not_press_them()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/status/faults/clear");
        request.Headers.Add("Origin", "https://evil.example");

        (await cloud.Local.SendAsync(request)).StatusCode.Should().Be(HttpStatusCode.Forbidden);
    }

    [Fact]
    public void Whatever_is_put_into_a_page_is_encoded() =>
        Html.Of($"<td>{"<script>alert('&')</script>"}{Html.Of($"<b>{1}</b>")}</td>").Text
            .Should().Be("<td>&lt;script&gt;alert(&#x27;&amp;&#x27;)&lt;/script&gt;<b>1</b></td>");

    private async Task Press(string action, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.ToDictionary(field => field.Name, field => field.Value));
        using var answer = await cloud.Local.PostAsync(action, form);
        answer.StatusCode.Should().Be(HttpStatusCode.OK, "it leads back to the page");
    }
}
