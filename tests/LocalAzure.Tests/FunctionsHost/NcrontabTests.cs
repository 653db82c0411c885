using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using LocalAzure.FunctionsHost;

namespace LocalAzure.Tests.FunctionsHost;

public sealed class NcrontabTests
{
    [Theory]
    [InlineData("0 */5 * * * *", "2026-11-21T10:02:30", "2026-11-21T10:05:00")]
    [InlineData("0 */5 * * * *", "2026-11-21T10:05:00", "2026-11-21T10:10:00")]
    [InlineData("0 0 3 * * *", "2026-12-31T03:00:00", "2027-01-01T03:00:00")]
    [InlineData("30 15 8-10 * * *", "2026-11-21T09:15:30", "2026-11-21T10:15:30")]
    [InlineData("0 0 0 * * 0", "2026-11-21T12:00:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 0 * * Sun", "2026-11-21T12:00:00", "2026-11-22T00:00:00")]
    [InlineData("0 0 0 * * Monday-Friday", "2026-11-20T12:00:00", "2026-11-23T00:00:00")]
    [InlineData("0 0 0 29 2 *", "2026-01-01T00:00:00", "2028-02-29T00:00:00")]
    [InlineData("0 0 0 29 2 *", "2096-03-01T00:00:00", "2104-02-29T00:00:00")]
    [InlineData("0 0 0 29 2 1", "2026-01-01T00:00:00", "2044-02-29T00:00:00")]
    [InlineData("0 0 0 1 jan,JUL *", "2026-02-01T00:00:00", "2026-07-01T00:00:00")]
    [InlineData("0 0 0 13 * 5", "2026-11-21T00:00:00", "2027-08-13T00:00:00")]
    [InlineData("5/20 * * * * *", "2026-11-21T10:00:05", "2026-11-21T10:00:25")]
    [InlineData("*/7 * * * * *", "2026-11-21T10:00:56", "2026-11-21T10:01:00")]
    public void The_next_time_is_the_first_one_that_fits(string schedule, string after, string next) =>
        Ncrontab.Parse(schedule).Next(Utc(after)).Should().Be(Utc(next));

    [Fact]
    public void A_day_that_never_comes_has_no_next_time() =>
        Ncrontab.Parse("0 0 0 30 2 *").Next(Utc("2026-11-21T00:00:00")).Should().BeNull();

    [Theory]
    [InlineData("* * * * *", "6 components")]
    [InlineData("60 * * * * *", "second")]
    [InlineData("* * 24 * * *", "hour")]
    [InlineData("* * * 0 * *", "day")]
    [InlineData("* * * * 13 *", "month")]
    [InlineData("* * * * * 7", "day-of-week")]
    [InlineData("1-2-3 * * * * *", "second")]
    [InlineData("x * * * * *", "second")]
    [InlineData("00:05:00", "6 components")]
    public void What_is_no_schedule_is_refused_with_what_is_wrong(string schedule, string hint) =>
        FluentActions.Invoking(() => Ncrontab.Parse(schedule)).Should().Throw<FormatException>().Which.Message.Should().MatchRegex("(?i)" + hint);

    [Fact]
    public void The_next_time_fits_and_no_second_before_it_does()
    {
        var part = Gen.OneOf(Gen.Constant("*"), Gen.Choose(0, 59).Select(Text), Gen.Choose(2, 30).Select(step => "*/" + Text(step)), Range(0, 59));
        var hour = Gen.OneOf(Gen.Constant("*"), Gen.Choose(0, 23).Select(Text), Range(0, 23));
        var cases =
            from second in part
            from minute in part
            from h in hour
            from at in Gen.Choose(0, 86399)
            select (Second: second, Minute: minute, Hour: h, After: Utc("2026-11-21T00:00:00").AddSeconds(at));

        Prop.ForAll(cases.ToArbitrary(), input =>
        {
            var next = Ncrontab.Parse($"{input.Second} {input.Minute} {input.Hour} * * *").Next(input.After)!.Value;
            return next == Naive(input.Second, input.Minute, input.Hour, input.After);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
    }

    /// <summary>Second by second, with fields read in the plainest way there is.</summary>
    private static DateTimeOffset Naive(string second, string minute, string hour, DateTimeOffset after)
    {
        var at = after.AddSeconds(1);
        while (!Fits(second, at.Second) || !Fits(minute, at.Minute) || !Fits(hour, at.Hour)) { at = at.AddSeconds(1); }
        return at;
    }

    private static bool Fits(string field, int value) => field switch
    {
        "*" => true,
        _ when field.StartsWith("*/", StringComparison.Ordinal) => value % Number(field[2..]) == 0,
        _ when field.Split('-') is [var from, var to] => value >= Number(from) && value <= Number(to),
        _ => value == Number(field),
    };

    private static Gen<string> Range(int least, int most) =>
        from a in Gen.Choose(least, most)
        from b in Gen.Choose(a, most)
        select $"{Text(a)}-{Text(b)}";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
}
