namespace CustomerFunctions.Tests.Customers;

public sealed class SendEmailLinkTests
{
    private const string Link = "confirm-customer-email";

    [Fact]
    public async Task Another_link_takes_the_place_of_the_one_before_and_the_timer_sends_what_did_not_get_through()
    {
        await using var app = await App.StartWithoutSchedules();
        var (owner, path) = await Person.Owning(app);
        var reader = new Person(app, App.NewEmail());
        (await owner.Api.Patch(path, new { email = reader.Email }, "*")).ShouldBe(200);
        var first = await reader.LinkIn(Link);
        // A mail that an instance has left behind as it ended.
        (await owner.Api.Post($"{path}/email-link")).ShouldBe(202);
        var second = await reader.LinkIn(Link, count: 2);
        var stored = await app.ReadDocument("customers", path[^30..], path[^30..]);
        stored["mail"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject
        {
            ["id"] = "msg_left", ["template"] = Link, ["to"] = reader.Email, ["dueAt"] = stored["updatedAt"]!.DeepClone(), ["linkExpiresAt"] = stored["emailLink"]!["expiresAt"]!.DeepClone(),
        });
        stored["mailDueAt"] = stored["updatedAt"]!.DeepClone();
        await app.Data.Replace("customers", path[^30..], stored);

        var run = await app.Cloud.RunTimer("SendMail");
        ((int?)run["returnValue"]?["sent"]).Should().Be(1, "{0} {1}", run, app.Cloud.Errors());

        await reader.LinkIn(Link, count: 3);
        (await app.ReadDocument("customers", path[^30..], path[^30..]))["mail"].Should().BeNull();
        (await owner.Api.Get(path)).ShouldBe(200).ETag.Should().Contain((string)stored["writeId"]!, "sending is no change");
        (await app.Caller(key: null).Post("/api/auth/confirm-customer-email", new { token = first })).ShouldBeRefused(422, "link-unusable");
        (await app.Caller(key: null).Post("/api/auth/confirm-customer-email", new { token = second })).ShouldBe(204);
    }

    [Fact]
    public async Task Who_may_not_change_the_customer_has_no_link_mailed()
    {
        var app = await App.Shared;
        var (_, path) = await Person.Owning(app);
        var viewer = await Person.SignedUp(app);
        (await app.Admin.Put($"{path}/members/{await viewer.Id()}", new { role = "viewer" })).ShouldBe(201);

        (await viewer.Api.Post($"{path}/email-link")).ShouldBeRefused(403, "forbidden");
        (await app.Caller(key: null).Post($"{path}/email-link")).ShouldBeRefused(401, "unauthenticated");
    }
}
