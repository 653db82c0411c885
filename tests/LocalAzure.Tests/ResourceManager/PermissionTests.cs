using System.Text.Json.Nodes;
using LocalAzure.ResourceManager;

namespace LocalAzure.Tests.ResourceManager;

/// <summary>What the identity may do with resources: told by Microsoft.Authorization/permissions, and enforced.</summary>
public sealed class PermissionTests : IAsyncLifetime
{
    private const string Name = "permitted";
    private const string Action = "Microsoft.Storage/storageAccounts/regenerateKey/action";
    private static readonly string Id = AzureAccount.IdOf(Name).ToString();
    private AzureAccount azure = null!;

    public async Task InitializeAsync()
    {
        azure = await AzureAccount.Start();
        await azure.CreateStorageAccount(Name);
    }

    public async Task DisposeAsync() => await azure.DisposeAsync();

    [Fact]
    public async Task Unless_something_else_was_said_it_may_do_everything()
    {
        var (actions, notActions) = await Permissions();
        (actions.Single(), notActions.Length).Should().Be(("*", 0));
        (await Regenerate(Id)).Status.Should().Be(200);
    }

    [Fact]
    public async Task What_it_is_told_to_lack_is_refused_there_and_below_and_nowhere_else()
    {
        await azure.CreateStorageAccount("another");
        azure.Emulator.Permissions.Put(new PermittedActions(Id.ToUpperInvariant(), ["*"], ["microsoft.storage/STORAGEACCOUNTS/regenerate*"]));

        (await Permissions()).NotActions.Should().Equal("microsoft.storage/STORAGEACCOUNTS/regenerate*");
        var (status, body) = await Regenerate(Id);
        status.Should().Be(403);
        var error = JsonNode.Parse(body)!["error"]!;
        ((string?)error["code"]).Should().Be("AuthorizationFailed");
        ((string?)error["message"]).Should().Contain(Action).And.Contain(Id);
        (await azure.Send(HttpMethod.Post, Id + "/listKeys")).Status.Should().Be(200);
        (await Regenerate(AzureAccount.IdOf("another").ToString())).Status.Should().Be(200);
        azure.Emulator.Permissions.Clear();
        (await Regenerate(Id)).Status.Should().Be(200);
    }

    [Fact]
    public async Task The_narrowest_scope_counts_and_its_permissions_are_read_only_by_who_may()
    {
        azure.Emulator.Permissions.Put(new PermittedActions(AzureAccount.Subscription, [], []));
        azure.Emulator.Permissions.Put(new PermittedActions(Id, ["Microsoft.Storage/*"], []));

        (await Regenerate(Id)).Status.Should().Be(200);
        (await azure.Send(HttpMethod.Get, Id)).Status.Should().Be(200);
        (await azure.Send(HttpMethod.Get, AzureAccount.Accounts)).Status.Should().Be(403);
        var (status, body) = await azure.Send(HttpMethod.Get, Id + "/providers/Microsoft.Authorization/permissions", apiVersion: "2022-04-01");
        status.Should().Be(403);
        body.Should().Contain("Microsoft.Authorization/permissions/read");
    }

    private async Task<(string[] Actions, string[] NotActions)> Permissions()
    {
        var (status, body) = await azure.Send(HttpMethod.Get, Id + "/providers/Microsoft.Authorization/permissions", apiVersion: "2022-04-01");
        status.Should().Be(200, body);
        var one = JsonNode.Parse(body)!["value"]!.AsArray().Single()!;
        string[] Texts(string member) => [.. one[member]!.AsArray().Select(text => (string)text!)];
        return (Texts("actions"), Texts("notActions"));
    }

    private Task<(int Status, string Body)> Regenerate(string id) => azure.Send(HttpMethod.Post, id + "/regenerateKey", """{"keyName":"key2"}""");
}
