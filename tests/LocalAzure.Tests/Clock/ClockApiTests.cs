using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using LocalAzure.Tests.FunctionsHost;

namespace LocalAzure.Tests.Clock;

public sealed class ClockApiTests(RunningHost host) : IClassFixture<RunningHost>
{
    private readonly LocalAzureProcess cloud = host.Cloud;

    [Fact]
    public async Task The_clock_moves_forward_and_stays_there()
    {
        var before = await cloud.Get<Reading>("/clock");
        using var answer = await cloud.Local.PostAsJsonAsync("/clock", new { advance = "14.01:00:00" });
        var moved = await answer.Content.ReadFromJsonAsync<Reading>();
        var after = await cloud.Get<Reading>("/clock");

        (Offset(moved!) - Offset(before)).Should().Be(new TimeSpan(14, 1, 0, 0));
        Offset(after).Should().Be(Offset(moved!));
        (after.UtcNow - TimeProvider.System.GetUtcNow() - Offset(after)).Should().BeCloseTo(TimeSpan.Zero, TimeSpan.FromSeconds(30));
    }

    [Theory]
    [InlineData("""{"advance":"-1.00:00:00"}""")]
    [InlineData("""{"advance":"tomorrow"}""")]
    [InlineData("""{"advance":"9999999.00:00:00"}""")]
    [InlineData("""{"advance":14}""")]
    [InlineData("""{}""")]
    [InlineData("""[]""")]
    [InlineData("""{"advance":""")]
    public async Task What_is_no_time_to_move_by_is_refused_and_moves_nothing(string body)
    {
        var before = await cloud.Get<Reading>("/clock");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");

        using var answer = await cloud.Local.PostAsync("/clock", content);

        answer.StatusCode.Should().Be(HttpStatusCode.BadRequest);
        answer.Content.Headers.ContentType!.MediaType.Should().Be("application/problem+json");
        (await cloud.Get<Reading>("/clock")).Offset.Should().Be(before.Offset);
    }

    [Fact]
    public async Task A_token_is_for_the_audience_that_was_asked_for()
    {
        var answer = await cloud.Get<JsonElement>("/token?audience=https://vault.azure.net");

        answer.GetProperty("token").GetString()!.Split('.').Should().HaveCount(3);
        answer.GetProperty("expiresOn").GetDateTimeOffset().Should().BeAfter(TimeProvider.System.GetUtcNow());
        (await cloud.Local.GetAsync("/token")).StatusCode.Should().Be(HttpStatusCode.BadRequest);
    }

    private static TimeSpan Offset(Reading reading) => TimeSpan.ParseExact(reading.Offset, "c", CultureInfo.InvariantCulture);

    private sealed record Reading(DateTimeOffset UtcNow, string Offset);
}
