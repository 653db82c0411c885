using System.Globalization;
using LocalAzure.Clock;
using LocalAzure.Faults;
using LocalAzure.FunctionsHost;
using LocalAzure.KeyVault;
using LocalAzure.Listeners;

namespace LocalAzure.Status;

/// <summary>The page at LocalAzure's own address: what runs where, timers, clock, faults, counts, data and logs.</summary>
internal sealed class StatusPage(BoundPorts ports, AppHost host, TestClock clock, FaultSet faults, RequestCounts counts, Func<KeyVaultEmulator?> keyVault, CosmosBrowser cosmos, string logs)
{
    private const int LogLines = 40;

    public async Task<IResult> Show(CancellationToken cancellation) => Layout.Page("LocalAzure", Html.Join(
    [
        Layout.Section("What runs where", Services()),
        Layout.Section("App", Instances()),
        Layout.Section("Timers", Timers()),
        Layout.Section("Clock", Clock()),
        Layout.Section("Faults", Faults()),
        Layout.Section("Refused as not implemented", Refused()),
        Layout.Section("Mail", Html.Of($"""<p><a href="/status/outbox">What the app would have sent</a></p>""")),
        Layout.Section("Cosmos DB", await Containers(cancellation)),
        Layout.Section("Key Vault", Secrets()),
        Layout.Section("Logs", Logs()),
    ]));

    private Html Services()
    {
        var calls = counts.ByService();
        return Layout.Table(["service", "address", "requests"], ServiceNames.All.Select(service =>
            Layout.Row(service.Name(), Html.Of($"<code>{ports.Url(service)}</code>"), calls.TryGetValue(service.Name(), out var count) ? count : "")));
    }

    private Html Refused() => counts.Unimplemented() is { Count: > 0 } refused
        ? Layout.Table(["service", "feature", "requests"], refused.SelectMany(service =>
            service.Value.Select(feature => Layout.Row(service.Key, feature.Key, feature.Value))))
        : Html.Of($"<p>Nothing so far.</p>");

    private Html Instances() => Layout.Table(["instance", "process", "port", "state", "restarts"], host.Handlers.Instances.Select(instance =>
        Layout.Row(instance.Index, instance.Pid, instance.Port, instance.State.ToString().ToLowerInvariant(), instance.Restarts)));

    private Html Timers() => Layout.Table(["function", "schedule", "next", "last run", ""], host.Timers.Select(timer => Layout.Row(
        timer.Function.Name,
        Html.Of($"<code>{timer.Schedule}</code>"),
        timer.IsDisabled ? "disabled" : Instant(timer.Next),
        timer.LastRun is { } run ? $"{Instant(run.Started)}: {run.Failure ?? string.Join("; ", run.Logs)}" : "not yet",
        Layout.Button($"/status/timers/{timer.Function.Name}/run", "Run now"))));

    private Html Clock() => Html.Of($"""
        <p>{Instant(clock.GetUtcNow())}, {clock.Offset.ToString("c", CultureInfo.InvariantCulture)} ahead of the machine</p>
        <form method="post" action="/status/clock"><select name="advance"><option value="01:00:00">1 hour</option><option value="1.00:00:00">1 day</option>
        <option value="14.00:00:00">14 days</option><option value="90.00:00:00">90 days</option></select> <button>Move forward</button></form>
        """);

    private Html Faults()
    {
        var rows = faults.Active.Select(fault => Layout.Row(fault.Request.Service, fault.Request.Kind, fault.Request.Share, fault.Request.Seconds, fault.Hits));
        var services = Html.Join(FaultRequest.Services.Select(service => Html.Of($"<option>{service}</option>")));
        var kinds = Html.Join(Enum.GetNames<FaultKind>().Select(kind => Html.Of($"<option>{kind.ToLowerInvariant()}</option>")));
        return Html.Of($"""
            {Layout.Table(["service", "kind", "share", "seconds", "hits"], rows)}
            <p><form method="post" action="/status/faults"><select name="service">{services}</select> <select name="kind">{kinds}</select>
            share <input name="share" value="0.2" size="4"> <button>Add</button></form> {Layout.Button("/status/faults/clear", "End all")}</p>
            """);
    }

    private async Task<Html> Containers(CancellationToken cancellation) => Layout.Table(["container"], (await cosmos.Containers(cancellation)).Select(container =>
        Layout.Row(Html.Of($"""<a href="/status/cosmos/{Uri.EscapeDataString(container)}">{container}</a>"""))));

    /// <summary>Names, versions and dates. Values stay in the vault.</summary>
    private Html Secrets() => Layout.Table(["secret", "versions", "newest", "deleted"], (keyVault()?.Summary() ?? []).Select(secret => Layout.Row(
        secret.Name, secret.Versions.Count, secret.Versions is [.., var newest] ? $"{Instant(newest.Created)}{(newest.Enabled ? "" : ", disabled")}" : "", Instant(secret.DeletedOn))));

    private Html Logs() => Html.Join(Directory.EnumerateFiles(logs, "*.log").Order(StringComparer.Ordinal).Select(file =>
        Html.Of($"<p>{Path.GetFileName(file)}</p><pre>{string.Join('\n', Tail(file))}</pre>")));

    private static IEnumerable<string> Tail(string file)
    {
        const int MostBytes = 64 * 1024;
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(-Math.Min(stream.Length, MostBytes), SeekOrigin.End);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().Split('\n').TakeLast(LogLines);
    }

    private static string Instant(DateTimeOffset? instant) => instant?.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture) ?? "";
}
