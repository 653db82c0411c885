using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Edge;

public sealed class HealthApiTests
{
    [Fact]
    public async Task An_app_whose_dependencies_answer_is_alive_and_ready()
    {
        var app = await App.Shared;
        ((string?)(await app.Caller(key: null).Get("/api/health/live")).ShouldBe(200)["status"]).Should().Be("alive");

        var ready = (await app.Caller(key: null).Get("/api/health/ready")).ShouldBe(200);

        ((string?)ready["status"]).Should().Be("ready");
        ready["dependencies"]!.AsObject().Select(dependency => (dependency.Key, (string?)dependency.Value!["state"]))
            .Should().BeEquivalentTo([("cosmos", "ok"), ("keyVault", "ok"), ("tables", "ok"), ("resourceManager", "ok")]);
    }

    [Fact]
    public async Task A_dependency_that_is_down_is_named_and_the_app_stays_alive()
    {
        await using var app = await App.StartWithoutSchedules();
        foreach (var service in new[] { "cosmos", "keyVault", "tables", "resourceManager" })
        {
            await app.Cloud.Fault(new { service, kind = "unavailable" });

            var ready = (await app.Caller(key: null).Get("/api/health/ready")).ShouldBe(503);

            ((string?)ready["status"]).Should().Be("unavailable");
            ready["dependencies"]!.AsObject().Where(dependency => (string?)dependency.Value!["state"] != "ok").Select(dependency => dependency.Key).Should().Equal(service);
            (await app.Caller(key: null).Get("/api/health/live")).ShouldBe(200);
            await app.Cloud.ClearFaults();
        }
        JsonNode.DeepEquals((await app.Caller(key: null).Get("/api/health/ready")).ShouldBe(200)["status"], "ready").Should().BeTrue();
    }
}
