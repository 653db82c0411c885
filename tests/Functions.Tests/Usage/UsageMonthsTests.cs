using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Usage;

public sealed class UsageMonthsTests
{
    [Theory]
    [InlineData("2028-02-29T23:59:59.999Z", "2028-02", "2028-03-01T00:00:00Z")]
    [InlineData("2027-02-28T23:59:59.999Z", "2027-02", "2027-03-01T00:00:00Z")]
    [InlineData("2027-03-01T00:00:00Z", "2027-03", "2027-04-01T00:00:00Z")]
    [InlineData("2026-12-31T23:00:00-01:00", "2027-01", "2027-02-01T00:00:00Z")]
    [InlineData("2026-03-29T03:30:00+02:00", "2026-03", "2026-04-01T00:00:00Z")]
    [InlineData("2026-11-01T00:30:00+14:00", "2026-10", "2026-11-01T00:00:00Z")]
    public void A_month_is_that_of_UTC(string instant, string month, string end)
    {
        var culture = System.Globalization.CultureInfo.InvariantCulture;
        UsageMonths.Of(DateTimeOffset.Parse(instant, culture)).Should().Be(month);
        UsageMonths.End(month).Should().Be(DateTimeOffset.Parse(end, culture));
        UsageMonths.Before(UsageMonths.After(month)).Should().Be(month);
    }
}
