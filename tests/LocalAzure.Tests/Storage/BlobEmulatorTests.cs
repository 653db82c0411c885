using System.Text.Json;
using System.Xml.Linq;
using FsCheck;
using FsCheck.Fluent;
using LocalAzure.Tests.ResourceManager;

namespace LocalAzure.Tests.Storage;

public sealed class BlobEmulatorTests : IAsyncLifetime
{
    private AzureAccount azure = null!;

    public async Task InitializeAsync() => azure = await AzureAccount.Start();

    public async Task DisposeAsync() => await azure.DisposeAsync();

    [Fact]
    public async Task Either_current_key_opens_the_account_and_finds_no_containers()
    {
        var keys = await (await azure.CreateStorageAccount("opened")).List();

        foreach (var key in keys.Values)
        {
            var (status, body) = await azure.ListContainers("opened", key.Value);
            status.Should().Be(200, body);
            XDocument.Parse(body).Root!.Element("Containers")!.Elements().Should().BeEmpty();
        }
    }

    [Fact]
    public async Task A_regenerated_key_opens_nothing_any_more_and_the_new_one_does()
    {
        var account = await azure.CreateStorageAccount("renewed");
        var old = await account.List();

        var current = await account.Regenerate("key1");

        (await azure.ListContainers("renewed", old["key1"].Value)).Status.Should().Be(403);
        (await azure.ListContainers("renewed", current["key1"].Value)).Status.Should().Be(200);
        (await azure.ListContainers("renewed", old["key2"].Value)).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_data_plane_is_where_the_account_says_it_is()
    {
        await azure.CreateStorageAccount("placed");

        var (_, body) = await azure.Send(HttpMethod.Get, AzureAccount.IdOf("placed")!);

        using var json = JsonDocument.Parse(body);
        json.RootElement.GetProperty("properties").GetProperty("primaryEndpoints").GetProperty("blob").GetString()
            .Should().MatchRegex("^https://127\\.0\\.0\\.1:[0-9]+/placed/$");
    }

    [Fact]
    public async Task An_account_without_shared_key_access_refuses_its_own_keys()
    {
        var keys = await (await azure.CreateStorageAccount("locked")).List();
        const string Locked = """
            {"location":"westeurope","sku":{"name":"Standard_LRS"},"kind":"StorageV2","properties":{"allowSharedKeyAccess":false}}
            """;
        await azure.Send(HttpMethod.Put, AzureAccount.IdOf("locked")!, Locked);

        var (status, body) = await azure.ListContainers("locked", keys["key1"].Value);

        status.Should().Be(403);
        body.Should().Contain("KeyBasedAuthenticationNotPermitted");
    }

    [Theory]
    [InlineData("GET", "/acc/?comp=list&prefix=a")]
    [InlineData("GET", "/acc/container?restype=container")]
    [InlineData("GET", "/acc/container/blob")]
    [InlineData("PUT", "/acc/?comp=list")]
    [InlineData("GET", "/")]
    public async Task Everything_else_is_501_and_named(string method, string path)
    {
        var (status, body) = await azure.SendToBlobs(new HttpMethod(method), path);

        status.Should().Be(501);
        XDocument.Parse(body).Root!.Element("Message")!.Value.Should().Contain($"{method} {path}");
    }

    [Theory]
    [InlineData("Authorization", null, 403, "AuthenticationFailed")]
    [InlineData("Authorization", "Bearer something", 403, "AuthenticationFailed")]
    [InlineData("Authorization", "SharedKey tampered:AAAA", 403, "AuthenticationFailed")]
    [InlineData("x-ms-date", null, 403, "AuthenticationFailed")]
    [InlineData("x-ms-date", "yesterday", 403, "AuthenticationFailed")]
    [InlineData("x-ms-version", null, 400, "InvalidHeaderValue")]
    [InlineData("x-ms-version", "2009-09-19", 400, "InvalidHeaderValue")]
    [InlineData("x-ms-meta-more", "header", 403, "AuthenticationFailed")]
    [InlineData("Range", "bytes=0-1", 403, "AuthenticationFailed")]
    public async Task A_header_that_the_signature_does_not_cover_is_refused(string header, string? value, int status, string code)
    {
        var keys = await (await azure.CreateStorageAccount("tampered")).List();

        var (actual, body) = await azure.ListContainers("tampered", keys["key1"].Value, tamper: request =>
        {
            request.Headers.Remove(header);
            if (value is not null) { request.Headers.TryAddWithoutValidation(header, value); }
        });

        actual.Should().Be(status);
        XDocument.Parse(body).Root!.Element("Code")!.Value.Should().Be(code);
    }

    [Fact]
    public async Task A_client_may_live_by_the_test_clock_or_by_the_machines()
    {
        var keys = await (await azure.CreateStorageAccount("clocked")).List();
        azure.Clock.Advance(TimeSpan.FromDays(14));
        var (test, machine) = (azure.Clock.GetUtcNow(), TimeProvider.System.GetUtcNow());

        (await azure.ListContainers("clocked", keys["key1"].Value, new(test))).Status.Should().Be(200);
        (await azure.ListContainers("clocked", keys["key1"].Value, new(machine))).Status.Should().Be(200);
        (await azure.ListContainers("clocked", keys["key1"].Value, new(test.AddMinutes(-20)))).Status.Should().Be(403);
        (await azure.ListContainers("clocked", keys["key1"].Value, new(machine.AddMinutes(20)))).Status.Should().Be(403);
    }

    [Fact]
    public async Task A_signature_verifies_if_and_only_if_key_account_date_and_path_match()
    {
        var first = await azure.CreateStorageAccount("first");
        var second = await azure.CreateStorageAccount("second");
        var old = (await first.List())["key1"].Value;
        var current = await first.Regenerate("key1");
        var foreign = (await second.List())["key1"].Value;
        (string Key, bool Fits)[] keys = [(current["key1"].Value, true), (current["key2"].Value, true), (old, false), (foreign, false)];
        string[] accounts = ["first", "first", "first", "second"];
        string[] paths = ["/first/", "/first/", "/first/", "/first"];
        var cases =
            from key in Gen.Elements(keys)
            from label in Gen.Elements(accounts)
            from account in Gen.Elements(accounts)
            from sent in Gen.Elements(paths)
            from path in Gen.Elements(paths)
            from minutes in Gen.OneOf(Gen.Choose(-14, 14), Gen.Choose(-60, 60))
            // A request of exactly 15 minutes' difference may be on either side when it arrives.
            where Math.Abs(minutes) != 15
            select (key, label, account, sent, path, minutes);

        Prop.ForAll(cases.ToArbitrary(), one =>
        {
            var fits = one is { key.Fits: true, label: "first", account: "first" } && one.sent == one.path && Math.Abs(one.minutes) < 15;
            var signed = new Signed(azure.Clock.GetUtcNow().AddMinutes(one.minutes), one.label, one.account, one.sent, one.path);
            var (status, _) = azure.ListContainers("first", one.key.Key, signed).GetAwaiter().GetResult();
            return status == (fits ? 200 : 403);
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(400));
    }
}
