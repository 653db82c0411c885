using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LocalAzure.Tests.FunctionsHost;

public sealed class InstancesTests
{
    [Fact]
    public async Task Requests_take_turns_among_the_instances()
    {
        await using var cloud = await LocalAzureProcess.Start(null, null, "--instances", "2");

        var first = await Pid(cloud);
        var second = await Pid(cloud);

        second.Should().NotBe(first);
        (await Pid(cloud)).Should().Be(first);
    }

    [Fact]
    public async Task A_timer_runs_on_the_instance_that_is_asked_for()
    {
        await using var cloud = await LocalAzureProcess.Start(null, null, "--instances", "2");

        foreach (var instance in (int[])[1, 1, 0])
        {
            using var answer = await cloud.Local.PostAsync($"/timers/Tick/run?instance={instance}", null);
            (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("instance").GetInt32().Should().Be(instance);
        }
    }

    [Fact]
    public async Task An_app_that_exits_is_started_again_and_requests_wait_for_it()
    {
        await using var cloud = await LocalAzureProcess.Start();
        var before = await Pid(cloud);

        (await cloud.App.GetAsync("/api/exit")).StatusCode.Should().Be(HttpStatusCode.BadGateway);

        (await Pid(cloud)).Should().NotBe(before);
        (await Instance(cloud, 0)).GetProperty("restarts").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task A_killed_instance_is_replaced_while_the_other_answers()
    {
        await using var cloud = await LocalAzureProcess.Start(null, null, "--instances", "2");
        var other = (await Instance(cloud, 1)).GetProperty("pid").GetInt32();

        using var killed = await cloud.Local.PostAsync("/instances/0/kill", null);

        killed.StatusCode.Should().Be(HttpStatusCode.OK);
        (await Pid(cloud)).Should().BePositive();
        (await Instance(cloud, 1)).GetProperty("pid").GetInt32().Should().Be(other);
    }

    [Fact]
    public async Task A_stopped_instance_gets_no_requests_until_it_goes_on()
    {
        await using var cloud = await LocalAzureProcess.Start(null, null, "--instances", "2");
        using var stopped = await cloud.Local.PostAsync("/instances/0/stop", null);
        if (OperatingSystem.IsWindows())
        {
            stopped.StatusCode.Should().Be(HttpStatusCode.NotImplemented);
            return;
        }

        (await Instance(cloud, 0)).GetProperty("state").GetString().Should().Be("stopped");
        (await Pid(cloud)).Should().Be(await Pid(cloud));
        (await cloud.Local.PostAsync("/instances/0/continue", null)).StatusCode.Should().Be(HttpStatusCode.OK);
        (await Pid(cloud)).Should().NotBe(await Pid(cloud));
    }

    private static async Task<int> Pid(LocalAzureProcess cloud) => (await cloud.App.GetFromJsonAsync<SampleApp.Seen>("/api/echo"))!.Pid;

    private static async Task<JsonElement> Instance(LocalAzureProcess cloud, int index) => (await cloud.Get<JsonElement>("/instances"))[index];
}
