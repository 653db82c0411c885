using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Trials;

namespace CustomerFunctions.Tests.Trials;

/// <summary><see cref="TrialRules"/>: when it ends a trial, and when it leaves the customer alone.</summary>
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

    [Fact]
    public void A_reminder_comes_before_the_end_and_once()
    {
        var customer = OnTrial();
        customer.TrialDueAt.Should().Be(End.AddDays(-3));
        customer.RemindOfTrial(End.AddDays(-3).AddTicks(-1)).Should().BeSameAs(customer);

        var reminded = customer.RemindOfTrial(End.AddDays(-3));

        reminded.TrialDueAt.Should().Be(End);
        reminded.RemindOfTrial(End.AddDays(-2)).Should().BeSameAs(reminded);
        reminded.ExpireTrial(End).Trial.Status.Should().Be(TrialStatus.Expired);
    }

    [Theory]
    [InlineData(9, TrialStatus.Active)]
    [InlineData(10, TrialStatus.Expired)]
    [InlineData(13, TrialStatus.Expired)]
    public void The_last_unit_ends_it(long used, TrialStatus status)
    {
        var after = OnTrial().UseTrialUnits(used, Start.AddHours(1));

        (after.Trial.Status, after.Trial.UnitsUsed).Should().Be((status, (int)used));
        after.UseTrialUnits(used, Start.AddHours(2)).Should().BeSameAs(after, "the same count again is nothing new");
    }

    [Fact]
    public void An_extension_counts_from_the_end_or_from_now_when_that_is_over()
    {
        OnTrial().ExtendTrial(7, 0, "staff", Start.AddDays(1)).Trial.EndsAt.Should().Be(End.AddDays(7));
        var again = OnTrial().ExpireTrial(End).ExtendTrial(7, 5, "staff", End.AddDays(30));

        (again.Trial.Status, again.Trial.EndsAt, again.Trial.EndedAt, again.Trial.UnitsLimit).Should().Be((TrialStatus.Active, End.AddDays(37), null, 15));
        again.Subscription.Status.Should().Be(SubscriptionStatus.Trialing);
        again.TrialDueAt.Should().Be(End.AddDays(34));
    }

    [Theory]
    [InlineData("customers.read", "GET", Deed.Read)]
    [InlineData("customers.export", "GET", Deed.Export)]
    [InlineData("subscription.write", "POST", Deed.Pay)]
    [InlineData("apiKeys.write", "DELETE", Deed.Remove)]
    [InlineData("apiKeys.write", "POST", Deed.Create)]
    [InlineData("customers.write", "PATCH", Deed.Create)]
    public void A_request_is_a_deed(string permission, string method, Deed deed) => TrialStanding.DeedOf(permission, method).Should().Be(deed);

    private static Customer OnTrial() => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", Start);
}
