using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace LocalAzure.Tests.FunctionsHost;

public sealed class TimerTests(RunningHost host) : IClassFixture<RunningHost>
{
    private readonly LocalAzureProcess cloud = host.Cloud;

    [Fact]
    public async Task A_run_by_hand_answers_with_its_outcome_when_it_has_finished()
    {
        var (status, run) = await Run(cloud, "Tick");

        status.Should().Be(HttpStatusCode.OK);
        run.GetProperty("statusCode").GetInt32().Should().Be(200);
        run.GetProperty("logs").EnumerateArray().Select(line => line.GetString()).Should().Equal("ticked");
    }

    [Fact]
    public async Task The_app_gets_the_hosts_envelope()
    {
        var (_, run) = await Run(cloud, "Tick");
        var envelope = run.GetProperty("returnValue");
        var timer = envelope.GetProperty("Data").GetProperty("timer");
        var sys = envelope.GetProperty("Metadata").GetProperty("sys");

        timer.GetProperty("Schedule").GetProperty("AdjustForDST").GetBoolean().Should().BeTrue();
        timer.GetProperty("IsPastDue").GetBoolean().Should().BeFalse();
        timer.GetProperty("ScheduleStatus").GetProperty("Next").GetDateTime().Should().BeAfter(sys.GetProperty("UtcNow").GetDateTime());
        sys.GetProperty("MethodName").GetString().Should().Be("Tick");
        sys.GetProperty("RandGuid").GetGuid().Should().NotBeEmpty();
    }

    [Theory]
    [InlineData("Fail", 500, "The app answered 500.")]
    [InlineData("Empty", 200, "The app answered with an empty body.")]
    public async Task An_answer_that_is_none_fails_the_run(string function, int statusCode, string failure)
    {
        var (status, run) = await Run(cloud, function);

        status.Should().Be(HttpStatusCode.BadGateway);
        run.GetProperty("statusCode").GetInt32().Should().Be(statusCode);
        run.GetProperty("failure").GetString().Should().Be(failure);
    }

    [Fact]
    public async Task A_run_that_takes_longer_than_the_function_timeout_fails_and_its_instance_is_restarted()
    {
        using var app = new SampleAppFolder(timeout: "00:00:01");
        await using var impatient = await LocalAzureProcess.Start(app);

        var (status, run) = await Run(impatient, "Hang");

        status.Should().Be(HttpStatusCode.BadGateway);
        run.GetProperty("failure").GetString().Should().Contain("Timeout value of 00:00:01 exceeded");
        (await impatient.App.GetAsync("/api/echo")).StatusCode.Should().Be(HttpStatusCode.OK);
        (await impatient.Get<JsonElement>("/instances"))[0].GetProperty("restarts").GetInt32().Should().Be(1);
    }

