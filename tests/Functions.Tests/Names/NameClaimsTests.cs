using System.Net;
using CustomerFunctions.Names;

namespace CustomerFunctions.Tests.Names;

/// <summary>Names stay unique and none is lost, wherever a request dies, and whoever wakes up late.</summary>
public sealed class NameClaimsTests
{
    private const string Writes = "^(POST|PUT) /dbs/customers/colls/(directory|customers)/docs";

    [Fact]
    public async Task A_creation_that_dies_at_any_of_its_writes_is_healed_by_the_next_one()
    {
        await using var app = await App.StartWithoutSchedules();
        for (var write = 0; write < 3; write++)
        {
            foreach (var when in new[] { "before", "after" })
            {
                var body = new { name = $"Phoenix {write} {when}", email = App.NewEmail() };
                await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation = Writes, skip = write, count = 1, when });
                (await app.Admin.Post("/api/customers", body)).Status.Should().BeOneOf(500, 502);
                await app.Cloud.ClearFaults();
                await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));

                var again = await Repeat(() => app.Admin.Post("/api/customers", body));

                again.Status.Should().Be(write == 2 && when == "after" ? 409 : 201, "killed {0} write {1}: {2}", when, write, again.Body);
                (await app.Data.CustomersWith(body.email)).Should().HaveCount(1);
                (await app.Data.Orphans()).Should().BeEmpty();
            }
        }
    }

    [Fact]
    public async Task A_change_of_email_that_dies_at_any_of_its_writes_can_be_made_again_and_the_old_one_becomes_free()
    {
        await using var app = await App.StartWithoutSchedules();
        for (var write = 0; write < 2; write++)
        {
            foreach (var when in new[] { "before", "after" })
            {
                var (old, fresh) = (App.NewEmail(), App.NewEmail());
                var path = $"/api/customers/{(await app.CreateCustomer(old, $"Mover {write} {when}"))["id"]}";
                await app.Cloud.Fault(new { service = "cosmos", kind = "kill", operation = Writes, skip = write, count = 1, when });
                (await app.Admin.Patch(path, new { email = fresh }, "*")).Status.Should().BeOneOf(500, 502);
                await app.Cloud.ClearFaults();
                await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));

                (await Repeat(() => app.Admin.Patch(path, new { email = fresh }, "*"))).ShouldBe(200);

                (await Repeat(() => app.Admin.Post("/api/customers", new { name = $"Heir {write} {when}", email = old }))).ShouldBe(201);
                (await app.Admin.Post("/api/customers", new { name = "Third", email = fresh })).ShouldBeRefused(409, "email-taken");
                (await app.Data.Orphans()).Should().BeEmpty();
            }
        }
    }

    [Fact]
    public async Task Names_that_a_change_has_left_are_free_at_once()
    {
        var app = await App.Shared;
        var (email, slug) = (App.NewEmail(), "old-" + Guid.NewGuid().ToString("N")[..12]);
        var path = $"/api/customers/{(await app.Admin.Post("/api/customers", new { name = "Mover", email, slug })).ShouldBe(201)["id"]}";
        (await app.Admin.Patch(path, new { email = App.NewEmail(), slug = slug + "-new" }, "*")).ShouldBe(200);

        (await app.Admin.Post("/api/customers", new { name = "Heir", email, slug })).ShouldBe(201);
        (await app.Admin.Patch(path, new { email }, "*")).ShouldBeRefused(409, "email-taken");
    }

    [Fact]
    public async Task Names_that_a_refused_change_has_wanted_are_free_at_once()
    {
        var app = await App.Shared;
        var (email, slug) = (App.NewEmail(), (string)(await app.CreateCustomer())["slug"]!);
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        (await app.Admin.Patch(path, new { email, slug }, "*")).ShouldBeRefused(409, "slug-taken");

        (await app.Admin.Post("/api/customers", new { name = "Heir", email })).ShouldBe(201);
    }

    [Fact]
    public async Task A_process_that_slept_through_a_take_over_cannot_make_a_second_customer()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var (sleeper, other) = (await app.CallerOf(0, app.AdminKey), await app.CallerOf(1, app.AdminKey));
        await Task.WhenAll(sleeper.Get("/api/customers"), other.Get("/api/customers"));
        var body = new { name = "Rip van Winkle", email = App.NewEmail() };
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", operation = Writes, skip = 1, count = 1, milliseconds = 1500 });
        var late = sleeper.Post("/api/customers", body);
        await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, TimeSpan.FromSeconds(10), "the slug's claim is on its way");
        var stopped = await app.Cloud.OnInstance(0, "stop");
        if (stopped.StatusCode == HttpStatusCode.NotImplemented) { await late; return; }
        await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));

        var winner = (await Repeat(() => other.Post("/api/customers", body))).ShouldBe(201);
        await app.Cloud.OnInstance(0, "continue");

        (await late).Status.Should().BeOneOf(409, 503);
        (await app.Data.CustomersWith(body.email)).Should().ContainSingle().Which["id"]!.GetValue<string>().Should().Be((string?)winner["id"]);
        (await app.Data.Orphans()).Should().BeEmpty();
    }

    [Fact]
    public async Task A_customer_that_takes_its_old_email_back_wins_over_a_take_over_that_is_under_way()
    {
        await using var app = await App.StartWithoutSchedules();
        var old = App.NewEmail();
        var path = $"/api/customers/{(await app.CreateCustomer(old))["id"]}";
        // The change cannot give its old claim back, and leaves it behind.
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation = "^DELETE /dbs/customers/colls/directory/docs", seconds = 300 });
        (await app.Admin.Patch(path, new { email = App.NewEmail() }, "*")).ShouldBe(200);
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(NameClaims.Grace + TimeSpan.FromSeconds(1));
        await app.Cloud.Fault(new { service = "cosmos", kind = "latency", operation = "^PUT /dbs/customers/colls/directory/docs", count = 1, milliseconds = 3000 });

        var taking = app.Admin.Post("/api/customers", new { name = "Heir", email = old });
        await Eventually.True(async () => (await app.Cloud.Faults()).Count == 0, TimeSpan.FromSeconds(10), "the take-over is on its way");
        (await app.Admin.Patch(path, new { email = old }, "*")).ShouldBe(200);

        (await taking).ShouldBeRefused(409, "email-taken");
        (await app.Data.CustomersWith(old)).Should().HaveCount(1);
    }

    /// <summary>As a client does: again while the answer is 503, or the host has no instance to ask.</summary>
    private static async Task<Answer> Repeat(Func<Task<Answer>> call)
    {
        Answer? answer = null;
        await Eventually.True(async () => (answer = await call()).Status is not (500 or 502 or 503), TimeSpan.FromSeconds(60), "there is an answer");
        return answer!;
    }
}
