using System.Text.Json.Nodes;
using CustomerFunctions.Shared;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;

namespace CustomerFunctions.Tests.Mishaps;

/// <summary>Makes customers ready for what is to happen to them, and reads what came of it.</summary>
internal sealed class MoneyWorld(App app)
{
    public App App => app;

    public async Task<string> NewCustomer() => (string)(await app.CreateCustomer())["id"]!;

    /// <summary>A customer that Stripe runs.</summary>
    public async Task<(string Id, StripeWorld Stripe, DateTimeOffset Now)> AtStripe()
    {
        var (id, now) = (await NewCustomer(), await app.Cloud.Now());
        var stripe = await StripeWorld.Start(app, id);
        foreach (var said in new[] { stripe.Checkout(now), stripe.Subscription("created", now, "active") }) { await Insist(async () => (await stripe.Deliver(said)).ShouldBe(200)); }
        return (id, stripe, now);
    }

    /// <summary>One that has not paid, and whose days of grace are over.</summary>
    public async Task<(string Id, StripeWorld Stripe, string Invoice)> PastGrace()
    {
        var (id, stripe, now) = await AtStripe();
        var invoice = StripeWorld.Id("in");
        var failed = stripe.Invoice("payment_failed", now.AddSeconds(1), invoice);
        await Insist(async () => (await stripe.Deliver(failed)).ShouldBe(200));
        await Backdate(id, (document, past) => (document["subscription"]!["graceEndsAt"], document["subscriptionDueAt"]) = (past, past));
        return (id, stripe, invoice);
    }

    /// <summary>Has something of a customer lie a minute back, so that no clock need be moved over all of them.</summary>
    public async Task Backdate(string id, Action<JsonObject, string> change)
    {
        var document = await app.ReadDocument("customers", id, id);
        change(document, InstantConverter.Text(await app.Cloud.Now() - TimeSpan.FromMinutes(1)));
        await app.Data.Replace("customers", id, document);
    }

    /// <summary>Once more until it is taken, as whoever gets a 503 does: on a busy machine an app that has just been restarted may answer one.</summary>
    public static Task Insist(Func<Task> ask) => Eventually.True(async () =>
    {
        try { await ask(); return true; }
        catch (Exception e) when (e is HttpRequestException or Xunit.Sdk.XunitException) { return false; }
    }, TimeSpan.FromMinutes(1), "it is taken");

    public Func<int, Task> Timer(string name) => instance => app.Cloud.RunTimer(name, instance);

    public Func<int, Task> Report(string id, int count, int quantity) => async instance =>
        (await (await app.AdminAt(instance)).Post(new Consumption(app, id).Path, new { events = Enumerable.Range(0, count).Select(report => Consumption.Report($"{report}", quantity: quantity)) })).ShouldBe(200);

    /// <summary>In this order, and the next only when one was taken: as Stripe does it for whoever answers with anything but a 2xx, sooner or later.</summary>
    public Func<int, Task> Deliver(StripeWorld stripe, params JsonObject[] events) => async instance =>
    {
        stripe.At = await app.CallerOf(instance, key: null);
        foreach (var said in events) { (await stripe.Deliver(said)).ShouldBe(200); }
    };

    public async Task<string> Standing(string id)
    {
        var customer = await app.ReadDocument("customers", id, id);
        return $"{customer["plan"]} {customer["trial"]!["status"]} {customer["subscription"]!["status"]} {customer["status"]}";
    }

    public async Task<string> Used(string id) => $"{await new Consumption(app, id).Used()}";

    public async Task<string> Months(string id)
    {
        var months = await app.Data.All("customers", $"SELECT * FROM c WHERE c.type = 'usageMonth' AND c.customerId = '{id}'");
        return string.Join(", ", months.OrderBy(month => (string)month["month"]!, StringComparer.Ordinal).Select(month => $"{(month["closeDueAt"] is null ? "closed" : "open")} {(long?)month["totals"]?["fix"] ?? 0} carrying {month["carriedOver"]?["fix"]}"));
    }
}
