using CustomerFunctions.Customers;
using CustomerFunctions.Shared.Azure;
using CustomerFunctions.Tests.Stripe;
using CustomerFunctions.Tests.Usage;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Customers;

/// <summary>
/// An instance shows its own writes at once: after each writer, a GET that accepts an age answers what a fresh one
/// answers.
/// </summary>
[Collection(nameof(QuietPayments))]
public sealed class CustomerCacheTests(QuietApp quiet)
{
    private const int Instance = 0;
    private const string Id = "cus_01M7XH2S2N5Z9Q0C5D6E7F8G9H";

    /// <summary>Everything that writes a customer, by name.</summary>
    private static readonly Dictionary<string, Func<Written, Task>> Writers = new()
    {
        ["ReplaceCustomer"] = async on => (await on.Admin.Put(on.Path, new { name = "Grace", email = App.NewEmail() }, "*")).ShouldBe(200),
        ["PatchCustomer"] = async on => (await on.Admin.Patch(on.Path, new { name = "Grace" }, "*")).ShouldBe(200),
        ["ChangeCustomers"] = async on =>
            (await on.Admin.Post("/api/customers/bulk", new { items = new[] { new { action = "patch", id = on.Id, ifMatch = "*", body = new { name = "Grace" } } } })).ShouldBe(207),
        ["DeleteCustomer"] = async on => (await on.Admin.Delete(on.Path, "*")).ShouldBe(204),
        ["DeactivateCustomer"] = async on => (await on.Admin.Post($"{on.Path}/deactivate")).ShouldBe(200),
        ["SuspendCustomer"] = async on => (await on.Admin.Post($"{on.Path}/suspend", new { hold = "admin", reason = "why" })).ShouldBe(200),
        ["SendEmailLink"] = async on => (await on.Admin.Post($"{on.Path}/email-link")).ShouldBe(202),
        ["ReplaceIpRules"] = async on => (await on.Admin.Put($"{on.Path}/ip-rules", new { networks = new[] { "127.0.0.0/8" } }, "*")).ShouldBe(200),
        ["ReplaceQuietHours"] = async on =>
            (await on.Admin.Put($"{on.Path}/quiet-hours", new { hours = new[] { new { start = "00:00", duration = "PT2H" } } }, "*")).ShouldBe(200),
        ["SetLeakResponse"] = async on => (await on.Admin.Put($"{on.Path}/leak-response", new { response = "grace" }, "*")).ShouldBe(200),
        ["SetFeatureFlag"] = async on => (await on.Admin.Put($"{on.Path}/feature-flags/auditExport", new { enabled = true })).ShouldBe(200),
        ["ExtendTrial"] = async on => (await on.Admin.Post($"{on.Path}/trial/extend", new { days = 7, reason = "A slow start" })).ShouldBe(200),
        ["ChangePlan"] = async on => (await on.Admin.Post($"{on.Path}/subscription/change", new { planId = "basic", start = "now" })).ShouldBe(200),
        ["InviteMember"] = async on => (await on.Admin.Post($"{on.Path}/invitations", new { email = App.NewEmail(), role = "viewer" })).ShouldBe(201),
        ["PutMember"] = async on => (await on.Admin.Put($"{on.Path}/members/{await on.Account()}", new { role = "admin" })).Status.Should().BeOneOf(200, 201),
        ["AssignSalesRep"] = async on => (await on.Admin.Put($"{on.Path}/sales-reps/{await (await Person.Staff(on.App, "sales_rep")).Id()}", "{}")).ShouldBe(201),
        ["EnsureCustomer"] = async on => (await on.Admin.Post($"/api/accounts/{await on.Account()}/customers")).ShouldBe(200),
        ["RecordUsage"] = async on => (await on.Admin.Post($"{on.Path}/usage", new { events = new[] { Consumption.Report("one") } })).ShouldBe(200),
        ["ReceiveStripeEvent"] = async on =>
        {
            var (world, now) = (await StripeWorld.Start(on.App, on.Id), await on.App.Cloud.Now());
            world.At = on.Admin;
            (await world.Deliver(world.Checkout(now))).ShouldBe(200);
            (await world.Deliver(world.Subscription("created", now, "active"))).ShouldBe(200);
        },
        ["ExpireTrials"] = on => on.Run("ExpireTrials"),
        ["SettleSubscriptions"] = on => on.Run("SettleSubscriptions"),
        ["PurgeCustomers"] = on => on.Run("PurgeCustomers"),
    };

    /// <summary>What precedes a writer, and how long before.</summary>
    private static readonly Dictionary<string, (Func<Written, Task> Prepare, TimeSpan Wait)> Preparations = new()
    {
        ["SendEmailLink"] = (async on => (await on.App.Caller(await on.App.CreateApiKey(on.Id)).Patch(on.Path, new { email = App.NewEmail() }, "*")).ShouldBe(200), TimeSpan.Zero),
        ["ExpireTrials"] = (_ => Task.CompletedTask, TimeSpan.FromDays(15)),
        ["SettleSubscriptions"] = (Writers["ChangePlan"], TimeSpan.FromDays(32)),
        ["PurgeCustomers"] = (Writers["DeleteCustomer"], TimeSpan.FromDays(31)),
    };

