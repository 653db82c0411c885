using CustomerFunctions.Customers;
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

    [Theory]
    [InlineData("2026-09", "trial")]
    [InlineData("2026-10", "trial")]
    [InlineData("2026-11", "free")]
    [InlineData("2026-12", "professional")]
    [InlineData("2027-01", "professional")]
    [InlineData("2027-02", "basic")]
    [InlineData("2027-03", "basic")]
    public void It_is_known_with_which_plan_a_month_ended_however_often_it_was_changed_since(string month, string plan)
    {
        var customer = On("trial", null, default);
        foreach (var (at, to) in new[] { ("2026-11-03", "basic"), ("2026-11-29", "free"), ("2026-12-01", "enterprise"), ("2026-12-31", "professional"), ("2027-02-28", "basic") })
        {
            customer = On(to, customer, DateTimeOffset.Parse(at, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal));
        }
        customer.PlanAtEndOf(month).Should().Be(plan);
    }

    private static Customer On(string plan, Customer? before, DateTimeOffset at)
    {
        var customer = (before ?? Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "ada", at)) with { Plan = plan };
        return before is null ? customer : customer.Keeping(before.Plan, at);
    }
}
