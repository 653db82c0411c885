using System.Net.Http.Headers;

namespace CustomerFunctions.Tests.Access;

/// <summary>Whatever age a caller accepts, the door decides on what is so now.</summary>
public sealed class FreshReadingTests
{
    [Fact]
    public async Task Who_was_let_in_a_moment_ago_is_refused_by_the_other_instance_at_once_however_old_an_answer_may_be()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "2");
        var here = await app.AdminAt(0);
        foreach (var (code, status, change) in new (string Code, int Status, Func<string, string, Task<Answer>> Change)[]
        {
            ("not-found", 404, (path, person) => here.Delete($"{path}/members/{person}")),
            ("customer-suspended", 403, (path, _) => here.Post(path + "/deactivate")),
            ("address-not-allowed", 403, (path, _) => here.Put(path + "/ip-rules", new { networks = new[] { "203.0.113.0/24" } }, "*")),
            ("not-found", 404, (path, _) => here.Delete(path, "*")),
        })
        {
            var customer = (string)(await app.CreateCustomer())["id"]!;
            var (path, person) = ($"/api/customers/{customer}", await Person.SignedUp(app));
            (await app.Admin.Put($"{path}/members/{await person.Id()}", new { role = "viewer" })).ShouldBe(201);
            var there = await app.CallerOf(1, person.AccessToken);
            (await Aged(there, path)).ShouldBe(200);
            (await Aged(there, path)).ShouldBe(200);

            (await change(path, await person.Id())).Status.Should().BeOneOf(200, 204);

            (await Aged(there, path)).ShouldBeRefused(status, code);
        }
    }

    [Fact]
    public async Task A_read_that_accepts_an_age_costs_a_key_one_point_read_and_staff_none()
    {
        await using var app = await App.StartWithoutSchedules();
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}";
        var holder = app.Caller(await app.CreateApiKey(path.Split('/')[^1]));
        foreach (var caller in new[] { holder, app.Admin }) { (await Aged(caller, path)).ShouldBe(200); }

        (await Reads(holder)).Should().BeInRange(1, 2, "what is remembered of the key is good for ten seconds");
        (await Reads(app.Admin)).Should().Be(0, "what staff may does not stand in the customer");
        (await Aged(app.Admin, path)).Headers.Age.Should().NotBeNull();

        async Task<int> Reads(Api caller)
        {
            await app.Cloud.ResetRequests();
            (await Aged(caller, path)).ShouldBe(200);
            return (int?)(await app.Cloud.Requests())["cosmos"] ?? 0;
        }
    }

    private static Task<Answer> Aged(Api caller, string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, caller.Url(path));
        request.Headers.CacheControl = new CacheControlHeaderValue { MaxAge = TimeSpan.FromSeconds(10) };
        return caller.Send(request);
    }
}
