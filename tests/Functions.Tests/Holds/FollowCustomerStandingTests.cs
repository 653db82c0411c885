using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Holds;

/// <summary>Service accounts lose what they have in Azure with their customer's suspension, and get exactly that back.</summary>
[Collection(nameof(AzureWorld))]
public sealed class FollowCustomerStandingTests(AzureWorld world)
{
    private const string Timer = "FollowCustomerStanding";
    private readonly App app = world.App;

    [Fact]
    public async Task A_billing_hold_takes_roles_and_sign_in_and_the_end_of_the_last_hold_gives_back_exactly_those()
    {
        var made = await world.NewAccount("Reader", "Monitoring Reader");
        // Given by somebody else, and nothing that this app would give: it comes back all the same.
        await world.Give(made.Principal, "Storage Blob Data Reader", made.Group);
        var (before, customer) = (await world.RolesOf(made.Principal), $"/api/customers/{made.Account.CustomerId}");

        (await app.Admin.Post(customer + "/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

        (await world.RolesOf(made.Principal)).Should().BeEmpty();
        (await world.IsEnabled(made.Principal)).Should().BeFalse();
        ((string?)(await made.Account.Get())["state"]).Should().Be("suspended");
        (await app.Admin.Post(made.Permissions + "/repair")).ShouldBeRefused(409, "service-account-not-active");
        (await app.Admin.Post(customer + "/suspend", new { hold = "security", reason = "x" })).ShouldBe(200);
        (await app.Admin.Post(customer + "/restore", new { hold = "billing" })).ShouldBe(200);
        (await world.RolesOf(made.Principal)).Should().BeEmpty("the other hold is still there");
        (await app.Admin.Post(customer + "/restore", new { hold = "security" })).ShouldBe(200);
        (await world.RolesOf(made.Principal)).Should().Equal(before);
        (await world.IsEnabled(made.Principal)).Should().BeTrue();
        ((string?)(await made.Account.Get())["state"]).Should().Be("active");
    }

    [Fact]
    public async Task Deleting_a_customer_takes_them_and_reopening_it_gives_them_back()
    {
        var made = await world.NewAccount("Reader");
        var (before, customer) = (await world.RolesOf(made.Principal), $"/api/customers/{made.Account.CustomerId}");
        (await app.Admin.Delete(customer, "*")).ShouldBe(204);
        (await world.RolesOf(made.Principal)).Should().BeEmpty();
        (await app.Admin.Post(customer + "/reopen")).ShouldBe(200);
        (await world.RolesOf(made.Principal)).Should().Equal(before);
    }

    [Theory]
    [InlineData("billing")]
    [InlineData("security")]
    public async Task A_minute_after_a_hold_was_placed_no_instance_lets_anything_of_the_customer_in(string hold)
    {
        var account = await RotatedAccount.Create(app, RotatedResource.ApiCredential);
        var customer = $"/api/customers/{account.CustomerId}";
        string[] credentials = [(await account.Current()).Value, await app.CreateApiKey(account.CustomerId)];
        var callers = new List<Api>();
        foreach (var credential in credentials) { callers.AddRange([await app.CallerOf(0, credential), await app.CallerOf(1, credential)]); }
        foreach (var caller in callers) { (await caller.Get(customer)).ShouldBe(200); }

        (await (await app.AdminAt(0)).Post(customer + "/suspend", new { hold, reason = "Unpaid" })).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromSeconds(60));

        foreach (var caller in callers) { (await caller.Get(customer)).ShouldBe(403); }
        (await (await app.AdminAt(1)).Post(customer + "/restore", new { hold })).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromSeconds(60));
        foreach (var caller in callers) { (await caller.Get(customer)).ShouldBe(200); }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_application_can_no_longer_sign_in_and_then_has_exactly_what_it_had(bool byItself)
    {
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Put(customer + "/azure-scope", new { scope = await world.NewGroup() }, "*")).ShouldBe(200);
        var account = await RotatedAccount.CreateFor(app, RotatedResource.EntraApplication, customer.Split('/')[^1], "deploy");
        var principal = (string)(await app.Admin.Get(account.Path + "/permissions"))["azure"]!["principalId"]!;
        await Eventually.True(async () =>
        {
            await app.Cloud.RunTimer("SettleServiceAccounts");
            return (await world.RolesOf(principal)).Count == 1;
        }, TimeSpan.FromSeconds(60), "its roles are given with it, or by the timer when something did not answer");
        await world.Give(principal, "Storage Blob Data Reader", await world.NewGroup());
        var (secret, before) = ((await account.Current()).Value, await world.RolesOf(principal));
        var path = byItself ? account.Path : customer;

        (await app.Admin.Post(path + "/suspend", byItself ? new { reason = "tests" } : new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

        (await world.RolesOf(principal)).Should().BeEmpty();
        (await account.Accepts(secret)).Should().BeFalse("it may not sign in");
        (await app.Admin.Post(path + "/restore", byItself ? null : new { hold = "billing" })).ShouldBe(200);
        (await world.RolesOf(principal)).Should().Equal(before);
        (await account.Accepts(secret)).Should().BeTrue();
        before.Should().HaveCount(2);
    }

    [Fact]
    public async Task An_application_whose_customer_is_nowhere_in_Azure_can_no_longer_sign_in_either()
    {
        var account = await RotatedAccount.Create(app, RotatedResource.EntraApplication);
        var secret = (await account.Current()).Value;
        (await app.Admin.Post(account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await account.Accepts(secret)).Should().BeFalse();
        (await app.Admin.Post(account.Path + "/restore")).ShouldBe(200);
        (await account.Accepts(secret)).Should().BeTrue();
    }

    [Theory]
    [InlineData("cosmos", "^PUT /dbs/customers/colls/customers/", 3)]
    [InlineData("resourceManager", "^DELETE .*roleAssignments", 2)]
    [InlineData("graph", "^PATCH ", 1)]
    public async Task What_a_process_that_dies_has_left_is_done_by_the_timers_and_so_is_the_way_back(string service, string operation, int calls)
    {
        for (var skip = 0; skip < calls; skip++)
        {
            var made = await world.NewAccount("Reader", "Monitoring Reader");
            var (before, customer, instance) = (await world.RolesOf(made.Principal), $"/api/customers/{made.Account.CustomerId}", skip % 2);
            await Dying(instance, new { service, operation, skip, count = 1, seconds = 300, kind = "kill", when = "after", instance }, caller => caller.Post(customer + "/suspend", new { hold = "billing", reason = "Unpaid" }));

            await Timers(1 - instance);

            (await world.RolesOf(made.Principal)).Should().BeEmpty("call {0} was its last", skip + 1);
            (await world.IsEnabled(made.Principal)).Should().BeFalse();
            (await app.Admin.Post(customer + "/restore", new { hold = "billing" })).ShouldBe(200);
            await Timers(1 - instance);
            (await world.RolesOf(made.Principal)).Should().Equal(before);
            (await world.IsEnabled(made.Principal)).Should().BeTrue();
        }
    }

    private async Task Timers(int instance)
    {
        await app.Cloud.Advance(TimeSpan.FromMinutes(1.5));
        await app.Cloud.RunTimer(Timer, instance);
        await app.Cloud.RunTimer("SettleServiceAccounts", instance);
    }

    private async Task Dying(int instance, object fault, Func<Api, Task<Answer>> request)
    {
        var process = (int)(await app.Cloud.Instances())[instance]!["pid"]!;
        await app.Cloud.Fault(fault);
        try { await request(await app.AdminAt(instance)); }
        catch (HttpRequestException) { /* It died with the question. */ }
        (await app.Cloud.Faults()).Should().BeEmpty("the process was killed");
        await Eventually.True(async () => (await app.Cloud.Instances())[instance]! is var now && (int?)now["pid"] != process && (string?)now["state"] == "running", TimeSpan.FromSeconds(60), "the killed instance is back");
    }
}
