using CustomerFunctions.Plans;
using CustomerFunctions.Quotas;

namespace CustomerFunctions.Tests.Quotas;

public sealed class QuotaRulesTests
{
    [Theory]
    [InlineData(100, 0, 0, 100, 0)]
    [InlineData(100, 0, 79, 21, 79)]
    [InlineData(100, 50, 120, 30, 80)]
    [InlineData(100, 0, 130, 0, 130)]
    public void A_standing_is_what_is_left_of_the_month_and_of_the_one_before(int perMonth, long carried, long used, long remaining, int percent)
    {
        var standing = QuotaRules.Standing(new Quota("fix", perMonth, 0, Overage.Stop), used, carried, DateTimeOffset.UnixEpoch);
        (standing.Limit, standing.Remaining, standing.Percent).Should().Be((perMonth + carried, remaining, percent));
    }

    [Theory]
    [InlineData(79, false, false)]
    [InlineData(80, true, false)]
    [InlineData(99, true, false)]
    [InlineData(100, true, true)]
    [InlineData(250, true, true)]
    public void Thresholds_are_reached_by_the_unit_that_reaches_them(long used, bool warning, bool reached)
    {
        var standing = QuotaRules.Standing(new Quota("fix", 100, 0, Overage.Notify), used, 0, DateTimeOffset.UnixEpoch);
        QuotaRules.Thresholds.Select(standing.HasReached).Should().Equal(warning, reached);
    }

    [Theory]
    [InlineData(0, 100, 0, 0)]
    [InlineData(40, 100, 30, 40)]
    [InlineData(40, 100, 75, 25)]
    [InlineData(40, 100, 100, 0)]
    [InlineData(40, 100, 140, 0)]
    public void What_is_left_over_goes_on_up_to_what_the_plan_carries(int rollover, int perMonth, long used, long leftOver)
    {
        var quota = new Quota("fix", perMonth, rollover, Overage.Notify);
        QuotaRules.LeftOver(quota, QuotaRules.Standing(quota, used, 0, DateTimeOffset.UnixEpoch)).Should().Be(leftOver);
    }

    [Theory]
    [InlineData(Overage.Stop, 99, 1, false)]
    [InlineData(Overage.Stop, 99, 2, true)]
    [InlineData(Overage.Stop, 100, 1, true)]
    [InlineData(Overage.Notify, 100, 1, false)]
    public void Only_what_goes_beyond_is_stopped_and_only_where_the_plan_stops(Overage overage, long used, long further, bool stops) =>
        (QuotaRules.Stops(QuotaRules.Standing(new Quota("fix", 100, 0, overage), used, 0, DateTimeOffset.UnixEpoch), further) is not null).Should().Be(stops);
}
