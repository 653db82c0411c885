using System.Text.Json.Nodes;
using CustomerFunctions.Tests.Webhooks;

namespace CustomerFunctions.Tests.Members;

/// <summary>
/// Who joins a customer by an address: only a person whose confirmed address was proven for this customer.
/// </summary>
public sealed class ProvenAddressTests(QuietApp fixture) : IClassFixture<QuietApp>
{
    private const string Link = "confirm-customer-email";
    private const string Told = "customer-email-changed";

    private App App => fixture.App;

    private Api Anyone => App.Caller(key: null);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_key_that_changes_the_address_brings_nobody_in(bool hasPeople)
    {
        var customer = await App.CreateCustomer();
        var path = $"/api/customers/{customer["id"]}";
        if (hasPeople) { await AddMember(path, await Person.SignedUp(App), "owner"); }
        var key = App.Caller(await App.CreateApiKey((string)customer["id"]!));
        var attacker = await Person.SignedUp(App);
        var before = await Members(path);

        (await key.Patch(path, new { email = attacker.Email }, "*")).ShouldBe(200)["emailProof"].Should().BeNull();

        ((string?)(await GetOrCreate(attacker)).ShouldBe(201)["customerId"]).Should().NotBe((string?)customer["id"]);
        (await Members(path)).Should().Equal(before);
        (await attacker.Api.Get(path)).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task An_address_that_an_owner_set_neither_draws_its_reader_in_nor_keeps_it_from_a_customer_of_its_own()
    {
        var (owner, path) = await Person.Owning(App);
        var victim = await Person.SignedUp(App);
        (await owner.Api.Patch(path, new { email = victim.Email }, "*")).ShouldBe(200);

        var own = (await GetOrCreate(victim)).ShouldBe(201);

        ((string?)own["role"]).Should().Be("owner");
        $"/api/customers/{own["customerId"]}".Should().NotBe(path);
        ((string?)(await App.Admin.Get($"/api/customers/{own["customerId"]}")).ShouldBe(200)["email"]).Should().Be(victim.Email);
        ((string?)(await App.ReadDocument("directory", $"email:{victim.Email}", $"email:{victim.Email}"))["customerId"]).Should().Be((string?)own["customerId"], "the address is its who proved it");
        ((string?)(await GetOrCreate(victim)).ShouldBe(200)["customerId"]).Should().Be((string?)own["customerId"]);
        (await owner.Api.Patch(path, new { name = "Still here" }, "*")).ShouldBe(200);

        // The link went to the victim. Opened by mistake, it gives the address to nobody else any more.
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token = await victim.LinkIn(Link) })).ShouldBeRefused(409, "email-taken");
    }

    [Fact]
    public async Task A_change_is_told_to_both_addresses_and_proven_by_the_link_once()
    {
        var (owner, path) = await Person.Owning(App);
        var reader = await Person.SignedUp(App);

        (await owner.Api.Patch(path, new { email = reader.Email }, "*")).ShouldBe(200);

        var token = await reader.LinkIn(Link);
        await Eventually.True(async () => (await owner.Mails(Told)).Count == 1, TimeSpan.FromSeconds(20), "the address before is told");
        var told = (await owner.Mails(Told))[0]!["data"]!;
        told["token"].Should().BeNull("only the new address proves anything");
        ((string?)told["about"]!["customerId"]).Should().Be(path[^30..]);
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token })).ShouldBe(204);

        ((string?)(await owner.Api.Get(path)).ShouldBe(200)["emailProof"]!["by"]).Should().Be("link");
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token })).ShouldBeRefused(422, "link-unusable");
        var joined = (await GetOrCreate(reader)).ShouldBe(200);
        ($"/api/customers/{joined["customerId"]}", (string?)joined["role"]).Should().Be((path, "member"));
        (await App.Admin.Get($"{path}/audit-log")).Body.Should().Contain("customer.emailProven");
        (await StoredCustomer(path)).ToJsonString().Should().NotContain(token, "no token is stored");
    }

    [Fact]
    public async Task A_link_that_a_key_had_mailed_proves_the_address_and_lets_nobody_in()
    {
        var (_, path) = await Person.Owning(App);
        var attacker = await Person.SignedUp(App);
        var key = App.Caller(await App.CreateApiKey(path[^30..]));
        (await key.Patch(path, new { email = attacker.Email }, "*")).ShouldBe(200);
        (await key.Post($"{path}/email-link")).ShouldBe(202);

        (await Anyone.Post("/api/auth/confirm-customer-email", new { token = await attacker.LinkIn(Link, count: 2) })).ShouldBe(204);

        ((string?)(await key.Get(path)).ShouldBe(200)["emailProof"]!["by"]).Should().Be("link");
        (await GetOrCreate(attacker)).ShouldBeRefused(409, "email-taken");
        (await attacker.Api.Get(path)).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task A_link_is_good_for_a_day_and_until_the_address_changes_again()
    {
        var (owner, path) = await Person.Owning(App);
        var (late, left) = (await Person.SignedUp(App), await Person.SignedUp(App));
        (await owner.Api.Patch(path, new { email = left.Email }, "*")).ShouldBe(200);
        var replaced = await left.LinkIn(Link);
        (await owner.Api.Patch(path, new { email = late.Email }, "*")).ShouldBe(200);
        var token = await late.LinkIn(Link);

        (await Anyone.Post("/api/auth/confirm-customer-email", new { token = replaced })).ShouldBeRefused(422, "link-unusable");
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token = token[..^4] + "AAAA" })).ShouldBeRefused(422, "link-unusable");
        (await Anyone.Post("/api/auth/confirm-customer-email", "{}")).ShouldBeRefused(400, "invalid-request", "/token");
        await App.Cloud.Advance(TimeSpan.FromHours(24));
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token })).ShouldBeRefused(422, "link-unusable");

        // Another one is mailed when asked for, and only as often as mail may be had.
        (await late.SignIn()).ShouldBe(200);
        (await owner.SignIn()).ShouldBe(200);
        (await owner.Api.Post($"{path}/email-link")).ShouldBe(202);
        (await Anyone.Post("/api/auth/confirm-customer-email", new { token = await late.LinkIn(Link, count: 2) })).ShouldBe(204);
        (await owner.Api.Post($"{path}/email-link")).ShouldBe(202);
        (await owner.Api.Post($"{path}/email-link")).ShouldBe(202);
        (await owner.Api.Post($"{path}/email-link")).ShouldBeRefused(429, "too-many-attempts");
        (await late.Mails(Link)).Should().HaveCount(2, "what is proven needs no link");
    }

    [Fact]
    public async Task Mail_budgets_bound_how_often_a_customer_takes_an_address()
    {
        var (owner, path) = await Person.Owning(App);
        var other = App.NewEmail();
        for (var i = 0; i < 3; i++)
        {
            (await owner.Api.Patch(path, new { email = other }, "*")).ShouldBe(200);
            (await App.Admin.Patch(path, new { email = owner.Email }, "*")).ShouldBe(200);
        }
        (await owner.Api.Patch(path, new { email = other }, "*")).ShouldBeRefused(429, "too-many-attempts");
        (await owner.Api.Patch(path, new { email = owner.Email, name = "No change of it" }, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task Staffs_word_proves_at_creation_and_in_a_change_but_not_by_sending_the_address_along()
    {
        var (invited, changed) = (await Person.SignedUp(App), await Person.SignedUp(App));
        var created = await App.CreateCustomer(invited.Email);
        ((string?)created["emailProof"]!["by"]).Should().Be("staff");
        ((string?)(await GetOrCreate(invited)).ShouldBe(200)["customerId"]).Should().Be((string?)created["id"]);

        var (owner, path) = await Person.Owning(App);
        (await owner.Api.Patch(path, new { email = changed.Email }, "*")).ShouldBe(200);
        (await App.Admin.Put(path, new { name = "Sent along", email = changed.Email }, "*")).ShouldBe(200)["emailProof"].Should().BeNull();
        (await App.Admin.Patch(path, new { email = App.NewEmail() }, "*")).ShouldBe(200);
        (await App.Admin.Patch(path, new { email = changed.Email.ToUpperInvariant() }, "*")).ShouldBe(200)["emailProof"]!["by"]!.ToString().Should().Be("staff");
        ($"/api/customers/{(await GetOrCreate(changed)).ShouldBe(200)["customerId"]}").Should().Be(path);
    }

    [Fact]
    public async Task Whoever_was_taken_out_does_not_come_back_by_the_address()
    {
        var person = await Person.SignedUp(App);
        var path = $"/api/customers/{(await App.CreateCustomer(person.Email))["id"]}";
        await AddMember(path, await Person.SignedUp(App), "owner");
        await AddMember(path, person, "admin");
        (await App.Admin.Delete($"{path}/members/{await person.Id()}")).ShouldBe(204);

        (await GetOrCreate(person)).ShouldBeRefused(409, "email-taken");

        (await person.Api.Get(path)).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task A_document_from_before_proofs_has_its_creators_word_unless_an_earlier_version_has_changed_it()
    {
        var (untouched, changedSince, changedBefore) = (await Person.SignedUp(App), await Person.SignedUp(App), await Person.SignedUp(App));
        var ids = new List<string>();
        foreach (var person in new[] { untouched, changedSince, changedBefore }) { ids.Add((string)(await App.CreateCustomer(person.Email))["id"]!); }
        (await App.Admin.Patch($"/api/customers/{ids[2]}", new { name = "Changed" }, "*")).ShouldBe(200);
        foreach (var id in ids)
        {
            var stored = await App.ReadDocument("customers", id, id);
            stored.Remove("emailProof");
            await App.Data.Replace("customers", id, stored);
        }
        (await App.Admin.Patch($"/api/customers/{ids[1]}", new { name = "Changed" }, "*")).ShouldBe(200)["emailProof"].Should().NotBeNull("this version keeps what there was");

        ((string?)(await GetOrCreate(untouched)).ShouldBe(200)["customerId"]).Should().Be(ids[0]);
        ((string?)(await GetOrCreate(changedSince)).ShouldBe(200)["customerId"]).Should().Be(ids[1]);
        ((string?)(await GetOrCreate(changedBefore)).ShouldBe(201)["customerId"]).Should().NotBe(ids[2]);
    }

    private async Task<Answer> GetOrCreate(Person person) => await person.Api.Post($"/api/accounts/{await person.Id()}/customers");

    private async Task AddMember(string path, Person person, string role) => (await App.Admin.Put($"{path}/members/{await person.Id()}", new { role })).ShouldBe(201);

    private async Task<IReadOnlyList<string>> Members(string path) =>
        [.. (await App.Admin.Get($"{path}/members")).ShouldBe(200)["value"]!.AsArray().Select(member => $"{member!["accountId"]} {member["role"]}")];

    private Task<JsonObject> StoredCustomer(string path) => App.ReadDocument("customers", path[^30..], path[^30..]);
}
