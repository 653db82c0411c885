using CustomerFunctions.Shared;

namespace CustomerFunctions.Tests.ApiKeys;

public sealed class RevokeApiKeyTests
{
    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_stays_in_the_list()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var created = (await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name = "ci" })).ShouldBe(201);
        var holder = app.Caller((string)created["key"]!);
        (await holder.Get($"/api/customers/{customerId}")).ShouldBe(200);

        (await app.Admin.Delete($"/api/customers/{customerId}/api-keys/{created["id"]}")).ShouldBe(204);

        (await holder.Get($"/api/customers/{customerId}")).ShouldBeRefused(401, "key-revoked");
        var listed = (await app.Admin.Get($"/api/customers/{customerId}/api-keys")).ShouldBe(200)["value"]![0]!;
        ((string?)listed["state"]).Should().Be("revoked");
        ((string?)listed["revokedBy"]).Should().Be("bootstrap-admin");
    }

    [Fact]
    public async Task Revoking_again_changes_nothing_and_succeeds()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var id = (string)(await app.Admin.Post($"/api/customers/{customerId}/api-keys", new { name = "ci" })).ShouldBe(201)["id"]!;
        (await app.Admin.Delete($"/api/customers/{customerId}/api-keys/{id}")).ShouldBe(204);
        var first = await app.ReadDocument("customers", customerId, id);

        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Admin.Delete($"/api/customers/{customerId}/api-keys/{id}")));

        answers.Should().OnlyContain(answer => answer.Status == 204);
        ((string?)(await app.ReadDocument("customers", customerId, id))["_etag"]).Should().Be((string?)first["_etag"]);
    }

    [Fact]
    public async Task A_key_can_revoke_itself_and_its_siblings_but_no_other_customers()
    {
        var app = await App.Shared;
        var (mine, theirs) = ((string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]!);
        var created = (await app.Admin.Post($"/api/customers/{mine}/api-keys", new { name = "ci" })).ShouldBe(201);
        var foreign = (await app.Admin.Post($"/api/customers/{theirs}/api-keys", new { name = "ci" })).ShouldBe(201);
        var holder = app.Caller((string)created["key"]!);

        (await holder.Delete($"/api/customers/{theirs}/api-keys/{foreign["id"]}")).ShouldBeRefused(404, "not-found");
        (await holder.Delete($"/api/customers/{mine}/api-keys/{foreign["id"]}")).ShouldBeRefused(404, "not-found");
        (await holder.Delete($"/api/customers/{mine}/api-keys/{created["id"]}")).ShouldBe(204);

        (await app.Caller((string)foreign["key"]!).Get($"/api/customers/{theirs}")).ShouldBe(200);
        (await holder.Get($"/api/customers/{mine}")).ShouldBeRefused(401, "key-revoked");
    }

    [Theory]
    [InlineData("x")]
    [InlineData("key_")]
    [InlineData("sva_01M7Y40N37J6FNPYS4GAQYTKN5")]
    [InlineData("key_01M7Y40N37J6FNPYS4GAQYTKN5")]
    public async Task An_id_that_names_no_key_is_not_found(string id)
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Delete($"/api/customers/{customerId}/api-keys/{id}")).ShouldBeRefused(404, "not-found");
        (await app.Admin.Delete($"/api/customers/{customerId}/api-keys/{Ids.Ulid(customerId)}")).ShouldBeRefused(404, "not-found");
    }
}
