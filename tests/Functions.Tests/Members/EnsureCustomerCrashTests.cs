namespace CustomerFunctions.Tests.Members;

public sealed class EnsureCustomerCrashTests
{
    /// <summary>More calls than the request makes; the last cells see it run to its end.</summary>
    private const int Calls = 12;

    [Fact]
    public async Task Wherever_it_dies_the_next_request_gets_the_one_customer()
    {
        await using var app = await App.StartWithoutSchedules();
        // Before anything dies: an instance that does takes the sign-in permits with it that it held for this address.
        var people = new List<Person>();
        for (var i = 0; i < Calls; i++) { people.Add(await Person.SignedUp(app)); }
        for (var skip = 0; skip < Calls; skip++)
        {
            var person = people[skip];
            var path = $"/api/accounts/{await person.Id()}/customers";
            await app.Cloud.Fault(new { service = "cosmos", kind = "kill", skip, count = 1, when = skip % 2 == 0 ? "after" : "before", seconds = 20 });
            try { await person.Api.Post(path); }
            catch (HttpRequestException) { }
            await app.Cloud.ClearFaults();

            Answer? again = null;
            await Eventually.True(async () => (again = await person.Api.Post(path)).Status is 200 or 201, TimeSpan.FromSeconds(40), $"the request after the one that died at call {skip} succeeds");

            (await app.Data.All("customers")).Where(document => (string?)document["type"] == "customer" && (string?)document["email"] == person.Email).Should().ContainSingle();
            (await person.Api.Get(path)).ShouldBe(200)["value"]!.AsArray().Single()!["customerId"]!.ToString().Should().Be((string?)again!["customerId"]);
        }
    }
}
