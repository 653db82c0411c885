using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Tests.Webhooks;

/// <summary>One environment for a class of tests, whose timers only run when a test says so; its clock goes on from test to test.</summary>
public sealed class QuietApp : IAsyncLifetime
{
    internal App App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await App.StartWithoutSchedules("--instances", "2");

    public async Task DisposeAsync() => await App.DisposeAsync();
}

/// <summary>How messages get to their receivers, and what happens when they do not.</summary>
public sealed class SendWebhooksTests(QuietApp quiet) : IClassFixture<QuietApp>
{
    private const string Timer = "SendWebhooks";
    private readonly App app = quiet.App;

    [Fact]
    public async Task A_notice_reaches_whoever_wants_it_signed_once_and_as_it_stands_in_the_list()
    {
        await using var receiver = await Receiver.Start();
        var customer = await NewCustomer();
        var (_, secret) = await Subscribe(customer, receiver, "customer.suspended");
        await Suspend(customer);
        await Restore(customer);

        await app.Cloud.RunTimer(Timer);
        await app.Cloud.RunTimer(Timer);

        var message = receiver.Messages.Should().ContainSingle("it wants suspensions and nothing else").Subject;
        message.Type.Should().Be("customer.suspended");
        message.IsSignedBy(secret).Should().BeTrue();
        var told = (await app.Admin.Get($"/api/customers/{customer}/notifications")).ShouldBe(200)["value"]![1]!;
        ((string)message.Body["data"]!["id"]!).Should().Be((string)told["id"]!);
        ((long)message.Body["data"]!["resourceVersion"]!).Should().Be((long)told["resourceVersion"]!);
    }

    [Fact]
    public async Task A_receiver_that_fails_for_a_day_is_tried_ten_times_and_the_dead_letter_can_be_sent_again()
    {
        await using var receiver = await Receiver.Start();
        receiver.AnswerWith(500);
        var customer = await NewCustomer();
        var (webhook, _) = await Subscribe(customer, receiver);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        var attempts = new List<int>();
        foreach (var wait in new[] { 0, 5, 295, 1_500, 5_400, 10_800, 18_000, 14_400, 21_600, 14_400, 86_400 })
        {
            await app.Cloud.Advance(TimeSpan.FromSeconds(wait));
            await app.Cloud.RunTimer(Timer);
            attempts.Add(receiver.Messages.Count);
        }

        attempts.Should().Equal([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10], "the schedule has ten times and the last is a day after the first");
        receiver.Messages.Select(message => message.Id).Distinct().Should().ContainSingle("a receiver knows a message that it gets twice");
        var dead = (await app.Admin.Get($"{webhook}/deliveries?status=failed")).ShouldBe(200)["value"]!.AsArray().Single()!;
        ((int)dead["lastStatus"]!, (int)dead["attempts"]!).Should().Be((500, 10));

        receiver.AnswerWith(200);
        (await app.Admin.Post($"{webhook}/deliveries/{dead["id"]}/resend")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        receiver.Messages.Should().HaveCount(11);
        ((string)(await app.Admin.Get($"{webhook}/deliveries/{dead["id"]}")).ShouldBe(200)["status"]!).Should().Be("delivered");
    }

    [Fact]
    public async Task A_name_with_a_private_address_and_one_that_nobody_has_fail_alike()
    {
        await using var guarded = await App.StartWithoutSchedules("--setting", "Webhooks__AllowLocalReceivers=false");
        var path = $"/api/customers/{(await guarded.CreateCustomer())["id"]}/webhooks";
        var errors = new List<string?>();
        foreach (var host in new[] { System.Net.Dns.GetHostName(), "no-such-name.invalid" })
        {
            var webhook = $"{path}/{(await guarded.Admin.Post(path, new { url = $"https://{host}/" })).ShouldBe(201)["webhook"]!["id"]}";
            (await guarded.Admin.Post($"{webhook}/test")).ShouldBe(202);
            await guarded.Cloud.RunTimer(Timer);
            errors.Add((string?)(await guarded.Admin.Get($"{webhook}/deliveries")).ShouldBe(200)["value"]!.AsArray().Single()!["lastError"]);
        }

        errors.Should().Equal(["unreachable", "unreachable"], "nobody learns which internal names resolve");
    }

    [Fact]
    public async Task A_receiver_that_asks_for_time_gets_it_and_so_do_its_other_messages()
    {
        await using var receiver = await Receiver.Start();
        receiver.AnswerWith(429, retryAfter: "3600");
        var customer = await NewCustomer();
        var (webhook, _) = await Subscribe(customer, receiver);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        receiver.AnswerWith(204);
        await app.Cloud.Advance(TimeSpan.FromMinutes(55));
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        (await app.Cloud.RunTimer(Timer))["returnValue"]!.AsObject().Should().ContainKey("waiting").And.NotContainKey("skipped");
        receiver.Messages.Should().ContainSingle("the hour is not over");

        await app.Cloud.Advance(TimeSpan.FromMinutes(6));
        await app.Cloud.RunTimer(Timer);

        receiver.Messages.Should().HaveCount(4);
    }

    [Fact]
    public async Task A_receiver_that_is_gone_gets_nothing_more_and_people_are_told()
    {
        await using var receiver = await Receiver.Start();
        receiver.AnswerWith(410);
        var customer = await NewCustomer();
        var (webhook, _) = await Subscribe(customer, receiver);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);

        ((string)(await app.Admin.Get(webhook)).ShouldBe(200)["status"]!).Should().Be("disabled");
        (await app.Admin.Post($"{webhook}/test")).ShouldBeRefused(409, "webhook-disabled");
        (await app.Admin.Get($"/api/customers/{customer}/notifications")).ShouldBe(200)["value"]!.AsArray().Select(item => (string)item!["type"]!).Should().Equal("webhook.disabled");
        await Suspend(customer);
        await app.Cloud.RunTimer(Timer);
        receiver.Messages.Should().ContainSingle();
    }

