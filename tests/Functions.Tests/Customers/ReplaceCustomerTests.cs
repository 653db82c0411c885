using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Customers;

public sealed class ReplaceCustomerTests
{
    [Fact]
    public async Task What_the_body_leaves_out_is_cleared_but_for_the_slug()
    {
        var app = await App.Shared;
        var email = App.NewEmail();
        var before = (await app.Admin.Post("/api/customers", CreateCustomerTests.FullFields(email))).ShouldBe(201);

        var after = (await app.Admin.Put(Path(before), new { name = "Augusta King", email }, before.ETag)).ShouldBe(200);

        ((string)after["name"]!).Should().Be("Augusta King");
        ((string)after["slug"]!).Should().Be((string)before["slug"]!);
        after.Object.Select(property => property.Key).Should().NotContain(["displayName", "phone", "address", "settings", "metadata", "contacts"]);
        ((string)after["createdAt"]!).Should().Be((string)before["createdAt"]!);
        after.ETag.Should().NotBe(before.ETag);
        JsonNode.DeepEquals((await app.Admin.Get(Path(before))).Object, after.Object).Should().BeTrue();
    }

    [Fact]
    public async Task What_was_read_can_be_sent_back()
    {
        var app = await App.Shared;
        var fields = CreateCustomerTests.FullFields(App.NewEmail());
        var before = (await app.Admin.Post("/api/customers", fields)).ShouldBe(201);

        var after = (await app.Admin.Put(Path(before), fields, before.ETag)).ShouldBe(200);

        foreach (var name in fields.Select(field => field.Key)) { JsonNode.DeepEquals(after[name], before[name]).Should().BeTrue(name); }
    }

    [Fact]
    public async Task A_change_without_an_etag_is_refused_with_428_and_a_stale_one_with_412()
    {
        var app = await App.Shared;
        var created = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);
        var body = new { name = "Ada B.", email = (string)created["email"]! };
        (await app.Admin.Put(Path(created), body)).ShouldBeRefused(428, "if-match-required");
        (await app.Admin.Put(Path(created), body, "garbage")).ShouldBeRefused(400, "invalid-request");

        var changed = (await app.Admin.Put(Path(created), body, created.ETag)).ShouldBe(200);

        (await app.Admin.Put(Path(created), body, created.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Put(Path(created), body, "W/" + changed.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Put(Path(created), body, $"\"other\", {changed.ETag}")).ShouldBe(200);
        (await app.Admin.Put(Path(created), body, "*")).ShouldBe(200);
    }

    [Fact]
    public async Task Of_twenty_concurrent_changes_from_one_etag_exactly_one_succeeds()
    {
        var app = await App.Shared;
        var created = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);

        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => app.Admin.Put(Path(created), new { name = $"Ada {i}", email = (string)created["email"]! }, created.ETag)));

        answers.Count(answer => answer.Status == 200).Should().Be(1);
        answers.Where(answer => answer.Status != 200).Should().AllSatisfy(answer => answer.ShouldBeRefused(412, "stale"));
    }

    [Fact]
    public async Task Somebody_elses_email_or_slug_is_refused_and_nothing_changes()
    {
        var app = await App.Shared;
        var other = await app.CreateCustomer();
        var created = (await app.Admin.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })).ShouldBe(201);

        (await app.Admin.Put(Path(created), new { name = "Ada", email = (string)other["email"]! }, created.ETag)).ShouldBeRefused(409, "email-taken");
        (await app.Admin.Put(Path(created), new { name = "Ada", email = (string)created["email"]!, slug = (string)other["slug"]! }, created.ETag)).ShouldBeRefused(409, "slug-taken");

        JsonNode.DeepEquals((await app.Admin.Get(Path(created))).Object, created.Object).Should().BeTrue();
    }

    private static string Path(Answer customer) => $"/api/customers/{customer["id"]}";
}
