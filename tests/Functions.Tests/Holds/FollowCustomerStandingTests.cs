using System.Text.Json.Nodes;
using CustomerFunctions.Names;
using CustomerFunctions.Tests.Edge;
using CustomerFunctions.Tests.Roles;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.Holds;

/// <summary>Service accounts lose what they have in Azure with their customer's suspension, and what can be read of them in Key Vault, and get exactly that back.</summary>
[Collection(nameof(AzureWorld))]
public sealed class FollowCustomerStandingTests(AzureWorld world)
{
    private const string Timer = "FollowCustomerStanding";
    private static readonly object Stolen = new { mode = "emergency", reason = "A laptop was stolen" };
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

    [Fact]
    public async Task A_hold_closes_the_secrets_of_every_kind_with_two_keys_and_the_end_of_it_opens_what_was_open()
    {
        var customer = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var accounts = new List<RotatedAccount>();
        foreach (var kind in TwoSlotKeysTests.Kinds) { accounts.Add(await RotatedAccount.CreateFor(app, kind, customer.Split('/')[^1], kind)); }
        // One version of each is disabled before, and stays so.
        foreach (var account in accounts) { (await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202); }
        var before = await VersionsOf(accounts);
        var secrets = new List<string>();
        foreach (var account in accounts) { secrets.Add((await account.Current()).Value); }

        (await app.Admin.Post(customer + "/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

        (await VersionsOf(accounts)).Should().OnlyContain(version => !version.Enabled);
        foreach (var (account, secret) in accounts.Zip(secrets))
        {
            ((string?)(await account.Get())["state"]).Should().Be("suspended");
            (await app.Admin.Post(account.Path + "/keys/current/reveal")).ShouldBeRefused(409, "service-account-not-active");
            (await account.Accepts(secret)).Should().BeTrue("whoever has read it has it");
        }
        (await app.Admin.Post(customer + "/restore", new { hold = "billing" })).ShouldBe(200);
        (await VersionsOf(accounts)).Should().Equal(before).And.Contain(version => !version.Enabled);
        foreach (var account in accounts) { await account.ShouldHaveOneCurrentKey(); }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_account_that_is_suspended_itself_too_stays_closed_until_both_are_over(bool customerFirst)
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (customer, before) = ($"/api/customers/{account.CustomerId}", await account.Versions());
        Func<Task<Answer>>[] ends = [() => app.Admin.Post(customer + "/restore", new { hold = "billing" }), () => app.Admin.Post(account.Path + "/restore")];
        (await app.Admin.Post(account.Path + "/suspend", new { reason = "tests" })).ShouldBe(200);
        (await app.Admin.Post(customer + "/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

        (await ends[customerFirst ? 0 : 1]()).ShouldBe(200);

        (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
        (await ends[customerFirst ? 1 : 0]()).ShouldBe(200);
        (await account.Versions()).Should().Equal(before);
        ((string?)(await account.Get())["state"]).Should().Be("active");
    }

    [Fact]
    public async Task A_key_that_is_made_during_a_hold_is_published_closed_and_is_the_one_that_is_opened()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var (customer, (stolen, _)) = ($"/api/customers/{account.CustomerId}", await account.Current());
        (await app.Admin.Post(customer + "/suspend", new { hold = "security", reason = "Intrusion" })).ShouldBe(200);

        ((string?)(await app.Admin.Post(account.Path + "/rotate", Stolen)).ShouldBe(202)["step"]).Should().Be("done", "an emergency does not wait for the hold to end");

        (await account.Versions()).Should().HaveCountGreaterThan(1).And.OnlyContain(version => !version.Enabled);
        (await account.Accepts(stolen)).Should().BeFalse();
        (await app.Admin.Post(customer + "/restore", new { hold = "security" })).ShouldBe(200);
        await account.ShouldHaveOneCurrentKey();
        await account.ShouldHaveRetired(stolen);
    }

    [Fact]
    public async Task An_account_that_is_made_during_a_hold_is_born_closed()
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);
        var account = await RotatedAccount.CreateFor(app, RotatedAccount.StorageAccountKeys, customer, "late");
        (await account.Versions()).Should().ContainSingle().Which.Enabled.Should().BeFalse();
        (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "billing" })).ShouldBe(200);
        await account.ShouldHaveOneCurrentKey();
    }

