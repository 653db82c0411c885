using System.Net;
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
