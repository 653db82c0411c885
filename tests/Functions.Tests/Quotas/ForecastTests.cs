using CustomerFunctions.Quotas;

namespace CustomerFunctions.Tests.Quotas;

public sealed class ForecastTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 11, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = new(2026, 12, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(100, 200, 10, 10.0)]
    [InlineData(0, 200, 10, 20.0)]
    [InlineData(100, 100, 10, 0.0)]
    [InlineData(150, 100, 10, 0.0)]
    [InlineData(0, 105, 10, 10.5)]
    [InlineData(0, 201, 10, null)]
    public void At_an_even_pace_the_day_is_certain(long used, long limit, long perDay, double? days)
    {
        var forecast = Forecast.Of([.. Enumerable.Repeat(perDay, 28)], used, limit, Now, End)!;

        // A quota that would be reached at the reset is not reached.
        DateTimeOffset? expected = days is < 20 ? Now.AddDays(days.Value) : null;
        (forecast.Earliest, forecast.Expected, forecast.Latest).Should().Be((expected, expected, expected));
        forecast.ExpectedAtMonthEnd.Should().Be(used + (perDay * 20));
    }

    [Fact]
    public void At_an_uneven_pace_it_lies_between_an_earliest_and_a_latest_day()
    {
        var forecast = Forecast.Of([.. Enumerable.Range(0, 28).Select(day => day % 2 == 0 ? 0L : 20L)], 0, 100, Now, End)!;

        forecast.Expected.Should().Be(Now.AddDays(10));
        forecast.Earliest.Should().BeAfter(Now.AddDays(4)).And.BeBefore(Now.AddDays(9));
        forecast.Latest.Should().BeAfter(Now.AddDays(11)).And.BeBefore(End);
    }

    [Fact]
    public void Nothing_is_said_from_less_than_three_days_or_of_what_nobody_uses()
    {
        Forecast.Of([5, 5], 0, 100, Now, End).Should().BeNull();
        Forecast.Of([0, 0, 0], 0, 100, Now, End)!.Expected.Should().BeNull();
    }
}
