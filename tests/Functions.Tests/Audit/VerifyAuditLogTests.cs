using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Audit;

/// <summary>Somebody who may write the table has been at it.</summary>
public sealed class VerifyAuditLogTests
{
    private const int Events = 6;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(Events)]
    public async Task A_changed_row_is_found(int sequence)
    {
        var trail = await NewTrail();
        var row = await trail.Row(sequence);
        row["event"] = ((string)row["event"]!).Replace("127.0.0.1", "192.0.2.1", StringComparison.Ordinal);
        await trail.Put(row);

        await ShouldBeBroken(trail, sequence, "changed");
    }

    [Fact]
    public async Task A_row_that_hides_from_filters_is_found()
    {
        var trail = await NewTrail();
        var row = await trail.Row(2);
        row["actorId"] = "somebody-else";
        await trail.Put(row);

        await ShouldBeBroken(trail, 2, "changed");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(Events)]
    public async Task A_removed_row_is_found(int sequence)
    {
        var trail = await NewTrail();
        await trail.Remove(AuditTrail.Key(sequence));

        await ShouldBeBroken(trail, sequence, "removed");
    }

    [Fact]
    public async Task A_row_that_was_put_behind_the_others_is_found()
    {
        var trail = await NewTrail();
        var row = await trail.Row(Events);
        row["RowKey"] = AuditTrail.Key(Events + 1);
        row["event"] = ((string)row["event"]!).Replace("\"evt_", "\"evt_0", StringComparison.Ordinal);
        await trail.Put(row);

        await ShouldBeBroken(trail, Events + 1, "inserted");
    }

    [Fact]
    public async Task A_row_that_was_put_between_two_others_is_found()
    {
        var trail = await NewTrail();
        var row = await trail.Row(3);
        row["RowKey"] = AuditTrail.Key(3) + "5";
        await trail.Put(row);

        await ShouldBeBroken(trail, 3, "inserted");
    }

    [Fact]
    public async Task A_log_that_nobody_has_touched_is_intact()
    {
        var trail = await NewTrail();

        await trail.ShouldBeIntact(Events);
    }

    private static async Task<AuditTrail> NewTrail()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        for (var i = 1; i < Events; i++) { (await app.Admin.Patch($"/api/customers/{id}", new { displayName = $"Ada {i}" }, "*")).ShouldBe(200); }
        return new AuditTrail(app, id);
    }

    private static async Task ShouldBeBroken(AuditTrail trail, int sequence, string fault)
    {
        var (_, broken) = await trail.Verify();
        JsonNode.DeepEquals(broken, new JsonObject { ["sequence"] = sequence, ["fault"] = fault }).Should().BeTrue("the verification said {0}", broken?.ToJsonString());
    }
}
