namespace CustomerFunctions.Tests.Holds;

public sealed class SuspendCustomerTests
{
    [Fact]
    public async Task A_hold_says_why_when_and_who_and_a_second_time_changes_nothing()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";

        var suspended = (await app.Admin.Post(path + "/suspend", new { hold = "security", reason = " Stolen laptop " })).ShouldBe(200);

        ((string?)suspended["status"]).Should().Be("suspended");
        suspended["holds"]!.AsArray().Select(hold => (string?)hold).Should().Equal("security");
        var note = suspended["holdNotes"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)note["hold"], (string?)note["reason"], (string?)note["placedBy"]).Should().Be(("security", "Stolen laptop", "bootstrap-admin"));
        note["placedAt"]!.GetValue<DateTimeOffset>().Should().Be(suspended["updatedAt"]!.GetValue<DateTimeOffset>());
        var again = (await app.Admin.Post(path + "/suspend", new { hold = "security", reason = "Another" })).ShouldBe(200);
        again.Body.Should().Be(suspended.Body);
    }

    [Theory]
    [InlineData("""{"hold":"security"}""", "/reason", "required")]
    [InlineData("""{"hold":"security","reason":" "}""", "/reason", "empty")]
    [InlineData("""{"reason":"x"}""", "/hold", "required")]
    [InlineData("""{"hold":"mood","reason":"x"}""", "/hold", "wrong-type")]
    [InlineData("""{"hold":1,"reason":"x"}""", "/hold", "wrong-type")]
    public async Task A_hold_has_a_known_name_and_a_reason(string body, string field, string code)
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        (await app.Admin.Post($"/api/customers/{customer["id"]}/suspend", body)).ShouldBeRefused(400, "invalid-request", field)["errors"]![0]!["code"]!.GetValue<string>().Should().Be(code);
        (await app.Admin.Get($"/api/customers/{customer["id"]}")).ShouldBe(200).ETag.Should().Be((string)customer["etag"]!);
    }

    [Fact]
    public async Task A_hold_counts_from_the_next_request_on_every_instance_and_so_does_its_end()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var account = await app.CreateServiceAccount(customerId);
        string[] credentials = [await app.CreateApiKey(customerId), await app.CurrentSecret((string)account["secretName"]!)];
        var (here, path) = (await app.AdminAt(0), $"/api/customers/{customerId}");
        async Task ShouldAnswer(int status)
        {
            foreach (var instance in new[] { 0, 1 })
            {
                foreach (var credential in credentials) { (await (await app.CallerOf(instance, credential)).Get(path)).ShouldBe(status); }
            }
        }

        for (var round = 0; round < 3; round++)
        {
            await ShouldAnswer(200);
            (await here.Post(path + "/suspend", new { hold = "billing", reason = "Unpaid" })).ShouldBe(200);
            await ShouldAnswer(403);
            (await here.Post(path + "/restore", new { hold = "billing" })).ShouldBe(200);
        }
        await ShouldAnswer(200);
    }

    [Fact]
    public async Task Holds_that_are_placed_at_once_are_all_there()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        string[] holds = ["billing", "security", "admin", "customerRequest"];

        await Task.WhenAll(holds.SelectMany(hold => Enumerable.Range(0, 3).Select(async _ => (await app.Admin.Post(path + "/suspend", new { hold, reason = "x" })).ShouldBe(200))));

        var customer = (await app.Admin.Get(path)).ShouldBe(200);
        customer["holds"]!.AsArray().Select(hold => (string?)hold).Should().BeEquivalentTo(holds);
        customer["holdNotes"]!.AsArray().Select(note => (string?)note!["hold"]).Should().BeEquivalentTo(holds);
    }
}
