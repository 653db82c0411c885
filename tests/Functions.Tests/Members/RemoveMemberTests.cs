namespace CustomerFunctions.Tests.Members;

public sealed class RemoveMemberTests
{
    [Fact]
    public async Task The_last_owner_stays_whoever_asks_and_however_many_ask_at_once()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/members";
        var people = new[] { await Person.SignedUp(app), await Person.SignedUp(app) };
        var ids = new[] { await people[0].Id(), await people[1].Id() };
        foreach (var id in ids) { (await app.Admin.Put($"{path}/{id}", new { role = "owner" })).ShouldBe(201); }

        var answers = await Task.WhenAll(people.Select((person, i) => person.Api.Delete($"{path}/{ids[i]}")));

        answers.Select(answer => answer.Status).Should().BeEquivalentTo([204, 409], "of two owners who leave at once, one stays");
        var left = (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Single()!;
        (await app.Admin.Delete($"{path}/{left["accountId"]}")).ShouldBeRefused(409, "last-owner");
    }

    [Fact]
    public async Task Whoever_is_taken_out_finds_the_customer_gone_on_both_sides()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var person = await Person.SignedUp(app);
        var id = await person.Id();
        (await app.Admin.Put($"/api/customers/{customerId}/members/{id}", new { role = "member" })).ShouldBe(201);
        (await person.Api.Get($"/api/accounts/{id}/customers")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();

        (await app.Admin.Delete($"/api/customers/{customerId}/members/{id}")).ShouldBe(204);

        (await person.Api.Get($"/api/customers/{customerId}")).ShouldBeRefused(404, "not-found");
        (await person.Api.Get($"/api/accounts/{id}/customers")).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Delete($"/api/customers/{customerId}/members/{id}")).ShouldBe(204);
    }

    [Fact]
    public async Task An_owner_who_cannot_sign_in_does_not_count_as_the_one_who_stays()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customerId}/members";
        var people = new[] { await Person.SignedUp(app), await Person.SignedUp(app) };
        var (able, disabled) = (await people[0].Id(), await people[1].Id());
        foreach (var id in new[] { able, disabled }) { (await app.Admin.Put($"{path}/{id}", new { role = "owner" })).ShouldBe(201); }
        (await app.Admin.Patch($"/api/accounts/{disabled}", new { disabled = true }, "*")).ShouldBe(200)["ownerlessCustomers"].Should().BeNull("one can still sign in");

        (await people[0].Api.Delete($"{path}/{able}")).ShouldBeRefused(409, "last-owner");
        (await people[0].Api.Put($"{path}/{able}", new { role = "admin" })).ShouldBeRefused(409, "last-owner");
        (await app.Admin.Put($"{path}/{able}", new { role = "viewer" })).ShouldBeRefused(409, "last-owner");

        // Staff may disable whom they must; they are told, and so are the customer's people.
        (await app.Admin.Patch($"/api/accounts/{able}", new { disabled = true }, "*")).ShouldBe(200)["ownerlessCustomers"]!.AsArray().Select(id => (string)id!).Should().Equal(customerId);
        (await app.Admin.Get($"/api/customers/{customerId}/notifications")).ShouldBe(200)["value"]!.AsArray().Select(notice => (string?)notice!["type"]).Should().Contain("member.lastOwnerDisabled");
        (await app.Admin.Patch($"/api/accounts/{able}", new { disabled = false }, "*")).ShouldBe(200);
        (await app.Admin.Delete($"{path}/{disabled}")).ShouldBe(204);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&revokeKeys=true")]
    [InlineData("&revokeInvitations=true")]
    [InlineData("&revokeKeys=true&revokeInvitations=true")]
    public async Task What_a_removal_is_said_to_do_to_what_the_person_has_made_is_what_it_does(string options)
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        var (leaver, guests) = (await Person.SignedUp(app), new[] { new Person(app, App.NewEmail()), new Person(app, App.NewEmail()) });
        var id = await leaver.Id();
        (await app.Admin.Put($"{customer}/members/{id}", new { role = "admin" })).ShouldBe(201);
        var keys = new Dictionary<string, Api>();
        var made = await Key(leaver.Api, "made");
        var makes = await Key(keys[made], "made by it");
        var (kept, revoked) = (await Key(owner.Api, "the owner's"), await Key(leaver.Api, "revoked"));
        (await leaver.Api.Delete($"{customer}/api-keys/{revoked}")).ShouldBe(204);
        var rolled = await Key(owner.Api, "rolled");
        keys[rolled] = app.Caller((string)(await leaver.Api.Post($"{customer}/api-keys/{rolled}/roll", new { gracePeriod = "PT0S" })).ShouldBe(200)["key"]!);
        var invitation = (string)(await leaver.Api.Post($"{customer}/invitations", new { email = guests[0].Email, role = "viewer" })).ShouldBe(201)["id"]!;
        (await owner.Api.Post($"{customer}/invitations", new { email = guests[1].Email, role = "viewer" })).ShouldBe(201);
        string[] left = [made, makes, rolled];

        var foreseen = (await owner.Api.Delete($"{customer}/members/{id}?whatIf=true{options}")).ShouldBe(200)["effects"]!.AsArray().Select(effect => $"{effect!["action"]} {effect["target"]}").ToList();
        (await Open()).Should().HaveCount(2, "it was only asked");
        (await leaver.Api.Get(customer)).ShouldBe(200);
        (await owner.Api.Delete($"{customer}/members/{id}?{options.TrimStart('&')}")).ShouldBe(204);

        var takesKeys = options.Contains("Keys", StringComparison.Ordinal);
        var takesInvitations = options.Contains("Invitations", StringComparison.Ordinal);
        foreseen.Should().BeEquivalentTo([
            $"memberLosesAccess {id}",
            .. left.SelectMany(key => takesKeys ? new[] { $"keyRevoked {key}", $"keyStops {key}" } : [$"keyStays {key}"]),
            $"{(takesInvitations ? "invitationRevoked" : "invitationStays")} {invitation}"]);
        (await leaver.Api.Get(customer)).ShouldBeRefused(404, "not-found");
        foreach (var (key, api) in keys) { (await api.Get(customer)).Status.Should().Be(key == revoked || (takesKeys && left.Contains(key)) ? 401 : 200); }
        (await Open()).Contains(invitation).Should().Be(!takesInvitations);
        (await Open()).Should().HaveCount(takesInvitations ? 1 : 2, "the owner's own stays");
        var log = (await owner.Api.Get($"{customer}/audit-log?maxpagesize=200")).ShouldBe(200)["value"]!.AsArray().Select(happened => (string?)happened!["action"]).ToList();
        log.Count(action => action == "apiKey.revoked").Should().Be(takesKeys ? 4 : 1);
        log.Count(action => action == "member.invitationRevoked").Should().Be(takesInvitations ? 1 : 0);
        log.Should().ContainSingle(action => action == "member.removed");

        // What was left behind can be taken later: the request may come again.
        (await owner.Api.Delete($"{customer}/members/{id}?revokeKeys=true&revokeInvitations=true")).ShouldBe(204);
        foreach (var key in left) { (await keys[key].Get(customer)).ShouldBe(401); }
        (await Open()).Should().ContainSingle();

        async Task<string> Key(Api by, string name)
        {
            var key = (await by.Post($"{customer}/api-keys", new { name })).ShouldBe(201);
            keys[(string)key["id"]!] = app.Caller((string)key["key"]!);
            return (string)key["id"]!;
        }

        async Task<IReadOnlyList<string>> Open() => [.. (await owner.Api.Get($"{customer}/invitations")).ShouldBe(200)["value"]!.AsArray().Select(open => (string)open!["id"]!)];
    }

    [Theory]
    [InlineData("?revokeKey=true", "?revokeKey")]
    [InlineData("?revokeKeys=yes", "?revokeKeys")]
    [InlineData("?whatif=true", "?whatif")]
    public async Task A_misspelt_option_removes_nobody(string query, string parameter)
    {
        var app = await App.Shared;
        var (owner, customer) = await Person.Owning(app);
        (await app.Admin.Delete($"{customer}/members/{await owner.Id()}{query}")).ShouldBeRefused(400, "invalid-request", parameter);
    }

    [Fact]
    public async Task Who_leaves_takes_only_what_it_may_revoke()
    {
        var app = await App.Shared;
        var (_, customer) = await Person.Owning(app);
        var member = await Person.SignedUp(app);
        var path = $"{customer}/members/{await member.Id()}";
        (await app.Admin.Put(path, new { role = "member" })).ShouldBe(201);

        (await member.Api.Delete(path + "?revokeKeys=true")).ShouldBeRefused(403, "forbidden");
        (await member.Api.Delete(path + "?revokeInvitations=true")).ShouldBeRefused(403, "forbidden");
        (await member.Api.Delete(path + "?whatIf=true")).ShouldBe(200)["effects"]!.AsArray().Should().ContainSingle();
        (await member.Api.Delete(path)).ShouldBe(204);
    }
}
