using System.Net;
using CustomerFunctions.Webhooks;

namespace CustomerFunctions.Tests.Webhooks;

/// <summary>Endpoints as callers keep them, and where they may not lead.</summary>
public sealed class WebhooksTests
{
    [Fact]
    public async Task An_endpoint_lives_from_creation_to_deletion_and_shows_its_secret_once()
    {
        var app = await App.Shared;
        var customer = (string)(await app.CreateCustomer())["id"]!;
        var path = $"/api/customers/{customer}/webhooks";
        var made = (await app.Admin.Post(path, new { url = "https://example.com/hooks", events = new[] { "trial.ended" }, description = "billing" })).ShouldBe(201);
        var webhook = $"{path}/{made["webhook"]!["id"]}";
        ((string)made["secret"]!).Should().StartWith("whsec_");

        var read = (await app.Admin.Get(webhook)).ShouldBe(200);
        read.Body.Should().NotContain("whsec_");
        (await app.Admin.Patch(webhook, new { enabled = false })).ShouldBeRefused(428, "if-match-required");
        var changed = (await app.Admin.Patch(webhook, new { enabled = false, events = (string[]?)null }, read.ETag)).ShouldBe(200);
        ((string)changed["status"]!).Should().Be("disabled");
        changed.Object.ContainsKey("events").Should().BeFalse();
        (await app.Admin.Patch(webhook, new { enabled = true }, read.ETag)).ShouldBeRefused(412, "stale");
        (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().ContainSingle();

        (await app.Admin.Delete(webhook, changed.ETag)).ShouldBe(204);
        (await app.Admin.Get(webhook)).ShouldBeRefused(404, "not-found");
        (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Get($"/api/customers/{customer}/audit-log")).ShouldBe(200)["value"]!.AsArray().Select(item => (string)item!["action"]!).Should().StartWith(["webhook.deleted", "webhook.updated", "webhook.created"]);
    }

    [Fact]
    public async Task However_many_are_made_at_once_a_customer_has_ten_and_one_that_is_removed_makes_room()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/webhooks";

        var answers = await Task.WhenAll(Enumerable.Range(0, 24).Select(_ => app.Admin.Post(path, new { url = "https://example.com" })));

        answers.CountBy(answer => answer.Status).Should().BeEquivalentTo([KeyValuePair.Create(201, 10), KeyValuePair.Create(409, 14)]);
        (await app.Admin.Get(path)).ShouldBe(200)["value"]!.AsArray().Should().HaveCount(10);
        var removed = answers.First(answer => answer.Status == 201)["webhook"]!["id"];
        (await app.Admin.Delete($"{path}/{removed}", "*")).ShouldBe(204);
        (await app.Admin.Post(path, new { url = "https://example.com" })).ShouldBe(201);
        (await app.Admin.Post(path, new { url = "https://example.com" })).ShouldBeRefused(409, "too-many-webhooks");
    }

    [Fact]
    public void A_place_without_an_endpoint_is_free_when_no_request_can_still_make_one()
    {
        var now = new DateTimeOffset(2028, 2, 29, 12, 0, 0, TimeSpan.Zero);
        var full = Enumerable.Range(0, WebhookPlaces.Most).Aggregate(WebhookPlaces.Of("cus_1", []), (places, number) => places.With($"whk_{number}", new HashSet<string>(), now)!);
        IReadOnlySet<string> nineOfThem = Enumerable.Range(0, 9).Select(number => $"whk_{number}").ToHashSet();

        full.With("whk_new", nineOfThem, now.AddMinutes(14)).Should().BeNull("the tenth may still be under way");
        full.With("whk_new", nineOfThem, now.AddMinutes(16))!.Taken.Should().HaveCount(10).And.ContainKey("whk_new").And.NotContainKey("whk_9");
        full.With("whk_3", nineOfThem, now).Should().BeSameAs(full, "a request that is repeated has its place");
    }

    [Fact]
    public async Task What_is_wrong_with_an_endpoint_is_named()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/webhooks";
        (await app.Admin.Post(path, new { url = "ftp://example.com" })).ShouldBeRefused(400, "invalid-request", "/url");
        (await app.Admin.Post(path, new { url = "https://user:secret@example.com" })).ShouldBeRefused(400, "invalid-request", "/url");
        (await app.Admin.Post(path, new { url = "https://example.com", events = new[] { "no.such" } })).ShouldBeRefused(400, "invalid-request", "/events/0");
        (await app.Admin.Post(path, new { url = "https://example.com", events = Array.Empty<string>() })).ShouldBeRefused(400, "invalid-request", "/events");
        for (var i = 0; i < 10; i++) { (await app.Admin.Post(path, new { url = "https://example.com" })).ShouldBe(201); }
        (await app.Admin.Post(path, new { url = "https://example.com" })).ShouldBeRefused(409, "too-many-webhooks");
    }

    [Theory]
    [InlineData("https://127.0.0.1/")]
    [InlineData("https://localhost:7071/")]
    [InlineData("https://10.1.2.3/")]
    [InlineData("https://[::1]/")]
    [InlineData("https://[::ffff:10.0.0.1]/")]
    [InlineData("https://0x7f000001/")]
    [InlineData("http://example.com/")]
    public void Unless_settings_allow_it_an_endpoint_is_https_and_out_on_the_internet(string url)
    {
        new WebhookFields(url).Check(allowLocal: false).Should().NotBeNull();
        new WebhookFields("https://example.com/").Check(allowLocal: false).Should().BeNull();
    }

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.0.0.1", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("168.63.129.16", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("::", false)]
    [InlineData("::1", false)]
    [InlineData("::ffff:127.0.0.1", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00::1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("2002:7f00:1::", false)]
    [InlineData("ff02::1", false)]
    public void Only_addresses_on_the_internet_are_public(string address, bool isPublic) => PublicAddress.Includes(IPAddress.Parse(address)).Should().Be(isPublic);

    [Fact]
    public async Task A_name_that_leads_to_this_machine_is_refused_before_anything_is_sent()
    {
        await using var receiver = await Receiver.Start();
        var url = receiver.Url.Replace("127.0.0.1", "localhost", StringComparison.Ordinal);
        using var guarded = new PublicHttp(AppSettings.Nowhere);
        using var request = new HttpRequestMessage(HttpMethod.Post, url);

        var refused = (await guarded.Invoking(http => http.Send(request, CancellationToken.None)).Should().ThrowAsync<HttpRequestException>()).Which;

        refused.InnerException.Should().BeOfType<AddressRefusedException>();
        receiver.Messages.Should().BeEmpty();
    }
}
