using System.Text.Json.Nodes;
using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.ServiceAccounts;

/// <summary>Reading service accounts and their keys, and rotating by hand.</summary>
public sealed class ServiceAccountRoutesTests
{
    [Fact]
    public async Task An_account_reads_as_it_was_created_and_its_list_pages()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var accounts = $"/api/customers/{customerId}/service-accounts";
        var created = new List<string>();
        for (var i = 0; i < 3; i++) { created.Add((string)(await app.CreateServiceAccount(customerId, $"account {i}"))["id"]!); }

        var read = (await app.Admin.Get($"{accounts}/{created[0]}")).ShouldBe(200);
        var first = (await app.Admin.Get($"{accounts}?maxpagesize=2")).ShouldBe(200);
        var second = (await app.Admin.Get((string)first["nextLink"]!)).ShouldBe(200);

        read.ETag.Should().Be((string)read["etag"]!);
        JsonNode.DeepEquals(first["value"]![0], read.Object).Should().BeTrue();
        first["value"]!.AsArray().Concat(second["value"]!.AsArray()).Select(account => (string)account!["id"]!).Should().Equal(created);
        second.Object.Should().NotContainKey("nextLink");
    }

    [Theory]
    [InlineData(RotatedAccount.ApiCredential)]
    [InlineData(RotatedAccount.StorageAccountKeys)]
    public async Task Rotating_by_hand_answers_where_to_follow_it_and_a_second_time_with_a_link_to_the_first(string kind)
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, kind);
        var (before, _) = await account.Current();

        var accepted = (await app.Admin.Post(account.Path + "/rotate")).ShouldBe(202);

        var operation = accepted.Headers.GetValues("Operation-Location").Single();
        operation.Should().StartWith(app.Cloud.Endpoint("functions") + account.Path + "/rotations/rot_");
        var rotation = (await app.Admin.Get(operation)).ShouldBe(200);
        ((string?)rotation["status"]).Should().Be("Succeeded");
        ((string?)rotation["trigger"]).Should().Be("manual");
        ((string?)rotation["requestedBy"]).Should().Be("bootstrap-admin");
        (rotation["overlapEndsAt"]!.GetValue<DateTimeOffset>() - rotation["promotedAt"]!.GetValue<DateTimeOffset>()).Should().Be(RotatedAccount.Overlap);
        var (after, _) = await account.Current();
        after.Should().NotBe(before);
        (await account.Accepts(before)).Should().BeTrue();
        (await account.Accepts(after)).Should().BeTrue();

        var refused = (await app.Admin.Post(account.Path + "/rotate")).ShouldBeRefused(409, "rotation-in-progress");
        operation.Should().EndWith((string)refused["link"]!);
        (await account.Current()).Value.Should().Be(after);
    }

    [Fact]
    public async Task Of_many_that_rotate_by_hand_at_once_one_does()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.StorageAccountKeys);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => app.Admin.Post(account.Path + "/rotate")));

        answers.Count(answer => answer.Status == 202).Should().Be(1);
        answers.Where(answer => answer.Status != 202).Should().AllSatisfy(answer => answer.ShouldBeRefused(409, "rotation-in-progress"));
        await account.ShouldHaveOneCurrentKey();
        (await account.Versions()).Should().HaveCount(2);
    }

    [Fact]
    public async Task Keys_are_listed_by_state_and_never_with_a_value_or_hash()
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        (await app.Admin.Post(account.Path + "/rotate", new { mode = "normal", reason = new string('x', 501) })).ShouldBeRefused(400, "invalid-request", "/reason");
        var rotation = (await app.Admin.Post(account.Path + "/rotate", new { mode = "normal", reason = " Ada has left us " })).ShouldBe(202);

        var keys = (await app.Admin.Get(account.Path + "/keys")).ShouldBe(200);

        keys["value"]!.AsArray().Select(key => (string?)key!["state"]).Should().Equal("current", "retiring");
        keys["value"]!.AsArray().Select(key => ((string?)key!["trigger"], (string?)key["reason"])).Should().Equal(("manual", "Ada has left us"), ("initial", null));
        ((string?)rotation["reason"]).Should().Be("Ada has left us");
        (await app.Admin.Get($"/api/customers/{account.CustomerId}/audit-log")).ShouldBe(200)["value"]!.AsArray().Where(happened => (string?)happened!["metadata"]?["reason"] == "Ada has left us")
            .Select(happened => (string?)happened!["action"]).Should().BeEquivalentTo(["serviceAccount.rotationRequested", "serviceAccount.rotated"]);
        (keys["value"]![0]!["expiresAt"]!.GetValue<DateTimeOffset>() - keys["value"]![0]!["activatedAt"]!.GetValue<DateTimeOffset>()).Should().BeCloseTo(RotatedAccount.Interval + RotatedAccount.Overlap + TimeSpan.FromDays(30), TimeSpan.FromMinutes(1));
        var (value, keyId) = await account.Current();
        ((string?)keys["value"]![0]!["id"]).Should().Be(keyId);
        keys.Body.Should().NotContain(value).And.NotContain(ApiKeyText.Parse(value)!.Hash()).And.NotContain("hash");
        (await app.Admin.Get(account.Path)).Body.Should().NotContain("hash").And.NotContain(value);
        (await account.Document()).ToJsonString().Should().NotContain(value);
    }

    [Theory]
    [InlineData("GET", "")]
    [InlineData("GET", "/keys")]
    [InlineData("POST", "/rotate")]
    [InlineData("GET", "/rotations/rot_01J00000000000000000000000")]
    public async Task What_does_not_exist_is_foreign_or_is_of_a_closed_customer_is_not_found(string method, string route)
    {
        var app = await App.Shared;
        var account = await RotatedAccount.Create(app, RotatedAccount.ApiCredential);
        var verb = new HttpMethod(method);
        var foreign = app.Caller(await app.CreateApiKey((string)(await app.CreateCustomer())["id"]!));
        var accounts = $"/api/customers/{account.CustomerId}/service-accounts";

        (await foreign.Send(verb, account.Path + route)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Send(verb, $"{accounts}/sva_01J00000000000000000000000{route}")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Send(verb, $"{accounts}/{account.CustomerId}{route}")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Send(verb, $"{accounts}/..%2F{account.CustomerId}{route}")).ShouldBeRefused(404, "not-found");

        var customer = (await app.Admin.Get($"/api/customers/{account.CustomerId}")).ShouldBe(200);
        (await app.Admin.Delete($"/api/customers/{account.CustomerId}", customer.ETag)).ShouldBe(204);
        (await app.Admin.Send(verb, account.Path + route)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(accounts)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Post(accounts, RotatedAccount.Body(RotatedAccount.ApiCredential, null, "late"))).ShouldBeRefused(404, "not-found");
    }
}