    [Fact]
    public async Task The_hosts_admin_endpoint_accepts_the_master_key_only()
    {
        (await Admin("Tick", null)).Should().Be(HttpStatusCode.Unauthorized);
        (await Admin("Tick", "wrong")).Should().Be(HttpStatusCode.Unauthorized);
        (await Admin("Tick", cloud.Endpoints.MasterKey)).Should().Be(HttpStatusCode.Accepted);
        (await Admin("Nothing", cloud.Endpoints.MasterKey)).Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task An_unknown_timer_or_instance_is_a_404()
    {
        (await cloud.Local.PostAsync("/timers/Nothing/run", null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await cloud.Local.PostAsync("/timers/Tick/run?instance=7", null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
        (await cloud.Local.PostAsync("/instances/7/kill", null)).StatusCode.Should().Be(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_due_time_that_the_clock_jumped_over_is_made_up_for_once_and_past_due()
    {
        await using var own = await LocalAzureProcess.Start(null, null, "--setting", "TickSchedule=0 0 * * * *");

        await own.Local.PostAsJsonAsync("/clock", new { advance = "3.00:30:00" });

        var run = await Eventually(async () => (await Timer(own, "Tick")).GetProperty("lastRun"), run => run.ValueKind == JsonValueKind.Object);
        var timer = run.GetProperty("returnValue").GetProperty("Data").GetProperty("timer");
        timer.GetProperty("IsPastDue").GetBoolean().Should().BeTrue();
        var now = (await own.Get<JsonElement>("/clock")).GetProperty("utcNow").GetDateTimeOffset();
        var next = await Eventually(async () => (await Timer(own, "Tick")).GetProperty("next").GetDateTimeOffset(), next => next > now);
        next.Should().BeWithin(TimeSpan.FromHours(1)).After(now);
    }

    [Fact]
    public async Task A_schedule_fires_when_it_is_due()
    {
        await using var own = await LocalAzureProcess.Start(null, null, "--setting", "TickSchedule=* * * * * *");

        var first = await Eventually(() => LastStart(own), start => start is not null);
        var second = await Eventually(() => LastStart(own), start => start > first);

        second.Should().BeAfter(first!.Value);
    }

    [Fact]
    public async Task What_was_due_while_LocalAzure_was_off_is_made_up_for_at_the_next_start()
    {
        using var app = new SampleAppFolder();
        using var folder = new LocalAzure.Tests.Tls.TemporaryFolder();
        var state = folder["state"];
        await using (var first = await LocalAzureProcess.Start(app, state, "--setting", "TickSchedule=0 0 * * * *")) { }
        // As if a day had passed while nothing ran.
        await File.WriteAllBytesAsync(Path.Combine(state, "clock"), BitConverter.GetBytes(TimeSpan.FromDays(1).Ticks));

        await using var second = await LocalAzureProcess.Start(app, state, "--setting", "TickSchedule=0 0 * * * *");

        var run = await Eventually(async () => (await Timer(second, "Tick")).GetProperty("lastRun"), run => run.ValueKind == JsonValueKind.Object);
        run.GetProperty("returnValue").GetProperty("Data").GetProperty("timer").GetProperty("IsPastDue").GetBoolean().Should().BeTrue();
    }

    [Fact]
    public async Task A_disabled_timer_has_no_schedule_and_still_runs_by_hand()
    {
        await using var own = await LocalAzureProcess.Start(null, null, "--setting", "AzureWebJobs.Tick.Disabled=true", "--setting", "TickSchedule=* * * * * *");

        (await Timer(own, "Tick")).GetProperty("isDisabled").GetBoolean().Should().BeTrue();
        (await Timer(own, "Tick")).GetProperty("next").ValueKind.Should().Be(JsonValueKind.Null);
        (await Run(own, "Tick")).Status.Should().Be(HttpStatusCode.OK);
    }

    private static async Task<(HttpStatusCode Status, JsonElement Run)> Run(LocalAzureProcess cloud, string function)
    {
        using var answer = await cloud.Local.PostAsync($"/timers/{function}/run", null);
        return (answer.StatusCode, await answer.Content.ReadFromJsonAsync<JsonElement>());
    }

    private async Task<HttpStatusCode> Admin(string function, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/admin/functions/{function}") { Content = JsonContent.Create(new { }) };
        if (key is not null) { request.Headers.Add("x-functions-key", key); }
        using var answer = await cloud.App.SendAsync(request);
        return answer.StatusCode;
    }

    private static async Task<JsonElement> Timer(LocalAzureProcess cloud, string name) =>
        (await cloud.Get<JsonElement>("/timers")).EnumerateArray().Single(timer => timer.GetProperty("name").GetString() == name);

    private static async Task<DateTimeOffset?> LastStart(LocalAzureProcess cloud) =>
        (await Timer(cloud, "Tick")).GetProperty("lastRun") is { ValueKind: JsonValueKind.Object } run ? run.GetProperty("started").GetDateTimeOffset() : null;

    /// <summary>Asks again until the answer is the one that was waited for.</summary>
    private static async Task<T> Eventually<T>(Func<Task<T>> ask, Func<T, bool> isThere)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (true)
        {
            var answer = await ask();
            if (isThere(answer)) { return answer; }
            patience.Token.ThrowIfCancellationRequested();
        }
    }
}
