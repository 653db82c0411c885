using System.Globalization;
using Xunit.Abstractions;

namespace CustomerFunctions.Tests.Properties;

/// <summary>
/// An id names one customer for ever: whatever is created, closed, reopened, purged and asked for again in whatever
/// order, get-or-create never answers with an id that was purged, and makes a customer whenever the person has none.
/// The seed is printed; CUSTOMER_ID_SEED repeats a run.
/// </summary>
public sealed class CustomerIdProperties(ITestOutputHelper output)
{
    private const int People = 4;
    private const int Steps = 120;
    private readonly HashSet<string> made = [];
    private readonly HashSet<string> purged = [];
    private readonly List<string> history = [];
    private App app = null!;

    [Fact]
    public async Task No_history_of_creations_closings_and_purges_uses_an_id_twice()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("CUSTOMER_ID_SEED"), CultureInfo.InvariantCulture, out var set) ? set : Random.Shared.Next();
        output.WriteLine($"CUSTOMER_ID_SEED={seed}");
        var random = new Random(seed);
        await using (app = await App.StartWithoutSchedules())
        {
            var people = new List<(Person Person, string Id)>();
            for (var i = 0; i < People; i++)
            {
                var person = await Person.SignedUp(app);
                people.Add((person, await person.Id()));
            }
            for (var step = 0; step < Steps; step++)
            {
                var (person, account) = people[random.Next(People)];
                await Act(random, person, account);
            }
            made.Should().HaveCountGreaterThan(People, "customers were made again");
            purged.Should().NotBeEmpty("a run without a purge proves nothing");
        }
    }

    private async Task Act(Random random, Person person, string account)
    {
        var path = $"/api/accounts/{account}/customers";
        var mine = await Customers(path);
        switch (random.Next(8))
        {
            case 0 or 1 or 2:
                var answer = await app.Admin.Post(path);
                history.Add($"ensure {account}: {answer.Status} {answer.Body}");
                if (answer.Status == 409) { (await EmailIsElsewhere(person.Email)).Should().BeTrue(Story); break; }
                answer.Status.Should().Be(mine.Count == 0 ? 201 : 200, Story);
                var id = (string)answer["customerId"]!;
                purged.Should().NotContain(id, Story);
                if (answer.Status == 201) { made.Add(id).Should().BeTrue(Story); }
                else { mine.Should().Contain(id, Story); }
                break;
            case 3 or 4 when mine.Count > 0:
                (await app.Admin.Delete($"/api/customers/{mine[0]}", "*")).ShouldBe(204);
                history.Add($"close {mine[0]}");
                break;
            case 5 when made.Except(purged).ToList() is { Count: > 0 } all && all[random.Next(all.Count)] is var chosen:
                history.Add($"reopen {chosen}: {(await app.Admin.Post($"/api/customers/{chosen}/reopen")).Status}");
                break;
            case 6 when random.Next(2) == 0:
                await app.Cloud.Advance(TimeSpan.FromDays(random.Next(1, 40)));
                await app.Cloud.RunTimer("PurgeCustomers");
                var left = (await app.Data.All("customers")).Where(document => (string?)document["type"] == "customer").Select(document => (string)document["id"]!);
                purged.UnionWith(made.Except(left));
                history.Add($"purged {purged.Count}");
                break;
            case 7:
                await ShouldNameWhatCanBeHad(person, path);
                break;
        }
    }

    private async Task ShouldNameWhatCanBeHad(Person person, string path)
    {
        if ((await person.Api.Get("/api/auth/me")).Status == 401) { (await person.SignIn()).ShouldBe(200); }
        var me = (await person.Api.Get("/api/auth/me")).ShouldBe(200);
        var named = me["customers"]!.AsArray().Select(id => (string)id!).ToList();
        named.Should().BeEquivalentTo(await Customers(path), Story);
        foreach (var id in named) { (await person.Api.Get($"/api/customers/{id}")).ShouldBe(200); }
        ((string?)me.Object["defaultCustomerId"]).Should().Match(id => named.Count == 0 ? id == null : named.Contains(id), Story);
    }

    private async Task<IReadOnlyList<string>> Customers(string path) =>
        [.. (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Select(customer => (string)customer!["customerId"]!)];

    private async Task<bool> EmailIsElsewhere(string email) => (await app.Data.CustomersWith(email)).Any(customer => customer["deletedAt"] is null);

    private string Story => string.Join("; ", history);
}