    [Fact]
    public async Task A_redirect_is_a_failure_and_is_not_followed()
    {
        await using var receiver = await Receiver.Start();
        await using var other = await Receiver.Start();
        receiver.AnswerWith(307, location: other.Url);
        var (webhook, _) = await Subscribe(await NewCustomer(), receiver);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);

        await app.Cloud.RunTimer(Timer);

        other.Messages.Should().BeEmpty();
        ((int)(await app.Admin.Get($"{webhook}/deliveries?status=pending")).ShouldBe(200)["value"]![0]!["lastStatus"]!).Should().Be(307);
    }

    [Fact]
    public async Task While_the_secret_is_rotated_a_message_carries_a_signature_by_each()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, old) = await Subscribe(await NewCustomer(), receiver);
        var current = (string)(await app.Admin.Post($"{webhook}/rotate-secret")).ShouldBe(200)["secret"]!;
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        await app.Cloud.Advance(TimeSpan.FromHours(25));
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);

        receiver.Messages.Select(message => (message.IsSignedBy(old), message.IsSignedBy(current))).Should().Equal((true, true), (false, true));
    }

    [Fact]
    public async Task However_often_the_secret_is_rotated_none_is_cut_off_before_its_day_is_over()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, first) = await Subscribe(await NewCustomer(), receiver);
        List<string> secrets = [first];
        for (var i = 0; i < 3; i++) { secrets.Add((string)(await app.Admin.Post($"{webhook}/rotate-secret")).ShouldBe(200)["secret"]!); }
        (await app.Admin.Post($"{webhook}/rotate-secret")).ShouldBeRefused(409, "too-many-in-grace");
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        await app.Cloud.Advance(TimeSpan.FromHours(25));
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        (await app.Admin.Post($"{webhook}/rotate-secret")).ShouldBe(200);

        receiver.Messages.Select(message => secrets.ConvertAll(message.IsSignedBy)).Should().BeEquivalentTo([new[] { true, true, true, true }, new[] { false, false, false, true }], options => options.WithStrictOrdering());
    }

    [Fact]
    public async Task A_rotation_whose_answer_was_lost_is_the_same_one_when_it_is_asked_for_again()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, old) = await Subscribe(await NewCustomer(), receiver);
        var key = Edge.IdempotencyTests.NewKey();
        await app.Cloud.Fault(new { service = "cosmos", kind = "unavailable", operation = "^PUT /dbs/customers/colls/control/docs/idempotency", seconds = 300 });
        (await Edge.IdempotencyTests.Post(app.Admin, $"{webhook}/rotate-secret", new { }, key)).ShouldBeRefused(503, "unavailable");
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(1));

        var current = (string)(await Edge.IdempotencyTests.Post(app.Admin, $"{webhook}/rotate-secret", new { }, key)).ShouldBe(200)["secret"]!;
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);

        var message = receiver.Messages.Should().ContainSingle().Subject;
        (message.IsSignedBy(old), message.IsSignedBy(current), message.Signatures.Split(' ').Length).Should().Be((true, true, 2));
    }

    [Fact]
    public async Task Without_its_secret_a_message_cannot_be_sent_which_is_an_attempt_like_another()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, _) = await Subscribe(await NewCustomer(), receiver);
        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.Fault(new { service = "keyVault", kind = "forbidden", operation = "^GET /secrets/webhook-", seconds = 300 });
        var runs = new List<bool> { (bool)(await app.Cloud.RunTimer(Timer))["succeeded"]! };
        await app.Cloud.ClearFaults();
        await DeleteSecret(webhook);

        foreach (var wait in new[] { 90, 210, 1_500, 5_400, 10_800, 18_000, 14_400, 21_600, 14_400 })
        {
            await app.Cloud.Advance(TimeSpan.FromSeconds(wait));
            runs.Add((bool)(await app.Cloud.RunTimer(Timer))["succeeded"]!);
        }

        runs.Should().OnlyContain(succeeded => succeeded, "a secret that somebody deleted is nothing that a run could mend");
        var dead = (await app.Admin.Get($"{webhook}/deliveries?status=failed")).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle().Subject!;
        ((string?)dead["lastError"], (int)dead["attempts"]!).Should().Be(("no-secret", 10));
        receiver.Messages.Should().BeEmpty();
    }

    [Fact]
    public async Task A_secret_that_somebody_deleted_comes_back_when_it_is_rotated()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, old) = await Subscribe(await NewCustomer(), receiver);
        await DeleteSecret(webhook);
        (await SecretStatus(webhook)).Should().Be(404);

        var current = (string)(await app.Admin.Post($"{webhook}/rotate-secret")).ShouldBe(200)["secret"]!;

        (await app.Admin.Post($"{webhook}/test")).ShouldBe(202);
        await app.Cloud.RunTimer(Timer);
        var message = receiver.Messages.Should().ContainSingle().Subject;
        (message.IsSignedBy(old), message.IsSignedBy(current)).Should().Be((true, true), "receivers have a day to change over, as ever");
    }

    [Fact]
    public async Task A_deletion_is_completed_by_the_timer_whatever_becomes_of_the_request()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, _) = await Subscribe(await NewCustomer(), receiver);
        await app.Cloud.Fault(new { service = "keyVault", kind = "forbidden", operation = "^DELETE /secrets/webhook-", seconds = 300 });

        (await app.Admin.Delete(webhook, "*")).ShouldBe(204);
        (await app.Admin.Get(webhook)).ShouldBeRefused(404, "not-found");
        await app.Cloud.RunTimer(Timer);
        (await SecretStatus(webhook)).Should().Be(200);
        await app.Cloud.ClearFaults();
        await app.Cloud.Advance(TimeSpan.FromMinutes(5));
        await app.Cloud.RunTimer(Timer);

        (await SecretStatus(webhook)).Should().Be(404);
        (await app.Cloud.RunTimer(Timer))["returnValue"]!.AsObject().Should().BeEmpty("nothing is left to do");
    }

    [Fact]
    public async Task A_receiver_that_does_not_answer_keeps_nobody_else_waiting()
    {
        await using var slow = await Receiver.Start();
        await using var fast = await Receiver.Start();
        var release = new TaskCompletionSource();
        slow.Answer = _ => release.Task;
        var (webhook, _) = await Subscribe(await NewCustomer(), slow);
        for (var i = 0; i < 20; i++) { (await app.Admin.Post($"{webhook}/test")).ShouldBe(202); }
        var (other, _) = await Subscribe(await NewCustomer(), fast);
        (await app.Admin.Post($"{other}/test")).ShouldBe(202);

        var run = app.Cloud.RunTimer(Timer);
        await Eventually.True(() => Task.FromResult(!fast.Messages.IsEmpty && !slow.Messages.IsEmpty), TimeSpan.FromSeconds(10), "the fast one has its message while the slow one thinks");
        release.SetResult();
        await run;

        slow.Messages.Should().HaveCount(20, "it is answering again, and none was lost or sent twice");
    }

    [Fact]
    public async Task All_that_has_waited_a_day_for_a_receiver_that_is_down_is_among_the_dead_letters()
    {
        const int Waiting = 100;
        await using var receiver = await Receiver.Start();
        receiver.AnswerWith(503);
        var (webhook, _) = await Subscribe(await NewCustomer(), receiver);
        for (var i = 0; i < Waiting; i++) { (await app.Admin.Post($"{webhook}/test")).ShouldBe(202); }
        await app.Cloud.RunTimer(Timer);
        receiver.Messages.Should().ContainSingle("it is left alone for a minute then");

        await app.Cloud.Advance(TimeSpan.FromDays(1));
        await app.Cloud.RunTimer(Timer);

        receiver.Messages.Should().HaveCount(2);
        (await app.Admin.Get($"{webhook}/deliveries?status=failed&maxpagesize={Waiting}")).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(Waiting);
    }

    [Fact]
    public async Task Two_instances_at_once_send_each_message_once()
    {
        await using var receiver = await Receiver.Start();
        var (webhook, _) = await Subscribe(await NewCustomer(), receiver);
        for (var i = 0; i < 30; i++) { (await app.Admin.Post($"{webhook}/test")).ShouldBe(202); }

        await Task.WhenAll(app.Cloud.RunTimer(Timer, 0), app.Cloud.RunTimer(Timer, 1), app.Cloud.RunTimer(Timer, 0));
        await app.Cloud.RunTimer(Timer);

        receiver.Messages.Should().HaveCount(30).And.OnlyHaveUniqueItems(message => message.Id);
    }

    private async Task DeleteSecret(string webhook)
    {
        using var request = app.ToVault(HttpMethod.Delete, $"/secrets/{SecretOf(webhook)}");
        (await app.Azure.SendAsync(request)).EnsureSuccessStatusCode();
    }

    private async Task<int> SecretStatus(string webhook)
    {
        using var request = app.ToVault(HttpMethod.Get, $"/secrets/{SecretOf(webhook)}/");
        using var answer = await app.Azure.SendAsync(request);
        return (int)answer.StatusCode;
    }

    private static string SecretOf(string webhook) => WebhookEndpoint.SecretName(webhook.Split('/')[^1]);

    private async Task<string> NewCustomer() => (string)(await app.CreateCustomer())["id"]!;

    private async Task Suspend(string customer) => (await app.Admin.Post($"/api/customers/{customer}/suspend", new { hold = "admin", reason = "on request" })).ShouldBe(200);

    private async Task Restore(string customer) => (await app.Admin.Post($"/api/customers/{customer}/restore", new { hold = "admin" })).ShouldBe(200);

    private async Task<(string Path, string Secret)> Subscribe(string customer, Receiver receiver, params string[] events)
    {
        var made = (await app.Admin.Post($"/api/customers/{customer}/webhooks", new { url = receiver.Url, events = events.Length == 0 ? null : events })).ShouldBe(201);
        return ($"/api/customers/{customer}/webhooks/{made["webhook"]!["id"]}", (string)made["secret"]!);
    }
}
