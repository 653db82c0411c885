using System.Text.Json;

namespace Infra.Tests.Packaging;

/// <summary>The function.json files against the app that runs from the same folder: what the host is told is what is there.</summary>
public sealed class FunctionFilesTests : IAsyncLifetime
{
    /// <summary>The description does not describe itself.</summary>
    private static readonly string[] Undescribed = ["GetOpenApiDocument"];

    private readonly IReadOnlyList<Function> functions = Repository.TestedApp.Functions;
    private FunctionsApp app = null!;

    [Fact]
    public async Task Every_described_operation_is_a_function_of_its_name_and_route_and_the_other_way_round()
    {
        var described = Operations(await Description());

        var declared = from function in functions
                       where function.IsHttp && !Undescribed.Contains(function.Name)
                       from method in function.Trigger.Methods!
                       select (function.Name, method, "/api/" + function.Trigger.Route);

        declared.Should().BeEquivalentTo(described).And.HaveCountGreaterThan(15);
    }

    [Fact]
    public async Task A_function_that_is_not_described_is_served_all_the_same()
    {
        foreach (var function in functions.Where(function => Undescribed.Contains(function.Name)))
        {
            var path = "/api/" + function.Trigger.Route!.Replace("{documentName}", "v1", StringComparison.Ordinal);
            (await app.Http.GetAsync(path)).IsSuccessStatusCode.Should().BeTrue(because: $"{function.Name} is a function");
        }
    }

    [Fact]
    public void An_http_function_is_anonymous_to_the_host_and_answers_what_it_was_asked()
    {
        foreach (var function in functions.Where(function => function.IsHttp))
        {
            function.Bindings.Should().HaveCount(2, because: "the host forwards a request only with one trigger and one output");
            function.Trigger.Should().BeEquivalentTo(new { Direction = "in", AuthLevel = "anonymous" }, because: "the app itself asks for keys");
            function.Bindings[1].Should().BeEquivalentTo(new Binding("http", "out", "res"));
            function.Trigger.Methods.Should().NotBeEmpty();
        }
    }

    [Fact]
    public void No_http_function_routes_outside_the_prefix()
    {
        foreach (var function in functions.Where(function => function.IsHttp))
        {
            function.Trigger.Route.Should().NotBeNullOrEmpty().And.NotStartWith("/").And.NotStartWith("api/").And.NotContain("..").And.NotContain("{*");
        }
    }

    [Fact]
    public void Timers_take_their_schedule_from_a_setting_and_do_not_run_at_start()
    {
        functions.Where(function => !function.IsHttp).Should().BeEquivalentTo(
        [
            new Function("ExpireTrials", [new Binding("timerTrigger", "in", "timer") { Schedule = "%TrialExpirySchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("PurgeAuditEvents", [new Binding("timerTrigger", "in", "timer") { Schedule = "%AuditPurgeSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("SendMail", [new Binding("timerTrigger", "in", "timer") { Schedule = "%MailSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("SendWebhooks", [new Binding("timerTrigger", "in", "timer") { Schedule = "%WebhookSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("SettleSubscriptions", [new Binding("timerTrigger", "in", "timer") { Schedule = "%SubscriptionSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("ReconcileStripeEvents", [new Binding("timerTrigger", "in", "timer") { Schedule = "%StripeSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("PurgeCustomers", [new Binding("timerTrigger", "in", "timer") { Schedule = "%CustomerPurgeSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("RotateServiceAccountKeys", [new Binding("timerTrigger", "in", "timer") { Schedule = "%RotationSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("AuditServiceAccountPermissions", [new Binding("timerTrigger", "in", "timer") { Schedule = "%PermissionAuditSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("FollowCustomerStanding", [new Binding("timerTrigger", "in", "timer") { Schedule = "%StandingSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("SettleServiceAccounts", [new Binding("timerTrigger", "in", "timer") { Schedule = "%ServiceAccountSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("CountUsage", [new Binding("timerTrigger", "in", "timer") { Schedule = "%UsageCountSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("RollUsageMonths", [new Binding("timerTrigger", "in", "timer") { Schedule = "%UsageMonthSchedule%", UseMonitor = true, RunOnStartup = false }]),
            new Function("WriteAuditEvents", [new Binding("timerTrigger", "in", "timer") { Schedule = "%AuditWriteSchedule%", UseMonitor = true, RunOnStartup = false }]),
        ]);
    }

    [Fact]
    public void Names_of_functions_are_names_the_host_takes()
    {
        functions.Select(function => function.Name).Should().OnlyContain(name => name.Length <= 127 && char.IsAsciiLetter(name[0]) && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_' || c == '-'));
    }

    /// <summary>The app makes the document when it is first asked; on a machine that is busy with other tests it may run out of the time that a request has, and has it the next time.</summary>
    private async Task<string> Description()
    {
        for (var attempt = 1; ; attempt++)
        {
            try { return await app.Http.GetStringAsync("/api/openapi/v1.json"); }
            catch (HttpRequestException) when (attempt < 5) { }
        }
    }

    public async Task InitializeAsync() => app = await FunctionsApp.Start(Repository.TestedApp, FunctionsApp.Settings());

    public async Task DisposeAsync() => await app.DisposeAsync();

    private static List<(string Name, string Method, string Path)> Operations(string openApi) =>
    [
        .. from path in JsonDocument.Parse(openApi).RootElement.GetProperty("paths").EnumerateObject()
           from operation in path.Value.EnumerateObject()
           select (operation.Value.GetProperty("operationId").GetString()!, operation.Name, path.Name),
    ];
}
