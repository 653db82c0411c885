using System.Text.Json.Nodes;
using CustomerFunctions.Tests.ServiceAccounts;

namespace CustomerFunctions.Tests.WhatIf;

/// <summary>
/// For every guarded action on a service account, in every situation that it can be in: what is said to happen is
/// compared with what the stored account shows right afterwards.
/// </summary>
public sealed class ForeseenRotationTests
{
    private static readonly TimeSpan Slack = TimeSpan.FromMinutes(1);

    public static TheoryData<string, string> Situations()
    {
        var data = new TheoryData<string, string>();
        foreach (var kind in new[] { RotatedResource.ApiCredential, RotatedResource.StorageAccountKeys })
        {
            foreach (var situation in new[] { "fresh", "overlap", "retired", "revoked" }) { data.Add(kind, situation); }
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Situations))]
    public async Task What_is_said_of_a_service_account_is_what_then_happens(string kind, string situation)
    {
        await using var app = await App.StartWithoutSchedules();
        var customer = (string)(await app.CreateCustomer())["id"]!;
        foreach (var action in new[] { "rotate", "emergency", "suspend", "delete" })
        {
            var account = await RotatedAccount.CreateFor(app, kind, customer, $"{situation} {action}");
            await Bring(app, account, situation);
            var before = await account.Document();

            var foreseen = await Ask(app, account, action, whatIf: true);
            JsonNode.DeepEquals(await account.Document(), before).Should().BeTrue("asking changes nothing");
            if (foreseen.Status >= 400) { (await Ask(app, account, action, whatIf: false)).Status.Should().Be(foreseen.Status); continue; }
            var done = await Ask(app, account, action, whatIf: false);
            done.Status.Should().BeOneOf(200, 202, 204);

            var effects = foreseen["effects"]!.AsArray().Select(effect => effect!.AsObject()).ToList();
            var after = action == "delete" ? null : await account.Document();
            Named(effects, "keyRevoked").Should().BeEquivalentTo(after is null ? Keys(before, "pending", "current", "retiring") : New(before, after, "revoked", "retired"), "{0} when {1}", action, situation);
            if (after is null) { Named(effects, "serviceAccountDeleted").Should().Equal(account.Id); continue; }
            Named(effects, "keyRetires").Should().BeEquivalentTo(New(before, after, "retiring"), "{0} when {1}", action, situation);
            foreach (var effect in effects.Where(effect => (string?)effect["action"] == "keyRetires"))
            {
                Key(after, (string)effect["target"]!)["retireAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(effect["at"]!.GetValue<DateTimeOffset>(), Slack);
            }
            Named(effects, "keyIssued").Should().HaveCount(after["keys"]!.AsArray().Count - before["keys"]!.AsArray().Count);
            foreach (var effect in effects.Where(effect => (string?)effect["action"] == "nextRotation"))
            {
                after["nextRotationAt"]!.GetValue<DateTimeOffset>().Should().BeCloseTo(effect["at"]!.GetValue<DateTimeOffset>(), Slack);
            }
            Named(effects, "secretCloses").Should().HaveCount(after["withdrawal"] is null ? 0 : 1);
            Named(effects, "rotationPauses").Should().HaveCount(after["suspension"] is null ? 0 : 1);
        }
    }

    private static async Task Bring(App app, RotatedAccount account, string situation)
    {
        if (situation == "fresh") { return; }
        object? body = situation == "revoked" ? new { mode = "emergency", reason = "lost" } : null;
        (await app.Admin.Post(account.Path + "/rotate", body)).ShouldBe(202);
        if (situation == "retired")
        {
            await app.Cloud.Advance(RotatedAccount.Overlap + Slack);
            await account.RunTimerUntil("done");
        }
    }

    private static Task<Answer> Ask(App app, RotatedAccount account, string action, bool whatIf)
    {
        var query = whatIf ? "?whatIf=true" : "";
        return action switch
        {
            "rotate" => app.Admin.Post($"{account.Path}/rotate{query}"),
            "emergency" => app.Admin.Post($"{account.Path}/rotate{query}", new { mode = "emergency", reason = "lost" }),
            "suspend" => app.Admin.Post($"{account.Path}/suspend{query}", new { reason = "audit" }),
            _ => app.Admin.Delete(account.Path + query, "*"),
        };
    }

    private static IReadOnlyList<string> Named(IEnumerable<JsonObject> effects, string action) =>
        [.. effects.Where(effect => (string?)effect["action"] == action).Select(effect => (string)effect["target"]!)];

    private static IReadOnlyList<string> Keys(JsonObject account, params string[] states) =>
        [.. account["keys"]!.AsArray().Where(key => states.Contains((string)key!["state"]!)).Select(key => (string)key!["id"]!)];

    /// <summary>Keys that are in one of the states now and were in none of them before.</summary>
    private static IEnumerable<string> New(JsonObject before, JsonObject after, params string[] states) => Keys(after, states).Except(Keys(before, states));

    private static JsonObject Key(JsonObject account, string id) => account["keys"]!.AsArray().Single(key => (string?)key!["id"] == id)!.AsObject();
}
