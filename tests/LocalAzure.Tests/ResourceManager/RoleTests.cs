using System.Text.Json.Nodes;

namespace LocalAzure.Tests.ResourceManager;

/// <summary>Role definitions and assignments, as Resource Manager answers them.</summary>
public sealed class RoleTests : IAsyncLifetime
{
    private const string ApiVersion = "2022-04-01";
    private const string Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7";
    private const string Principal = "0b1f6471-1bf0-4dda-aec3-111122223333";
    private const string Group = $"{AzureAccount.Subscription}/resourceGroups/{AzureAccount.Group}";
    private AzureAccount azure = null!;

    public async Task InitializeAsync() => azure = await AzureAccount.Start();

    public async Task DisposeAsync() => await azure.DisposeAsync();

    [Fact]
    public async Task Built_in_roles_have_the_names_and_ids_that_they_have_everywhere()
    {
        var byName = await List($"{AzureAccount.Subscription}/providers/Microsoft.Authorization/roleDefinitions?$filter=roleName%20eq%20'Reader'");
        byName.Should().ContainSingle().Which["name"]!.GetValue<string>().Should().Be(Reader);
        ((string?)byName[0]["properties"]!["type"]).Should().Be("BuiltInRole");
        var (status, body) = await azure.Send(HttpMethod.Get, (string)byName[0]["id"]!, apiVersion: ApiVersion);
        (status, (string?)JsonNode.Parse(body)!["properties"]!["roleName"]).Should().Be((200, "Reader"));
        await Refused(HttpMethod.Get, $"{AzureAccount.Subscription}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}", null, 404, "RoleDefinitionDoesNotExist");
        await Refused(HttpMethod.Put, (string)byName[0]["id"]!, new { properties = new { roleName = "Mine", assignableScopes = new[] { AzureAccount.Subscription } } }, 403, "OperationNotAllowed");
    }

    [Fact]
    public async Task An_assignment_is_made_read_listed_made_again_and_removed()
    {
        var path = Assignment(Group);
        var (status, body) = await azure.Send(HttpMethod.Put, path, Body(), ApiVersion);
        status.Should().Be(201, body);
        var made = JsonNode.Parse(body)!;
        ((string?)made["id"]).Should().Be(path);
        ((string?)made["properties"]!["scope"], (string?)made["properties"]!["principalId"], (string?)made["properties"]!["principalType"]).Should().Be((Group, Principal, "ServicePrincipal"));
        ((string?)made["properties"]!["roleDefinitionId"]).Should().EndWith("/roleDefinitions/" + Reader);

        (await azure.Send(HttpMethod.Put, path, Body(), ApiVersion)).Should().Be((200, body), "the same again changes nothing");
        (await azure.Send(HttpMethod.Get, path.ToUpperInvariant().Replace("/SUBSCRIPTIONS", "/subscriptions", StringComparison.Ordinal), apiVersion: ApiVersion)).Should().Be((200, body), "ids have no case");
        await azure.Restart();
        (await List($"{AzureAccount.Subscription}/providers/Microsoft.Authorization/roleAssignments?$filter=principalId%20eq%20'{Principal}'")).Select(item => (string?)item["id"]).Should().Equal(path);
        (await azure.Send(HttpMethod.Delete, path, apiVersion: ApiVersion)).Should().Be((200, body));
        (await azure.Send(HttpMethod.Delete, path, apiVersion: ApiVersion)).Status.Should().Be(204);
        await Refused(HttpMethod.Get, path, null, 404, "RoleAssignmentNotFound");
    }

    [Fact]
    public async Task The_same_grant_under_another_name_is_a_conflict_and_another_grant_under_the_same_name_is_refused()
    {
        var path = Assignment(Group);
        (await azure.Send(HttpMethod.Put, path, Body(), ApiVersion)).Status.Should().Be(201);
        var refusal = await Refused(HttpMethod.Put, Assignment(Group), Body(), 409, "RoleAssignmentExists");
        ((string?)refusal["message"]).Should().EndWith($"The ID of the existing role assignment is {path.Split('/')[^1].Replace("-", "", StringComparison.Ordinal)}.");
        await Refused(HttpMethod.Put, path, Body(role: "b24988ac-6180-42a0-ab88-20f7382dd24c"), 400, "RoleAssignmentUpdateNotPermitted");
        await Refused(HttpMethod.Put, $"{AzureAccount.Subscription}/providers/Microsoft.Authorization/roleAssignments/{path.Split('/')[^1]}", Body(), 400, "RoleAssignmentUpdateNotPermitted");
    }

    [Fact]
    public async Task A_list_for_a_principal_has_what_is_above_and_below_the_scope_and_one_at_scope_nothing_below()
    {
        await azure.CreateGroup("rg-other");
        var (subscription, group, other) = (Assignment(AzureAccount.Subscription), Assignment(Group), Assignment($"{AzureAccount.Subscription}/resourceGroups/rg-other"));
        foreach (var path in new[] { subscription, group, other }) { (await azure.Send(HttpMethod.Put, path, Body(), ApiVersion)).Status.Should().Be(201); }
        (await azure.Send(HttpMethod.Put, Assignment(Group), Body(principal: Guid.NewGuid().ToString()), ApiVersion)).Status.Should().Be(201);

        (await Ids(AzureAccount.Subscription, $"principalId eq '{Principal}'")).Should().Equal(subscription, group, other);
        (await Ids(Group, $"principalId eq '{Principal}'")).Should().Equal(subscription, group);
        (await Ids(AzureAccount.Subscription, "atScope()")).Should().Equal(subscription);
        (await Ids(Group, "atScope()")).Should().HaveCount(3);
        await Refused(HttpMethod.Get, $"{Group}/providers/Microsoft.Authorization/roleAssignments?$filter=createdOn%20gt%202020", null, 501, "NotImplemented");
    }

