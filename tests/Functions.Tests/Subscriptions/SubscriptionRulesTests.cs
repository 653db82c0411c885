using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Subscriptions;

namespace CustomerFunctions.Tests.Subscriptions;

/// <summary><see cref="SubscriptionRules"/>: what becomes of a subscription, and when.</summary>
public sealed class SubscriptionRulesTests
{
    private static readonly DateTimeOffset Start = new(2028, 1, 31, 10, 30, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2028-01-31T10:30:00Z", "2028-02-29T10:30:00Z")]
    [InlineData("2028-02-29T10:29:59Z", "2028-02-29T10:30:00Z")]
    [InlineData("2028-02-29T10:30:00Z", "2028-03-31T10:30:00Z")]
    [InlineData("2028-03-31T10:30:00Z", "2028-04-30T10:30:00Z")]
    [InlineData("2029-02-01T00:00:00Z", "2029-02-28T10:30:00Z")]
    [InlineData("2036-02-28T00:00:00Z", "2036-02-29T10:30:00Z")]
    public void Periods_count_from_their_anchor_over_short_months_and_leap_years(string now, string end) =>
        SubscriptionRules.PeriodEnd(Start, Instant(now)).Should().Be(Instant(end));

    [Fact]
    public void Twenty_years_of_renewals_come_every_month_and_keep_the_day()
    {
        var customer = Subscribed();
        for (var month = 1; month <= 240; month++)
        {
            var due = customer.SubscriptionDueAt!.Value;
            due.Should().Be(Start.AddMonths(month));
            customer.NextStep(due - TimeSpan.FromTicks(1)).Should().BeNull();
            var (after, action) = customer.NextStep(due)!.Value;
            action.Should().Be("subscription.renewed");
            customer = after;
        }
    }

    [Fact]
    public void A_timer_that_comes_months_late_catches_up_in_one_step()
    {
        var (after, _) = Subscribed().NextStep(Start.AddMonths(5).AddDays(1))!.Value;

        after.Subscription.RenewalAt.Should().Be(Start.AddMonths(6));
        after.NextStep(Start.AddMonths(5).AddDays(1)).Should().BeNull();
    }

    [Fact]
    public void Another_plan_at_renewal_begins_then_and_not_before()
    {
        var planned = Subscribed().ChangePlanAtRenewal("basic", "ada", Start.AddDays(3));
        planned.Plan.Should().Be("professional");

        var (after, _) = planned.NextStep(Start.AddMonths(1))!.Value;

        (after.Plan, after.Subscription.PlanId, after.Subscription.NextPlanId).Should().Be(("basic", "basic", null));
    }

    [Fact]
    public void The_free_plan_at_renewal_has_no_further_periods()
    {
        var (after, action) = Subscribed().ChangePlanAtRenewal("free", "ada", Start.AddDays(3)).NextStep(Start.AddMonths(1))!.Value;

        (after.Plan, after.Subscription.Status, after.SubscriptionDueAt, action).Should().Be(("free", SubscriptionStatus.Active, null, "subscription.changed"));
    }

    [Fact]
    public void A_cancelled_subscription_ends_with_its_period_and_one_that_was_resumed_does_not()
    {
        var cancelled = Subscribed().CancelAtPeriodEnd("ada", Start.AddDays(3));
        cancelled.Plan.Should().Be("professional");
        var (ended, action) = cancelled.NextStep(Start.AddMonths(1))!.Value;
        (ended.Plan, ended.Subscription.Status, action).Should().Be(("free", SubscriptionStatus.Canceled, "subscription.canceled"));
        ended.SubscriptionDueAt.Should().BeNull();

        cancelled.Resume("ada", Start.AddDays(4)).NextStep(Start.AddMonths(1))!.Value.Action.Should().Be("subscription.renewed");
    }

    [Fact]
    public void A_plan_ends_the_trial()
    {
        var customer = Subscribed();

        (customer.Trial.Status, customer.TrialDueAt, customer.Subscription.Status).Should().Be((TrialStatus.Converted, null, SubscriptionStatus.Active));
    }

    [Fact]
    public void A_missing_payment_suspends_after_the_plans_grace_once_and_a_payment_lifts_that_hold_and_no_other()
    {
        var grace = PlanCatalogue.Of("professional").PaymentGrace;
        var owing = Subscribed() with { Subscription = Subscribed().Subscription with { Status = SubscriptionStatus.PastDue, PastDueSince = Start, GraceEndsAt = Start + grace, StripeSubscriptionId = "sub_1" } };
        owing.NextStep(Start + grace - TimeSpan.FromTicks(1)).Should().BeNull();
        var (suspended, action) = owing.NextStep(Start + grace)!.Value;
        (suspended.Status, action).Should().Be((CustomerStatus.Suspended, "subscription.suspended"));
        suspended.NextStep(Start + grace + TimeSpan.FromDays(100)).Should().BeNull("it is done");

        suspended.RestorePaid("stripe", Start).Status.Should().Be(CustomerStatus.Active);
        suspended.Suspend(Hold.Security, "ada", Start).RestorePaid("stripe", Start).Holds.Should().Equal(Hold.Security);
    }

    [Fact]
    public void Where_staff_hold_a_customer_for_its_bills_and_it_owes_both_stand_and_each_is_lifted_by_itself()
    {
        var grace = PlanCatalogue.Of("professional").PaymentGrace;
        var held = (Subscribed() with { Subscription = Subscribed().Subscription with { Status = SubscriptionStatus.PastDue, PastDueSince = Start, GraceEndsAt = Start + grace, StripeSubscriptionId = "sub_1" } }).Suspend(Hold.Billing, "ada", Start, "A dispute");

        var (owing, action) = held.NextStep(Start + grace)!.Value;

        (action, owing.Subscription.GraceEndsAt).Should().Be(("subscription.suspended", null));
        owing.Holds.Should().Equal(Hold.Billing);
        owing.HoldNotes.Select(note => note.PlacedBy).Should().Equal("ada", "delinquency");
        owing.RestorePaid("stripe", Start).HoldNotes.Select(note => note.PlacedBy).Should().Equal(["ada"], "staff have placed it for a reason of their own");
        var lifted = owing.Restore(Hold.Billing, "ada", Start);
        (lifted.Status, lifted.HoldNotes.Single().PlacedBy).Should().Be((CustomerStatus.Suspended, "delinquency"));
        lifted.RestorePaid("stripe", Start).Status.Should().Be(CustomerStatus.Active);
        lifted.Restore(Hold.Billing, "ada", Start).Status.Should().Be(CustomerStatus.Active, "staff may let it go although it owes");
    }

    private static Customer Subscribed() => Customer.Start("cus_1", "ada", new CustomerFields("Ada", "ada@example.com"), "admin", Start).ChangePlan("professional", "ada", Start);

    private static DateTimeOffset Instant(string text) => DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture);
}
