using System.Diagnostics;
using System.Text.Json.Nodes;
using FsCheck.Fluent;

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

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(Events)]
    public async Task A_row_that_was_put_before_another_is_found(int sequence)
    {
        var trail = await NewTrail();
        var row = await trail.Row(sequence);
        row["RowKey"] = AuditTrail.Key(sequence) + "5";
        await trail.Put(row);

        await ShouldBeBroken(trail, sequence, "inserted");
    }

    [Fact]
    public async Task A_row_that_is_older_than_any_can_be_is_found()
    {
        var trail = await NewTrail();
        var row = await trail.Row(1);
        row["RowKey"] = "95";
        await trail.Put(row);

        await ShouldBeBroken(trail, 1, "inserted");
    }

    [Fact]
    public async Task Whatever_is_done_to_any_row_of_a_chain_that_several_instances_wrote_is_found_where_it_was_done()
    {
        await using var app = await App.StartWithoutSchedules("--instances", "3");
        var id = (string)(await app.CreateCustomer())["id"]!;
        await Task.WhenAll(Enumerable.Range(0, 3).Select(async instance =>
        {
            var admin = await app.AdminAt(instance);
            for (var i = 0; i < 6; i++) { (await admin.Post($"/api/customers/{id}/api-keys", new { name = $"{instance}-{i}" })).ShouldBe(201); }
        }));
        await app.Cloud.Advance(TimeSpan.FromMinutes(2));
        await app.Cloud.RunTimer("WriteAuditEvents");
        const int All = (3 * 6) + 1;
        var trail = new AuditTrail(app, id);
        var rows = (await trail.Rows()).ToDictionary(row => (string)row["RowKey"]!);

        await Generated.CheckAsync(
            from sequence in Gen.Choose(1, All)
            from tampering in Gen.Elements("event", "column", "hash", "prevHash", "another's event", "removed", "inserted between", "inserted behind")
            select (sequence, tampering),
            async made =>
            {
                var (sequence, tampering) = made;
                var key = AuditTrail.Key(sequence);
                var row = rows[key].DeepClone().AsObject();
                var (at, fault) = (sequence, "changed");
                switch (tampering)
                {
                    case "event": row["event"] = ((string)row["event"]!).Replace("127.0.0.1", "192.0.2.1", StringComparison.Ordinal); break;
                    case "column": row["actorId"] = "somebody-else"; break;
                    case "hash" or "prevHash": row[tampering] = new string('a', 64); break;
                    case "another's event": row["event"] = (string)rows[AuditTrail.Key((sequence % All) + 1)]["event"]!; break;
                    case "removed": fault = "removed"; break;
                    case "inserted between": (row["RowKey"], fault) = (key + "5", "inserted"); break;
                    default: (row["RowKey"], row["event"], at, fault) = (AuditTrail.Key(All + 1), ((string)row["event"]!).Replace("\"evt_", "\"evt_0", StringComparison.Ordinal), All + 1, "inserted"); break;
                }
                if (tampering == "removed") { await trail.Remove(key); } else { await trail.Put(row); }

                await ShouldBeBroken(trail, at, fault);

                if (fault == "inserted") { await trail.Remove((string)row["RowKey"]!); } else { await trail.Put(rows[key]); }
            });
        await trail.ShouldBeIntact(All);
    }

    [Fact]
    public async Task A_log_that_nobody_has_touched_is_intact()
    {
        var trail = await NewTrail();

        await trail.ShouldBeIntact(Events);
    }

    [Fact]
    public async Task The_command_says_by_its_exit_code_whether_a_log_is_intact_and_in_one_line_where_not()
    {
        var trail = await NewTrail();
        (await VerifyByCommand(trail.Owner)).Should().Match<(int ExitCode, string Line)>(end => end.ExitCode == 0 && end.Line.StartsWith($"{trail.Owner}: intact, {Events} events, head {Events}, head hash "));

        var row = await trail.Row(3);
        row["actorId"] = "somebody-else";
        await trail.Put(row);

        (await VerifyByCommand(trail.Owner)).Should().Be((1, $"{trail.Owner}: the row of sequence 3 was changed; 2 events before it are as they were written."));
        (await VerifyByCommand("cus_01M7Y40N37J6FNPYS4GAQYTKN5")).Should().Be((2, "cus_01M7Y40N37J6FNPYS4GAQYTKN5: there is no log of that id."));
    }

    /// <summary>Somebody who has the table's address and an identity that may read it, and not the app's other settings.</summary>
    private static async Task<(int ExitCode, string Line)> VerifyByCommand(string id)
    {
        var app = await App.Shared;
        var start = new ProcessStartInfo("dotnet", [typeof(AppSettings).Assembly.Location, "--verify-audit-log", id]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["Tables__Endpoint"] = app.Cloud.Endpoint("tables");
        start.Environment["Azure__TrustedCertificates"] = app.Cloud.Endpoint("caCertificate");
        start.Environment["IDENTITY_ENDPOINT"] = $"{app.Cloud.Endpoint("local")}/msi/token";
        start.Environment["IDENTITY_HEADER"] = await File.ReadAllTextAsync(Path.Combine(app.Cloud.State, "identity", "identity-header"));
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, (output + await errors).Trim());
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
