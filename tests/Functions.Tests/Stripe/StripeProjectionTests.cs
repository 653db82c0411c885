using System.Text.Json.Nodes;
using CustomerFunctions.Customers;
using CustomerFunctions.Plans;
using CustomerFunctions.Stripe;
using CustomerFunctions.Subscriptions;

namespace CustomerFunctions.Tests.Stripe;

/// <summary><see cref="StripeProjection"/>: stories with a second purchase, a second customer at Stripe or an invoice that was given up, and what becomes of the customer here.</summary>
public sealed class StripeProjectionTests
{
    private const string Id = "cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H";
    private static readonly DateTimeOffset Start = new(2028, 3, 1, 10, 0, 0, TimeSpan.Zero);
    private readonly Listener listener = new(Id, Start);
    private readonly StripeWorld first = new(null!, Id);
    private readonly StripeWorld second;

    public StripeProjectionTests() => second = new StripeWorld(null!, Id) { StripeId = first.StripeId };

    private Subscription Now => listener.Customer.Subscription;

    [Theory]
    [InlineData("updated", "incomplete_expired")]
    [InlineData("deleted", "incomplete_expired")]
    [InlineData("updated", "canceled")]
    [InlineData("deleted", "canceled")]
    public void A_purchase_that_came_to_nothing_does_not_stand_before_the_subscription_that_is_paid(string verb, string end)
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(second.Subscription("created", Day(5), "incomplete", "enterprise"));
        (Now.StripeSubscriptionId, Now.Status, listener.Customer.Plan).Should().Be((first.SubscriptionId, SubscriptionStatus.Active, "professional"), "the second has not begun");
        Hear(second.Subscription(verb, Day(6), end, "enterprise", startedAt: Day(5)));