    [Fact]
    public async Task What_does_not_exist_cannot_be_assigned_or_assigned_to()
    {
        await Refused(HttpMethod.Put, Assignment($"{AzureAccount.Subscription}/resourceGroups/none"), Body(), 404, "ResourceGroupNotFound");
        await Refused(HttpMethod.Put, Assignment("/subscriptions/00000000-0000-0000-0000-000000000001"), Body(), 404, "SubscriptionNotFound");
        await Refused(HttpMethod.Put, Assignment($"{AzureAccount.Accounts}/none"), Body(), 404, "ResourceNotFound");
        await Refused(HttpMethod.Put, Assignment(Group), Body(role: Guid.NewGuid().ToString()), 400, "RoleDefinitionDoesNotExist");
        await Refused(HttpMethod.Put, Assignment(Group), Body(principal: "me"), 400, "InvalidPrincipalId");
        await Refused(HttpMethod.Put, $"{Group}/providers/Microsoft.Authorization/roleAssignments/first", Body(), 400, "InvalidRoleAssignmentId");
    }

    [Fact]
    public async Task A_principal_that_the_directory_does_not_know_yet_is_found_only_by_who_says_what_kind_it_is()
    {
        await Refused(HttpMethod.Put, Assignment(Group), Body(principalType: null), 400, "PrincipalNotFound");
        (await azure.Send(HttpMethod.Put, Assignment(Group), Body(), ApiVersion)).Status.Should().Be(201);
        var known = Guid.NewGuid().ToString();
        azure.Emulator.KnowsPrincipal = id => id == known;
        (await azure.Send(HttpMethod.Put, Assignment(Group), Body(principal: known, principalType: null), ApiVersion)).Status.Should().Be(201);
    }

    [Fact]
    public async Task A_custom_role_is_assignable_where_it_says_and_not_removed_while_somebody_has_it()
    {
        var path = $"{Group}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}";
        var role = new { properties = new { roleName = "Deployer", description = "Deploys", assignableScopes = new[] { Group }, permissions = new[] { new { actions = new[] { "Microsoft.Web/*" } } } } };
        (await azure.Send(HttpMethod.Put, path, Json(role), ApiVersion)).Status.Should().Be(201);
        (await azure.Send(HttpMethod.Put, path, Json(role), ApiVersion)).Status.Should().Be(200);
        await Refused(HttpMethod.Put, $"{Group}/providers/Microsoft.Authorization/roleDefinitions/{Guid.NewGuid()}", role, 409, "RoleDefinitionWithSameNameExists");
        await Refused(HttpMethod.Put, Assignment(AzureAccount.Subscription), Body(role: path.Split('/')[^1]), 400, "InvalidRoleAssignmentScope");
        var assignment = Assignment(Group);
        (await azure.Send(HttpMethod.Put, assignment, Body(role: path.Split('/')[^1]), ApiVersion)).Status.Should().Be(201);
        await Refused(HttpMethod.Delete, path, null, 400, "RoleDefinitionHasAssignments");
        (await azure.Send(HttpMethod.Delete, assignment, apiVersion: ApiVersion)).Status.Should().Be(200);
        (await azure.Send(HttpMethod.Delete, path, apiVersion: ApiVersion)).Status.Should().Be(200);
    }

    private static string Assignment(string scope) => $"{scope}/providers/Microsoft.Authorization/roleAssignments/{Guid.NewGuid()}";

    private static string Body(string role = Reader, string principal = Principal, string? principalType = "ServicePrincipal") =>
        Json(new { properties = new { roleDefinitionId = $"{AzureAccount.Subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}", principalId = principal, principalType } });

    private static string Json(object body) => System.Text.Json.JsonSerializer.Serialize(body);

    private async Task<IReadOnlyList<JsonNode>> List(string path)
    {
        var (status, body) = await azure.Send(HttpMethod.Get, path, apiVersion: ApiVersion);
        status.Should().Be(200, body);
        return [.. JsonNode.Parse(body)!["value"]!.AsArray().Select(item => item!)];
    }

    private async Task<IReadOnlyList<string>> Ids(string scope, string filter) =>
        [.. (await List($"{scope}/providers/Microsoft.Authorization/roleAssignments?$filter={Uri.EscapeDataString(filter)}")).Select(item => (string)item["id"]!)];

    private async Task<JsonNode> Refused(HttpMethod method, string path, object? body, int status, string code)
    {
        var answer = await azure.Send(method, path, body as string ?? (body is null ? null : Json(body)), ApiVersion);
        answer.Status.Should().Be(status, answer.Body);
        var error = JsonNode.Parse(answer.Body)!["error"]!;
        ((string?)error["code"]).Should().Be(code, answer.Body);
        return error;
    }
}
