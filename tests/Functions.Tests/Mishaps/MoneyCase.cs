using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Mishaps;

/// <summary>Something that happens to what a customer has or owes, on a customer of its own that is ready for it.</summary>
/// <param name="Name">What happens.</param>
/// <param name="CustomerId">To whom.</param>
/// <param name="Happen">Does it at an instance of the app, once more if it is asked again: a timer's run, a request, an event of Stripe's.</param>
/// <param name="Comes">What has come of it, as a line.</param>
/// <param name="To">What must have.</param>
/// <param name="Told">What its people were told from its first day on.</param>
internal sealed record MoneyCase(string Name, string CustomerId, Func<int, Task> Happen, Func<Task<string>> Comes, string To, params string[] Told)
{
    public const int Count = 11;

    /// <summary>One of each.</summary>
    public static async Task<IReadOnlyList<MoneyCase>> All(App app, Receiver receiver)
    {
        var world = new MoneyWorld(app);
        // First, for it takes a run of a timer that is to happen to others.
        var restoration = await Restoration(world);
        return await Task.WhenAll(
            TrialOverTime(world), TrialOverUnits(world), Usage(world), Quota(world), Month(world), Subscribed(world), Unpaid(world), Renewal(world), Suspension(world), Delivery(world, receiver), Task.FromResult(restoration));
    }

    private static async Task<MoneyCase> TrialOverTime(MoneyWorld world)
    {
        var id = await world.NewCustomer();
        await world.Backdate(id, (document, past) => (document["trial"]!["endsAt"], document["trialDueAt"]) = (past, past));
        return new("a trial's time is over", id, world.Timer("ExpireTrials"), () => world.Standing(id), "trial expired paused active", "trial.ended");
    }

    private static async Task<MoneyCase> TrialOverUnits(MoneyWorld world)
    {
        var id = await world.NewCustomer();
        return new("a trial's units are used up", id, world.Report(id, 1, 10), () => world.Standing(id), "trial expired paused active", "trial.ended");
    }

    private static async Task<MoneyCase> Usage(MoneyWorld world)
    {
        var id = (await Consumption.On(world.App, "professional")).CustomerId;
        return new("twenty reports", id, world.Report(id, 20, 2), () => world.Used(id), "40");
    }

    private static async Task<MoneyCase> Quota(MoneyWorld world)
    {
        var customer = await Consumption.On(world.App, "professional");
        (await customer.Record(Consumption.Report("before", quantity: 799))).ShouldBe(200);
        return new("a quota is almost used up", customer.CustomerId, world.Report(customer.CustomerId, 1, 1), () => world.Used(customer.CustomerId), "800", "quota.warning");
    }

    private static async Task<MoneyCase> Month(MoneyWorld world)
    {
        var customer = await Consumption.On(world.App, "professional");
        var now = await world.App.Cloud.Now();
        (await customer.Record(Consumption.Report("before", quantity: 100, time: now.AddDays(-now.Day)))).ShouldBe(200);
        await customer.Used("fix", UsageMonths.Of(now.AddDays(-now.Day)));
        return new("a month is over", customer.CustomerId, world.Timer("RollUsageMonths"), () => world.Months(customer.CustomerId), "closed 100 carrying , open 0 carrying 500");
    }

    private static async Task<MoneyCase> Subscribed(MoneyWorld world)
    {
        var (id, now) = (await world.NewCustomer(), await world.App.Cloud.Now());
        var stripe = await StripeWorld.Start(world.App, id);
        return new("a subscription at Stripe", id, world.Deliver(stripe, stripe.Checkout(now), stripe.Subscription("created", now, "active")), () => world.Standing(id), "professional converted active active", "subscription.changed");
    }

    private static async Task<MoneyCase> Unpaid(MoneyWorld world)
    {
        var (id, stripe, now) = await world.AtStripe();
        return new("a payment fails and Stripe gives up", id, world.Deliver(stripe, stripe.Invoice("payment_failed", now, StripeWorld.Id("in")), stripe.Subscription("deleted", now.AddSeconds(1), "canceled")),
            () => world.Standing(id), "free converted canceled active", "subscription.changed", "subscription.pastDue", "subscription.canceled");
    }

    private static async Task<MoneyCase> Renewal(MoneyWorld world)
    {
        var id = await world.NewCustomer();
        (await world.App.Admin.Post($"/api/customers/{id}/subscription/change", new { planId = "professional", start = "now" })).ShouldBe(200);
        await world.Backdate(id, (document, past) => (document["subscription"]!["renewalAt"], document["subscriptionDueAt"]) = (past, past));
        return new("a period is over", id, world.Timer("SettleSubscriptions"), () => world.Standing(id), "professional converted active active", "subscription.changed", "subscription.renewed");
    }

    private static async Task<MoneyCase> Suspension(MoneyWorld world)
    {
        var id = (await world.PastGrace()).Id;
        return new("the grace is over", id, world.Timer("SettleSubscriptions"), () => world.Standing(id), "professional converted past_due suspended", "subscription.changed", "subscription.pastDue", "subscription.suspended");
    }

    private static async Task<MoneyCase> Restoration(MoneyWorld world)
    {
        var (id, stripe, invoice) = await world.PastGrace();
        await world.App.Cloud.RunTimer("SettleSubscriptions");
        var paid = stripe.Invoice("paid", await world.App.Cloud.Now(), invoice);
        return new("an open invoice is paid", id, world.Deliver(stripe, paid), () => world.Standing(id), "professional converted active active", "subscription.changed", "subscription.pastDue", "subscription.suspended", "subscription.paid");
    }

    private static async Task<MoneyCase> Delivery(MoneyWorld world, Receiver receiver)
    {
        var id = await world.NewCustomer();
        (await world.App.Admin.Post($"/api/customers/{id}/webhooks", new { url = receiver.Url })).ShouldBe(201);
        (await world.App.Admin.Post($"/api/customers/{id}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
        return new("a notice is sent", id, world.Timer("SendWebhooks"), () => Task.FromResult($"{receiver.Messages.Where(message => (string?)message.Body["data"]!["customerId"] == id).DistinctBy(message => message.Id).Count()} message"),
            "1 message", "customer.suspended");
    }
}
