using System.Text.Json.Nodes;
using CustomerFunctions.Notifications;

namespace CustomerFunctions.Tests.Notifications;

/// <summary>What a customer's people are told, through the routes that they read it by.</summary>
public sealed class NotificationsTests
{
    [Fact]
    public async Task What_people_should_know_of_is_told_newest_first_and_what_they_need_not_is_not()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
        (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "admin" })).ShouldBe(200);

        var notifications = await List(app, customer);

        notifications.Select(item => (string)item["type"]!).Should().Equal("customer.restored", "customer.suspended");
        notifications.Should().OnlyContain(item => (string)item["status"]! == "unread" && (string)item["targets"]![0]!["id"]! == customer);
        ((string)notifications[1]["level"]!).Should().Be("critical");
        ((long)notifications[0]["resourceVersion"]!).Should().BeGreaterThan((long)notifications[1]["resourceVersion"]!, "a receiver drops what is older than what it has");
    }

    [Fact]
    public async Task A_notification_is_read_once_and_for_all_of_the_customers_people()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
        var id = (string)(await List(app, customer)).Single()["id"]!;

        var read = (await app.Admin.Post($"/api/customers/{customer}/notifications/{id}/read")).ShouldBe(200).Object;
        var again = (await app.Admin.Post($"/api/customers/{customer}/notifications/{id}/read")).ShouldBe(200).Object;

        ((string)read["status"]!).Should().Be("read");
        JsonNode.DeepEquals(again, read).Should().BeTrue("who read it first stays");
        (await List(app, customer, "unread=true")).Should().BeEmpty();
        (await List(app, customer)).Should().ContainSingle();
    }

    [Fact]
    public async Task The_list_pages_and_filters_together()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        for (var i = 0; i < 3; i++)
        {
            (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
            (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "admin" })).ShouldBe(200);
        }
        var newest = (string)(await List(app, customer))[0]["id"]!;
        (await app.Admin.Post($"/api/customers/{customer}/notifications/{newest}/read")).ShouldBe(200);

        (await List(app, customer, "unread=true&maxpagesize=2")).Should().HaveCount(5).And.OnlyHaveUniqueItems(item => (string)item["id"]!);
        (await app.Admin.Get($"/api/customers/{customer}/notifications?unread=perhaps")).ShouldBeRefused(400, "invalid-request", "?unread");
        (await app.Admin.Post($"/api/customers/{customer}/notifications/ntf_x/read")).ShouldBeRefused(404, "not-found");
    }

    [Fact]
    public async Task Whoever_has_missed_some_gets_them_in_the_order_they_were_told()
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customer}/notifications";
        var key = (string)(await app.Admin.Post($"/api/customers/{customer}/api-keys", new { name = "ci" })).ShouldBe(201)["id"]!;
        // The key is rolled first, and that is told last: what it rides in until then cannot be delivered at once.
        await app.Cloud.Fault(new { service = "tables", kind = "unavailable", seconds = 300 });
        (await app.Admin.Post($"/api/customers/{customer}/api-keys/{key}/roll", new { gracePeriod = "PT24H" })).ShouldBe(200);
        await app.Cloud.ClearFaults();
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
        var last = (string)(await List(app, customer)).Should().ContainSingle().Subject["id"]!;
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");
        (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "admin" })).ShouldBe(200);
        foreach (var told in await List(app, customer)) { (await app.Admin.Post($"{path}/{told["id"]}/read")).ShouldBe(200); }

        var missed = await List(app, customer, $"after={last}&maxpagesize=1");

        missed.Select(item => (string)item["type"]!).Should().Equal(["apiKey.rolled", "customer.restored"], "also what somebody has read meanwhile");
        (await List(app, customer))[^1]["type"]!.ToString().Should().Be("apiKey.rolled", "it happened first");
        (await app.Admin.Get($"{path}?after=ntf_x")).ShouldBeRefused(400, "invalid-request", "?after");
        (await app.Admin.Get($"{path}?after={last}&unread=true")).ShouldBeRefused(400, "invalid-request", "?after");
    }

    [Theory]
    [InlineData("^POST /dbs/customers/colls/customers/docs$")]
    [InlineData("^PATCH /dbs/customers/colls/customers/docs/cus_")]
    public async Task What_could_not_be_told_at_once_is_told_later_and_once(string operation)
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = (string)(await app.CreateCustomer())["id"]!;
        // The notification is not written, or it is and the outbox that the event rides in is not cleared.
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation, seconds = 300 });
        (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));

        await app.Cloud.RunTimer("WriteAuditEvents");
        await app.Cloud.RunTimer("WriteAuditEvents");

        (await List(app, customer)).Should().ContainSingle().Which["type"]!.ToString().Should().Be("customer.suspended");
        (await app.ReadDocument("customers", customer, customer)).ContainsKey("outbox").Should().BeFalse();
    }

    [Fact]
    public void Every_notice_has_a_title_and_a_dotted_type() =>
        Notices.Types.Should().OnlyHaveUniqueItems().And.OnlyContain(type => type.Contains('.') && Notices.Find(type)!.Title.Length > 0);

    [Fact]
    public void Every_notice_is_of_an_event_that_something_records()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(LocalCloud.Metadata("RepositoryRoot"), "src", "Functions"), "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "Notices.cs" && !Path.GetRelativePath(LocalCloud.Metadata("RepositoryRoot"), file).Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}")).Select(File.ReadAllText).ToList();

        Notices.Types.Should().OnlyContain(type => sources.Any(source => source.Contains($"\"{type}\"")));
    }

    internal static async Task<IReadOnlyList<JsonObject>> List(App app, string customer, string query = "maxpagesize=200")
    {
        var all = new List<JsonObject>();
        for (var next = $"/api/customers/{customer}/notifications?{query}"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            all.AddRange(page["value"]!.AsArray().Select(item => item!.DeepClone().AsObject()));
            next = (string?)page["nextLink"];
        }
        return all;
    }
}