    /// <summary>The hold finds no such account, and the account was drafted before the hold.</summary>
    [Theory]
    [InlineData(RotatedResource.StorageAccountKeys)]
    [InlineData(RotatedResource.EntraApplication)]
    public async Task An_account_that_is_written_just_after_a_hold_loses_what_it_has_outside_all_the_same(string kind)
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var creation = await OnItsWay(kind, customer);

        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);

        creation.IsCompleted.Should().BeFalse("the hold was there first");
        var account = await creation;
        ((string?)(await account.Get())["state"]).Should().Be("suspended");
        (await account.Versions()).Should().ContainSingle().Which.Enabled.Should().BeFalse();
        var principal = (string?)(await app.Admin.Get(account.Path + "/permissions"))["azure"]?["principalId"];
        if (principal is not null) { (await world.IsEnabled(principal)).Should().BeFalse("it may not sign in"); }
        (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "billing" })).ShouldBe(200);
        await account.ShouldHaveOneCurrentKey();
        if (principal is not null) { (await world.IsEnabled(principal)).Should().BeTrue(); }
        (principal is not null).Should().Be(kind == RotatedResource.EntraApplication);
    }

    [Fact]
    public async Task An_account_that_is_written_just_after_its_customer_has_got_a_place_in_Azure_has_its_roles_there()
    {
        var (customer, scope) = ((string)(await app.CreateCustomer())["id"]!, await world.NewGroup());
        var creation = await OnItsWay(RotatedResource.EntraApplication, customer);

        (await app.Admin.Put($"/api/customers/{customer}/azure-scope", new { scope }, "*")).ShouldBe(200);

        creation.IsCompleted.Should().BeFalse("the place was there first");
        var permissions = await app.Admin.Get((await creation).Path + "/permissions");
        ((string?)permissions["azure"]!["scope"]).Should().Be(scope);
        (await world.RolesOf((string)permissions["azure"]!["principalId"]!)).Should().ContainSingle().Which.Scope.Should().Be(scope);
    }

    /// <summary>Published, and dead before that was written down: nobody knows of that version when the hold comes.</summary>
    [Fact]
    public async Task A_rotation_that_died_on_the_way_leaves_nothing_open_and_goes_on_after_the_hold()
    {
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);
        var customer = $"/api/customers/{account.CustomerId}";
        await Dying(0, new { service = "keyVault", operation = $"^PUT /secrets/{account.SecretName}", count = 1, seconds = 300, kind = "kill", when = "after", instance = 0 }, caller => caller.Post(account.Path + "/rotate"));
        (await account.Versions()).Should().HaveCount(2).And.OnlyContain(version => version.Enabled);

        (await app.Admin.Post(customer + "/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);
        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        await Timers(1);

        (await account.Versions()).Should().OnlyContain(version => !version.Enabled);
        (await account.KeyStates()).Should().Equal("pending", "current");
        (await app.Admin.Post(customer + "/restore", new { hold = "billing" })).ShouldBe(200);
        (await account.Versions()).Should().OnlyContain(version => version.Enabled);
        await account.RunTimerUntil("settle");
        await account.ShouldHaveOneCurrentKey();
    }

    /// <summary>What the dead creation had claimed is fenced off by a document in its customer's partition. Nothing of that document may ever be due: its customer is suspended, the other is not.</summary>
    [Fact]
    public async Task A_creation_that_died_does_nothing_to_the_account_that_has_got_its_application_since()
    {
        var (held, heir) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);
        (await app.Admin.Post($"/api/customers/{held}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);
        var application = await RotatedResource.Create(app, RotatedResource.EntraApplication);
        var body = RotatedAccount.Body(RotatedResource.EntraApplication, application);
        await Dying(0, new { service = "cosmos", operation = "^POST /dbs/customers/colls/customers/docs$", count = 1, seconds = 300, kind = "kill", when = "before", instance = 0 }, caller => caller.Post($"/api/customers/{held}/service-accounts", body));
        await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));
        var account = new RotatedAccount(app, RotatedResource.EntraApplication, heir, application, (await app.Admin.Post($"/api/customers/{heir}/service-accounts", body)).ShouldBe(201).Object);
        var principal = (string)(await app.Admin.Get(account.Path + "/permissions"))["azure"]!["principalId"]!;

        await app.Cloud.Advance(TimeSpan.FromMinutes(3));
        await Timers(1);

        await account.ShouldHaveOneCurrentKey();
        (await world.IsEnabled(principal)).Should().BeTrue();
    }

    /// <summary>The first try is done and its answer was not kept. During a hold nothing can be read in Key Vault, which must not be taken for a key that was never published.</summary>
    [Theory]
    [InlineData(RotatedResource.StorageAccountKeys, true)]
    [InlineData(RotatedResource.StorageAccountKeys, false)]
    [InlineData(RotatedResource.EntraApplication, true)]
    [InlineData(RotatedResource.EntraApplication, false)]
    public async Task A_creation_that_is_repeated_leaves_what_it_finds_as_it_is(string kind, bool isHeld)
    {
        var customer = (string)(await app.CreateCustomer())["id"]!;
        if (isHeld) { (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200); }
        var (path, key) = ($"/api/customers/{customer}/service-accounts", IdempotencyTests.NewKey());
        var resource = await RotatedResource.Create(app, kind);
        var body = RotatedAccount.Body(kind, resource);
        await Dying(0, new { service = "cosmos", operation = "^PUT /dbs/customers/colls/control/docs/idempotency", count = 1, seconds = 300, kind = "kill", when = "before", instance = 0 }, caller => IdempotencyTests.Post(caller, path, body, key));
        var made = (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle().Subject!.AsObject();
        var account = new RotatedAccount(app, kind, customer, resource, made);
        var (before, versions) = (await account.Document(), await account.Versions());
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));

        ((string?)(await IdempotencyTests.Post(app.Admin, path, body, key)).ShouldBe(201)["id"]).Should().Be(account.Id);

        (await account.Versions()).Should().Equal(versions);
        var after = await account.Document();
        foreach (var part in new[] { "keys", "rotation", "nextRotationAt" }) { JsonNode.DeepEquals(after[part], before[part]).Should().BeTrue("{0} was {1} and is {2}", part, before[part], after[part]); }
    }

    private static async Task<IReadOnlyList<(string KeyId, string Version, bool Enabled)>> VersionsOf(IEnumerable<RotatedAccount> accounts)
    {
        var versions = new List<(string, string, bool)>();
        foreach (var account in accounts) { versions.AddRange(await account.Versions()); }
        return versions;
    }

    /// <summary>Has an account made, and waits until its customer was read and the account is not yet written.</summary>
    private async Task<Task<RotatedAccount>> OnItsWay(string kind, string customer)
    {
        await app.Cloud.Fault(new { service = "cosmos", operation = "^POST /dbs/customers/colls/customers/docs$", kind = "latency", milliseconds = 3000, count = 1, seconds = 300 });
        var creation = RotatedAccount.CreateFor(app, kind, customer, "late");
        await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, TimeSpan.FromSeconds(10), "the account is on its way");
        return creation;
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
