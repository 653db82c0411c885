using System.Text.Json.Nodes;
using CustomerFunctions.Plans;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Usage;

namespace CustomerFunctions.Tests.Year;

/// <summary>
/// A generated customer: decides each day by its dice what to do, does it through the front door, and keeps in <see cref="Life"/> what must have come of it. What it does follows from the seed alone, whatever others do at the same time.
/// </summary>
internal sealed class LivingCustomer(App app, int seed, DateOnly signsUp)
{
    private static readonly string[] PaidPlans = ["basic", "professional", "enterprise"];
    private readonly Random dice = new(seed);
    private readonly List<object> lastReports = [];
    private StripeWorld stripe = null!;
    private Api holder = null!;
    private Consumption consumption = null!;
    private DateTimeOffset subscribedAt;
    private string openInvoice = "";
    private DateOnly reportedOn;
    private DateOnly paysOn;
    private DateOnly givesUpOn;
    private string door = "";
    private int reports;

    public string Id { get; private set; } = "";

    public Life Life { get; } = new(signsUp);

    public Tally Tally { get; } = new();

    public bool IsThere => Id.Length > 0;

    private string Path => $"/api/customers/{Id}";

    private string Subscription => $"{Path}/subscription";

    public async Task Live(DateOnly today, DateTimeOffset now)
    {
        if (today < signsUp) { return; }
        if (!IsThere) { await SignUp(); }
        await Decide(today, now);
        if (!Life.IsSuspended && Chance(35)) { await Use(today); }
        if (lastReports.Count > 0 && today < reportedOn.AddDays(UsageEvent.Remembered.Days) && Chance(90)) { await Repeat(); }
        if (door != Life.Door) { await Knock(); }
    }

    /// <summary>Its key at the door: suspended, over its trial, or let in, and then refused for what keys may never do. None of these is counted as use.</summary>
    public async Task Knock()
    {
        door = Life.Door;
        var answer = await holder.Post(door == "trial-ended" ? consumption.Path : $"{Path}/trial/extend", new { events = Array.Empty<object>() });
        ((int)answer.Status, (string?)answer["code"]).Should().Be((403, door == "open" ? "forbidden" : door), "of {0}, seed {1}", Id, seed);
    }

    private Task Decide(DateOnly today, DateTimeOffset now) => Life switch
    {
        { IsOwing: true } => today >= paysOn ? Pay(now) : today >= givesUpOn ? GiveUp(now) : Task.CompletedTask,
        { IsRunByStripe: true } when Life.Renewal <= today => Life.EndsWithPeriod ? EndAtStripe(now) : RenewAtStripe(today, now),
        { IsSuspended: true } => Chance(30) ? SubscribeAtStripe(today, now) : Task.CompletedTask,
        { Renewal: null } => Chance(Life.Trial == "active" ? 20 : 40) ? (Chance(2) ? SubscribeAtStripe(today, now) : SubscribeOnAccount(today)) : Task.CompletedTask,
        { EndsWithPeriod: true } => Chance(20) ? Resume(now) : Task.CompletedTask,
        _ => Chance(100) ? Change(today, now) : Chance(120) ? Cancel(now) : Task.CompletedTask,
    };

    private async Task SignUp()
    {
        Id = (string)(await app.CreateCustomer(name: $"Customer {seed}"))["id"]!;
        holder = app.Caller(await app.CreateApiKey(Id));
        consumption = new Consumption(app, Id);
        door = Life.Door;
    }

    private async Task SubscribeOnAccount(DateOnly today)
    {
        var plan = Any(PaidPlans);
        (await app.Admin.Post($"{Subscription}/change", new { planId = plan, start = "now" })).ShouldBe(200);
        Life.Subscribe(plan, today);
        Tally.Subscribed++;
    }

    /// <summary>Each time as a new customer of Stripe's, as a new checkout makes one.</summary>
    private async Task SubscribeAtStripe(DateOnly today, DateTimeOffset now)
    {
        var plan = Any(PaidPlans);
        (stripe, subscribedAt) = (new StripeWorld(app, Id), now);
        Life.SubscribeAtStripe(plan, today);
        await Hear(stripe.Checkout(now), stripe.PaymentMethod(now), AtStripe("created", now, "active", plan), stripe.Invoice("paid", now, StripeWorld.Id("in")));
        Tally.Subscribed++;
    }

    private async Task RenewAtStripe(DateOnly today, DateTimeOffset now)
    {
        Life.Renew(today);
        await Hear(AtStripe("updated", now, "active", Life.Plan));
        openInvoice = StripeWorld.Id("in");
        if (!Chance(5)) { await Hear(stripe.Invoice("paid", now, openInvoice)); return; }
        Life.FailToPay(today);
        (paysOn, givesUpOn) = (Chance(3) ? DateOnly.MaxValue : today.AddDays(Any([1, 5, 9, 16, 24])), today.AddDays(21));
        await Hear(stripe.Invoice("payment_failed", now, openInvoice), AtStripe("updated", now, "past_due", Life.Plan));
        Tally.Failed++;
    }

