namespace CustomerFunctions.Tests.Members;

public sealed class ListMembersTests
{
    [Fact]
    public async Task People_come_in_the_order_they_joined_a_page_at_a_time()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/members";
        var ids = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            var account = (await app.Admin.Post("/api/accounts", new { email = App.NewEmail(), name = $"Person {i}", password = Person.FirstPassword })).ShouldBe(201);
            ids.Add((string)account["id"]!);
            (await app.Admin.Put($"{path}/{ids[i]}", new { role = i == 0 ? "owner" : "viewer" })).ShouldBe(201);
        }

        var listed = new List<string>();
        for (var next = path + "?maxpagesize=2"; next is not null;)
        {
            var page = (await app.Admin.Get(next)).ShouldBe(200);
            listed.AddRange(page["value"]!.AsArray().Select(member => $"{member!["accountId"]} {member["name"]} {member["role"]}"));
            next = (string?)page["nextLink"];
        }

        listed.Should().Equal($"{ids[0]} Person 0 owner", $"{ids[1]} Person 1 viewer", $"{ids[2]} Person 2 viewer");
        (await app.Admin.Get(path + "?maxpagesize=0")).ShouldBeRefused(400, "invalid-request", "?maxpagesize");
    }
}
