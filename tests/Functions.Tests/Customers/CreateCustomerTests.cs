using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Customers;

public sealed class CreateCustomerTests
{
    [Fact]
    public async Task A_name_and_an_email_are_enough_and_the_trial_starts_by_itself()
    {
        var app = await App.Shared;
        var email = App.NewEmail();

        var created = (await app.Admin.Post("/api/customers", new { name = "Grace Hopper", email })).ShouldBe(201);

        var customer = created.Object;
        ((string)customer["id"]!).Should().StartWith("cus_");
        ((string)customer["status"]!).Should().Be("active");
        ((string)customer["trial"]!["status"]!).Should().Be("active");
        ((int)customer["trial"]!["unitsLimit"]!).Should().Be(10);
        (customer["trial"]!["endsAt"]!.GetValue<DateTimeOffset>() - customer["trial"]!["startedAt"]!.GetValue<DateTimeOffset>()).Should().Be(TimeSpan.FromDays(14));
        ((string)customer["subscription"]!["status"]!).Should().Be("trialing");
        created.Headers.Location!.ToString().Should().Be($"/api/customers/{customer["id"]}");

        var read = (await app.Admin.Get($"/api/customers/{customer["id"]}")).ShouldBe(200);
        JsonNode.DeepEquals(read.Object, customer).Should().BeTrue();
        read.ETag.Should().Be(created.ETag);
    }

    [Fact]
    public async Task Of_fifty_concurrent_creates_of_one_email_exactly_one_succeeds()
    {
        var app = await App.Shared;
        var email = App.NewEmail();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => app.Admin.Post("/api/customers", new { name = $"Racer {i}", email })));

        answers.Count(answer => answer.Status == 201).Should().Be(1);
        answers.Where(answer => answer.Status != 201).Should().AllSatisfy(answer => answer.ShouldBeRefused(409, "email-taken"));
        var found = (await app.Admin.Get($"/api/customers?q={email.Split('@')[0].Split('.')[1][..16]}")).ShouldBe(200);
        found["value"]!.AsArray().Should().HaveCount(1);
    }
}
