using System.Globalization;
using System.Text.Json.Nodes;
using CustomerFunctions.Shared;
using CustomerFunctions.Tests.Audit;

namespace CustomerFunctions.Tests.Year;

/// <summary>What is stored of all customers, against what must be: read in one query for each kind of document.</summary>
internal sealed class Books(App app, IReadOnlyList<LivingCustomer> customers)
{
    private const string Customers = "customers";
    private const string Standing = "SELECT c.id, c.plan, c.status, c.trial, c.subscription FROM c WHERE c.type = 'customer'";
    private const string Usage = "SELECT c.customerId, c.month, c.totals, c.carriedOver FROM c WHERE c.type = 'usageMonth'";
    private const string Unfinished = "SELECT c.id FROM c WHERE c.uncountedSince > ''";
    private const string Unwritten = "SELECT c.id FROM c WHERE c.outboxDueAt > ''";

    /// <summary>They balance at the end of a day.</summary>
    public async Task ShouldBalance(DateOnly today, DateTimeOffset since)
    {
        await Finish();
        var there = customers.Where(customer => customer.IsThere).ToDictionary(customer => customer.Id);
        Compare((await app.Data.All(Customers, Standing)).Select(Stands), there.Values.Select(Expected), today);

        var lastMonth = LifeMonth.Before(LifeMonth.NameOf(today));
        Compare((await app.Data.All(Customers, $"{Usage} AND c.month >= '{lastMonth}'")).Select(Counted), Used(there.Values, lastMonth), today);

        var told = await app.Data.All(Customers, $"SELECT c.customerId, c.notice FROM c WHERE c.type = 'notification' AND c.createdAt >= '{InstantConverter.Text(since)}'");
        Compare(told.Select(notice => $"{notice["customerId"]} {notice["notice"]}"), there.Values.SelectMany(customer => customer.Life.Told.Select(notice => $"{customer.Id} {notice}")), today);
    }

    /// <summary>And at the end of the year: every month, every event in the audit log, and every key at the door.</summary>
    public async Task ShouldBalanceAtLast()
    {
        Compare((await app.Data.All(Customers, Usage)).Select(Counted), Used(customers, ""), "the year");
        await Parallel.ForEachAsync(customers, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (customer, _) =>
        {
            var recorded = (await new AuditTrail(app, customer.Id).Rows()).Select(row => (string?)row["action"]).Where(action => action?.Split('.')[0] is "trial" or "quota" or "subscription");
            recorded.Where(action => action != "subscription.paymentMethodChanged").Should().BeEquivalentTo(customer.Life.EverTold, "of the audit log of {0}", customer.Id);
            await customer.Knock();
        });
    }

    /// <summary>What goes on behind answers comes to its end; what did not work out there is the timers' business.</summary>
    private async Task Finish()
    {
        var tries = 0;
        await Eventually.True(
            async () =>
            {
                if ((await app.Data.All(Customers, Unfinished)).Count == 0 && (await app.Data.All(Customers, Unwritten)).Count == 0) { return true; }
                if (++tries % 20 == 0)
                {
                    await app.Cloud.Advance(TimeSpan.FromMinutes(2));
                    await app.Cloud.RunTimer("CountUsage");
                    await app.Cloud.RunTimer("WriteAuditEvents");
                }
                return false;
            },
            TimeSpan.FromSeconds(60),
            "everything is counted and told");
    }

    /// <summary>The same lines, in any order. Assertions are slow with long lists, so they only explain a difference.</summary>
    private static void Compare(IEnumerable<string> stored, IEnumerable<string> expected, object when)
    {
        var (have, want) = (stored.Order(StringComparer.Ordinal).ToList(), expected.Order(StringComparer.Ordinal).ToList());
        if (!have.SequenceEqual(want)) { have.Except(want).Should().Equal(want.Except(have), "of {0}", when); }
        have.Should().HaveCount(want.Count, "of {0}", when);
    }

    private static string Expected(LivingCustomer customer)
    {
        var life = customer.Life;
        return $"{customer.Id} {life.Plan} {(life.IsSuspended ? "suspended" : "active")}, trial {life.Trial}, subscription {life.Status} {life.Plan} {life.Renewal:O} {life.GraceEnds:O} {life.EndsWithPeriod} {life.NextPlan}";
    }

    private static string Stands(JsonObject customer)
    {
        var subscription = customer["subscription"]!;
        return $"{customer["id"]} {customer["plan"]} {customer["status"]}, trial {customer["trial"]!["status"]}, subscription {subscription["status"]} {subscription["planId"]} {Date(subscription["renewalAt"]):O} {Date(subscription["graceEndsAt"]):O} {(bool?)subscription["cancelAtPeriodEnd"] == true} {subscription["nextPlanId"]}";
    }

    private static DateOnly? Date(JsonNode? instant) => instant is null ? null : DateOnly.FromDateTime(DateTime.Parse((string)instant!, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal));

    private static string Counted(JsonObject month) => $"{month["customerId"]} {month["month"]} used {Sums(month["totals"])} carried {Sums(month["carriedOver"])}";

    private static IEnumerable<string> Used(IEnumerable<LivingCustomer> customers, string from) => customers
        .SelectMany(customer => customer.Life.Months.Where(month => string.CompareOrdinal(month.Key, from) >= 0).Select(month => $"{customer.Id} {month.Key} used {Sums(month.Value.Totals)} carried {Sums(month.Value.Carried)}"));

    private static string Sums(JsonNode? sums) => Sums(sums?.AsObject().ToDictionary(sum => sum.Key, sum => (long)sum.Value!) ?? []);

    private static string Sums(IReadOnlyDictionary<string, long> sums) => string.Join('+', sums.OrderBy(sum => sum.Key, StringComparer.Ordinal).Select(sum => $"{sum.Key}:{sum.Value}"));
}