        Hear(first.Subscription("updated", Day(31), "past_due", startedAt: Start));
        Now.Status.Should().Be(SubscriptionStatus.PastDue);
        Hear(first.Subscription("deleted", Day(50), "canceled", startedAt: Start));
        (Now.Status, listener.Customer.Plan).Should().Be((SubscriptionStatus.Canceled, "free"));
    }

    [Fact]
    public void A_purchase_that_has_not_begun_takes_nothing_from_a_plan_on_account_nor_from_a_trial()
    {
        listener.Change(customer => customer.ChangePlan("professional", "ada", Start).ChangePlanAtRenewal("basic", "ada", Start));
        var (before, plan) = (Now, listener.Customer.Plan);
        Hear(first.Checkout(Day(1)), first.Subscription("created", Day(1), "incomplete", "enterprise"), first.Subscription("updated", Day(2), "incomplete_expired", "enterprise", startedAt: Day(1)));
        (Now.RenewalAt, Now.AnchorAt, Now.NextPlanId, Now.Status, listener.Customer.Plan).Should().Be((before.RenewalAt, before.AnchorAt, "basic", SubscriptionStatus.Active, plan));

        listener.Change(_ => Listener.NewCustomer(Id, Start));
        Hear(second.Checkout(Day(1)), second.Subscription("created", Day(1), "incomplete", "enterprise"));
        (Now.Status, listener.Customer.Trial.Status).Should().Be((SubscriptionStatus.Trialing, TrialStatus.Active));
    }

    [Fact]
    public void Where_nothing_runs_a_purchase_that_has_not_begun_is_seen()
    {
        listener.Change(customer => customer with { Subscription = customer.Subscription with { Status = SubscriptionStatus.Paused } });
        Hear(first.Checkout(Start), first.Subscription("created", Start, "incomplete"));
        (Now.Status, listener.Customer.Plan).Should().Be((SubscriptionStatus.Incomplete, "trial"));
        Hear(first.Subscription("updated", Day(1), "incomplete_expired", startedAt: Start));
        (Now.Status, listener.Customer.Plan, Now.IsRunByStripe).Should().Be((SubscriptionStatus.IncompleteExpired, "trial", false));
    }

    [Theory]
    [InlineData("canceled")]
    [InlineData("incomplete_expired")]
    public void What_had_ended_before_a_plan_was_chosen_here_does_not_come_back_with_a_new_card(string end)
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"), first.Subscription("updated", Day(3), end, startedAt: Start));
        Now.HasEnded.Should().BeTrue();
        listener.Change(customer => customer.ChangePlan("basic", "ada", Day(4)));

        Hear(first.PaymentMethod(Day(5)));

        (listener.Customer.Plan, Now.Status, Now.PaymentMethod).Should().Be(("basic", SubscriptionStatus.Active, "card"));
    }

    [Fact]
    public void An_invoice_of_another_subscription_makes_nobody_owe()
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(second.Subscription("created", Day(5), "incomplete", "enterprise"), second.Invoice("payment_failed", Day(5), "in_second"), second.Subscription("deleted", Day(6), "canceled", "enterprise", startedAt: Day(5)));

        (Now.Status, Now.PastDueSince, Now.GraceEndsAt).Should().Be((SubscriptionStatus.Active, null, null));
    }

    [Theory]
    [InlineData("voided")]
    [InlineData("marked_uncollectible")]
    public void An_invoice_that_was_given_up_is_owed_no_longer(string givenUp)
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(first.Invoice("payment_failed", Day(31), "in_March"), first.Subscription("updated", Day(31), "past_due", startedAt: Start));
        Hear(first.Invoice(givenUp, Day(40), "in_March"), first.Subscription("updated", Day(40), "active", startedAt: Start));
        Hear(first.Invoice("payment_failed", Day(92), "in_June"), first.Subscription("updated", Day(92), "past_due", startedAt: Start));
        Now.PastDueSince.Should().Be(Day(92));

        Hear(first.Invoice("paid", Day(93), "in_June"));

        (Now.Status, Now.PastDueSince, Now.GraceEndsAt).Should().Be((SubscriptionStatus.Active, null, null));
    }

    [Theory]
    [InlineData("paid")]
    [InlineData("voided")]
    public void Who_is_held_over_an_ended_subscription_is_let_go_by_the_payment_whatever_was_chosen_here_meanwhile(string settled)
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(first.Invoice("payment_failed", Day(31), "in_1"), first.Subscription("updated", Day(31), "past_due", startedAt: Start));
        listener.Change(customer => customer.NextStep(Day(31) + PlanCatalogue.Of("professional").PaymentGrace)!.Value.After);
        Hear(first.Subscription("deleted", Day(50), "canceled", startedAt: Start));
        listener.Change(customer => customer.ChangePlan("basic", "ada", Day(51)));
        listener.Customer.Status.Should().Be(CustomerStatus.Suspended, "a plan is no payment");

        Hear(first.Invoice(settled, Day(52), "in_1"));

        (listener.Customer.Status, listener.Customer.Plan, listener.LastAction).Should().Be((CustomerStatus.Active, "basic", "subscription.paid"));
    }

    [Fact]
    public void A_new_card_alone_lets_nobody_go_who_owes()
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"), first.Subscription("updated", Day(31), "past_due", startedAt: Start));
        listener.Change(customer => customer.NextStep(Day(31) + PlanCatalogue.Of("professional").PaymentGrace)!.Value.After);

        Hear(first.PaymentMethod(Day(50)));

        (listener.Customer.Status, Now.Status).Should().Be((CustomerStatus.Suspended, SubscriptionStatus.PastDue));
    }

    [Fact]
    public void A_second_customer_at_Stripe_counts_whichever_is_heard_first()
    {
        var other = new StripeWorld(null!, Id);
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(other.Checkout(Day(5)), other.PaymentMethod(Day(5)), other.Subscription("created", Day(5), "active", "enterprise"));

        Hear(first.Subscription("deleted", Day(6), "canceled", startedAt: Start));

        (listener.Customer.Plan, Now.Status, Now.StripeCustomerId).Should().Be(("enterprise", SubscriptionStatus.Active, other.StripeId));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void A_subscription_that_names_no_plan_hides_none_that_does(int bought)
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        Hear(second.Subscription("created", Day(bought), "active", "storage_addon"));
        Hear(second.Invoice("payment_failed", Day(6), "in_addon"));
        (Now.StripeSubscriptionId, Now.Status, listener.Customer.Plan).Should().Be((first.SubscriptionId, SubscriptionStatus.Active, "professional"));

        Hear(first.Invoice("payment_failed", Day(31), "in_1"), first.Subscription("updated", Day(31), "past_due", startedAt: Start));
        Now.Status.Should().Be(SubscriptionStatus.PastDue);
        listener.Change(customer => customer.NextStep(Day(31) + PlanCatalogue.Of("professional").PaymentGrace)!.Value.After);
        Hear(first.Subscription("deleted", Day(50), "canceled", startedAt: Start));
        (Now.Status, listener.Customer.Plan).Should().Be((SubscriptionStatus.Canceled, "free"));

        Hear(first.Invoice("paid", Day(51), "in_1"));
        listener.Customer.Status.Should().Be(CustomerStatus.Active, "the open invoice is of no plan");
    }

    [Theory]
    [InlineData("active")]
    [InlineData("past_due")]
    [InlineData("canceled")]
    public void A_subscription_that_never_named_a_plan_takes_nothing_and_converts_nothing(string status)
    {
        var before = listener.Customer;
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active", "storage_addon"), first.Subscription("updated", Day(1), status, "storage_addon", startedAt: Start));
        (listener.Customer.Plan, listener.Customer.Trial, listener.Customer.TrialDueAt, Now.Status, Now.IsRunByStripe).Should().Be((before.Plan, before.Trial, before.TrialDueAt, SubscriptionStatus.Trialing, false));

        listener.Change(customer => customer.ChangePlan("professional", "ada", Day(2)));
        var renewal = Now.RenewalAt;
        Hear(first.Subscription("updated", Day(3), status, "storage_addon", startedAt: Start));
        (listener.Customer.Plan, Now.RenewalAt, Now.Status, Now.IsRunByStripe).Should().Be(("professional", renewal, SubscriptionStatus.Active, false));
    }

    [Fact]
    public void A_price_that_becomes_unknown_leaves_the_plan_that_was_named()
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active", "enterprise"));
        Hear(first.Subscription("updated", Day(1), "past_due", "renamed", startedAt: Start));

        (listener.Customer.Plan, Now.Status).Should().Be(("enterprise", SubscriptionStatus.PastDue));
    }

    [Fact]
    public void However_many_add_ons_were_bought_the_plan_is_known()
    {
        Hear(first.Checkout(Start), first.Subscription("created", Start, "active"));
        for (var i = 1; i <= 25; i++) { Hear(new StripeWorld(null!, Id) { StripeId = first.StripeId }.Subscription("created", Day(i), "active", "storage_addon")); }

        Hear(first.Subscription("deleted", Day(50), "canceled", startedAt: Start));

        (Now.Status, listener.Customer.Plan).Should().Be((SubscriptionStatus.Canceled, "free"));
    }

    private static DateTimeOffset Day(int day) => Start.AddDays(day);

    private void Hear(params JsonObject[] events)
    {
        foreach (var received in events) { listener.Hear(StripeWorld.Fact(received)); }
    }
}
