using CustomerFunctions.Edge;

namespace CustomerFunctions.Tests.Edge;

public sealed class FailuresTests
{
    [Fact]
    public void Every_refusal_has_a_stable_code_a_title_and_a_status_that_fits()
    {
        Failures.All.Should().NotBeEmpty().And.OnlyContain(kind => kind.Key == kind.Value.Code);
        foreach (var kind in Failures.All.Values)
        {
            kind.Code.Should().MatchRegex("^[a-z]+(-[a-z]+)*$");
            kind.Title.Should().MatchRegex(@"^[A-Z].*[^.]$");
            kind.Status.Should().BeOneOf(400, 401, 403, 404, 405, 409, 411, 412, 413, 415, 422, 428, 429, 500, 503);
        }
    }

    [Fact]
    public async Task The_url_of_every_problem_type_explains_it()
    {
        var app = await App.Shared;
        var anyone = app.Caller(key: null);

        foreach (var kind in Failures.All.Values)
        {
            var explained = (await anyone.Get("/api/problems/" + kind.Code)).ShouldBe(200);
            ((string?)explained["title"]).Should().Be(kind.Title);
            ((int?)explained["status"]).Should().Be(kind.Status);
        }
        (await anyone.Get("/api/problems/no-such")).ShouldBeRefused(404, "not-found");
    }
}
