using CustomerFunctions.Customers;
using CustomerFunctions.Plans;

namespace CustomerFunctions.Tests.Trials;

/// <summary><see cref="Customer.ExpireTrial"/>: when it ends a trial, and when it leaves the customer alone.</summary>
public sealed class TrialRulesTests
{
    private static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset End = Start + PlanCatalogue.Trial.Length;

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(TimeSpan.TicksPerDay * 400, true)]
    public void A_trial_ends_at_its_end_and_not_a_tick_early(long ticksAfterEnd, bool ends)
    {
        var customer = OnTrial();
        var now = End + TimeSpan.FromTicks(ticksAfterEnd);

        var after = customer.ExpireTrial(now);

        if (!ends)
        {
            after.Should().BeSameAs(customer);
            return;
        }
        after.Trial.Should().Be(customer.Trial with { Status = TrialStatus.Expired, EndedAt = now });
        after.Subscription.Status.Should().Be(SubscriptionStatus.Paused);
        after.Status.Should().Be(CustomerStatus.Active);
        after.TrialDueAt.Should().BeNull();
        (after.UpdatedAt, after.UpdatedBy).Should().Be((now, "trial-expiry"));
    }

    [Fact]
    public void An_expired_trial_does_not_end_again()
    {
        var expired = OnTrial().ExpireTrial(End);

        expired.ExpireTrial(End + TimeSpan.FromDays(1)).Should().BeSameAs(expired);
    }

    [Fact]
    public void A_converted_trial_does_not_end()
    {
        var converted = OnTrial() with { Trial = OnTrial().Trial with { Status = TrialStatus.Converted } };

        converted.ExpireTrial(End).Should().BeSameAs(converted);
    }

    [Fact]
    public void A_closed_customers_trial_does_not_end()
    {
        var closed = OnTrial().Close("ada", Start);

        closed.ExpireTrial(End).Should().BeSameAs(closed);
    }

    [Fact]
    public void A_suspended_customers_trial_ends_and_the_hold_stays()
    {
        var suspended = OnTrial().Suspend(Hold.Billing, "ada", Start);

        var after = suspended.ExpireTrial(End);

        after.Trial.Status.Should().Be(TrialStatus.Expired);
        after.Status.Should().Be(CustomerStatus.Suspended);
        after.Holds.Should().Equal(Hold.Billing);
    }

    private static Customer OnTrial() => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", Start);
}