    /// <summary>Writes that take back what another did, each after that one.</summary>
    private static readonly Dictionary<string, (string After, Func<Written, Task> Write)> Reversals = new()
    {
        ["ReopenCustomer"] = ("DeleteCustomer", async on => (await on.Admin.Post($"{on.Path}/reopen")).ShouldBe(200)),
        ["ActivateCustomer"] = ("DeactivateCustomer", async on => (await on.Admin.Post($"{on.Path}/activate")).ShouldBe(200)),
        ["RestoreCustomer"] = ("SuspendCustomer", async on => (await on.Admin.Post($"{on.Path}/restore", new { hold = "admin" })).ShouldBe(200)),
        ["RemoveIpRules"] = ("ReplaceIpRules", async on => (await on.Admin.Delete($"{on.Path}/ip-rules", "*")).ShouldBe(204)),
        ["ResetFeatureFlag"] = ("SetFeatureFlag", async on => (await on.Admin.Delete($"{on.Path}/feature-flags/auditExport")).ShouldBe(204)),
        ["CancelSubscription"] = ("ChangePlan", async on => (await on.Admin.Post($"{on.Path}/subscription/cancel")).ShouldBe(200)),
        ["RemoveMember"] = ("PutMember", async on => (await on.Admin.Delete($"{on.Path}/members/{await on.Account()}")).ShouldBe(204)),
        ["PatchAccount"] = ("EnsureCustomer", async on => (await on.Admin.Patch($"/api/accounts/{await on.Account()}", new { disabled = true }, "*")).ShouldBe(200)),
    };

    private readonly App app = quiet.App;

    public static TheoryData<string> Names => [.. Writers.Keys, .. Reversals.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_an_instance_has_written_it_shows_at_once(string writer)
    {
        var email = App.NewEmail();
        var written = new Written(app, await app.AdminAt(Instance), (string)(await app.CreateCustomer(email))["id"]!, email);
        if (Reversals.TryGetValue(writer, out var reversal)) { await Writers[reversal.After](written); }
        if (Preparations.TryGetValue(writer, out var preparation))
        {
            await preparation.Prepare(written);
            if (preparation.Wait > TimeSpan.Zero) { await app.Cloud.Advance(preparation.Wait); }
        }
        var before = await Seen(written, accepted: true);

        await (reversal.Write ?? Writers[writer])(written);

        var seen = await Seen(written, accepted: true);
        var now = await Seen(written, accepted: false);
        seen.Should().Be(now);
        now.Should().NotBe(before, "something was written");
    }

    [Fact]
    public void What_is_told_late_replaces_nothing_newer()
    {
        using var cache = new CustomerCache(TimeProvider.System);
        var (first, second) = (Revision(1), Revision(2));
        var asked = TimeProvider.System.GetTimestamp();
        cache.KeepWritten(Id, second);

        cache.KeepWritten(Id, first);
        cache.KeepRead(Id, first, TimeProvider.System.GetTimestamp());
        cache.KeepRead(Id, customer: null, asked);

        Known().Should().BeSameAs(second);
        cache.KeepRemoved(second.Value);
        cache.KeepRead(Id, second, asked);
        Known().Should().BeNull("it is gone");
        cache.KeepWritten(Id, customer: null);
        cache.Find(Id, CustomerCache.Longest).Should().BeNull("what became of that write is not known");

        Stored<Customer>? Known() => cache.Find(Id, CustomerCache.Longest)!.Value.Customer;
    }

    private static Stored<Customer> Revision(long revision) =>
        new(Customer.Start(Id, "ada", new CustomerFields("Ada", "ada@example.com"), "admin", DateTimeOffset.UnixEpoch) with { Revision = revision }, "");

    /// <summary>The customer, and whether there is a log of it, which staff reads of a closed one too.</summary>
    private static async Task<string> Seen(Written on, bool accepted)
    {
        var answers = new List<string>();
        foreach (var path in new[] { on.Path, $"{on.Path}/audit-log?maxpagesize=1" })
        {
            var request = new HttpRequestMessage(HttpMethod.Get, on.Admin.Url(path));
            if (accepted) { request.Headers.CacheControl = new() { MaxAge = TimeSpan.FromSeconds(10) }; }
            var answer = await on.Admin.Send(request);
            answers.Add(path == on.Path ? $"{answer.Status} {(answer.Status == 200 ? answer.Body : "")}" : $"{answer.Status}");
        }
        return string.Join('\n', answers);
    }

    /// <summary>A customer, and an instance that everything is done at.</summary>
    private sealed record Written(App App, Api Admin, string Id, string Email)
    {
        private Task<string>? account;

        public string Path => $"/api/customers/{Id}";

        /// <summary>The id of a person who has the customer's address.</summary>
        public Task<string> Account() => account ??= SignUp();

        private async Task<string> SignUp() =>
            (string)(await App.Admin.Post("/api/accounts", new { email = Email, name = "Ada Lovelace", password = Person.FirstPassword })).ShouldBe(201)["id"]!;

        public async Task Run(string timer) => (await App.Cloud.RunTimer(timer, Instance))["failure"].Should().BeNull();
    }
}