    private async Task Pay(DateTimeOffset now)
    {
        Tally.Suspended += Life.IsSuspended ? 1 : 0;
        Life.Pay();
        await Hear(stripe.Invoice("paid", now, openInvoice), AtStripe("updated", now, "active", Life.Plan));
        Tally.Recovered++;
    }

    private Task GiveUp(DateTimeOffset now)
    {
        Tally.Suspended += Life.IsSuspended ? 1 : 0;
        return EndAtStripe(now);
    }

    private async Task EndAtStripe(DateTimeOffset now)
    {
        var ended = AtStripe("deleted", now, "canceled", Life.Plan);
        Life.End();
        await Hear(ended);
        Tally.Ended++;
    }

    /// <summary>A larger or a smaller plan: at once at Stripe, with the next period on account.</summary>
    private async Task Change(DateOnly today, DateTimeOffset now)
    {
        if (Life.IsRunByStripe)
        {
            Life.ChangeAtStripe(Any([.. PaidPlans.Where(plan => plan != Life.Plan)]));
            await Hear(AtStripe("updated", now, "active", Life.Plan));
        }
        else if (Chance(3))
        {
            var plan = Any([.. PaidPlans.Where(plan => plan != Life.Plan)]);
            (await app.Admin.Post($"{Subscription}/change", new { planId = plan, start = "now" })).ShouldBe(200);
            Life.Subscribe(plan, today);
        }
        else
        {
            var plan = Any([.. PaidPlans.Append("free").Where(plan => plan != Life.Plan && plan != Life.NextPlan)]);
            (await app.Admin.Post($"{Subscription}/change", new { planId = plan, start = "renewal" })).ShouldBe(200);
            Life.PlanNext(plan);
        }
        Tally.Changed++;
    }

    private async Task Cancel(DateTimeOffset now)
    {
        Life.Cancel();
        if (Life.IsRunByStripe) { await Hear(AtStripe("updated", now, "active", Life.Plan)); }
        else { (await app.Admin.Post($"{Subscription}/cancel")).ShouldBe(200); }
        Tally.Cancelled++;
    }

    private async Task Resume(DateTimeOffset now)
    {
        Life.Resume();
        if (Life.IsRunByStripe) { await Hear(AtStripe("updated", now, "active", Life.Plan)); }
        else { (await app.Admin.Post($"{Subscription}/resume")).ShouldBe(200); }
    }

    /// <summary>One to three reports in a request, which a plan may stop as a whole.</summary>
    private async Task Use(DateOnly today)
    {
        var meter = Chance(3) ? "dataGenerated" : "fix";
        var most = PlanCatalogue.Of(Life.Plan).QuotaOf(meter)?.PerMonth ?? PlanCatalogue.Trial.Units;
        var quantities = Enumerable.Range(0, dice.Next(1, 4)).Select(_ => (long)dice.Next(1, Math.Max(2, most / 3))).ToList();
        var batch = quantities.Select(quantity => Consumption.Report($"{reports++}", meter, quantity)).ToArray();
        var answer = await consumption.Record(batch);
        if (!Life.Use(meter, quantities.Sum(), today)) { answer.ShouldBeRefused(429, "quota-reached"); Tally.Stopped++; return; }
        ((int)answer.ShouldBe(200)["recorded"]!).Should().Be(batch.Length);
        lastReports.Clear();
        lastReports.AddRange(batch);
        reportedOn = today;
        Tally.Units += quantities.Sum();
    }

    private async Task Repeat()
    {
        ((int)(await consumption.Record([.. lastReports])).ShouldBe(200)["recorded"]!).Should().Be(0, "they were recorded before, by {0}, seed {1}", Id, seed);
        lastReports.Clear();
        Tally.Repeated++;
    }

    private JsonObject AtStripe(string verb, DateTimeOffset at, string status, string plan) =>
        stripe.Subscription(verb, at, status, plan, new DateTimeOffset(Life.Renewal!.Value, TimeOnly.FromTimeSpan(subscribedAt.TimeOfDay), TimeSpan.Zero), Life.EndsWithPeriod, subscribedAt);

    /// <summary>Stripe's events in any order, some of them twice.</summary>
    private async Task Hear(params JsonObject[] events)
    {
        dice.Shuffle(events);
        foreach (var received in events.Concat(events.Where(_ => Chance(6))))
        {
            (await stripe.Deliver(received)).ShouldBe(200);
            Tally.Heard++;
        }
    }

    private bool Chance(int oneIn) => dice.Next(oneIn) == 0;

    private T Any<T>(T[] of) => of[dice.Next(of.Length)];
}
