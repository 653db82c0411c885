using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.ServiceAccounts;

public sealed class CreateServiceAccountTests
{
    private const string Storage = "/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests/providers/Microsoft.Storage/storageAccounts/";

    [Fact]
    public async Task The_answer_finds_a_working_credential_in_key_vault_and_holds_none_itself()
    {
        var app = await App.Shared;
        var customer = await app.CreateCustomer();
        var accounts = $"/api/customers/{customer["id"]}/service-accounts";

        var created = (await app.Admin.Post(accounts, new { name = "Deploy to prod", kind = "apiCredential" })).ShouldBe(201);

        created.Headers.Location!.ToString().Should().Be($"{accounts}/{created["id"]}");
        ((string)created["id"]!).Should().StartWith("sva_");
        ((string?)created["state"]).Should().Be("active");
        ((string?)created["secretName"]).Should().Be($"sva-{customer["slug"]}-local-deploy-to-prod");
        created["rotation"]!.ToJsonString().Should().Be("""{"interval":"P90D","overlap":"P1D","verify":true}""");
        ((string?)created["latestRotation"]!["trigger"]).Should().Be("initial");
        ((string?)created["latestRotation"]!["status"]).Should().Be("Succeeded");
        var secret = await app.CurrentSecret((string)created["secretName"]!);
        created.Body.Should().NotContain(secret);
        (await app.Caller(secret).Get($"/api/customers/{customer["id"]}")).ShouldBe(200);
        (await app.Caller(secret).Post($"{accounts}/{created["id"]}/rotate")).ShouldBeRefused(403, "forbidden");
    }

    [Fact]
    public async Task Names_are_compared_as_names_and_the_secret_of_a_similar_one_has_a_suffix()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var long1 = "An account whose name is longer than anybody reads";
        string[] names = ["deploy", "deploy 2", "de-ploy", "日本語", "Москва", "🚀", long1, long1 + "!"];
        var secrets = new List<string>();
        foreach (var name in names) { secrets.Add((string)(await app.CreateServiceAccount(id, name))["secretName"]!); }

        secrets.Should().OnlyHaveUniqueItems();
        (await app.Admin.Get($"/api/customers/{id}/service-accounts"))["value"]!.AsArray().Select(account => (string)account!["name"]!).Should().BeEquivalentTo(names);
        foreach (var taken in new[] { "deploy", "Deploy", " DEPLOY 2 ", "日本語", "москва", "🚀" })
        {
            (await app.Admin.Post($"/api/customers/{id}/service-accounts", new { name = taken, kind = "apiCredential" })).ShouldBeRefused(409, "service-account-name-taken");
        }
    }

    [Fact]
    public async Task A_deleted_accounts_name_is_free_and_its_secrets_name_is_not_used_again()
    {
        var app = await App.Shared;
        var id = (string)(await app.CreateCustomer())["id"]!;
        var deploy = await app.CreateServiceAccount(id);
        var second = await app.CreateServiceAccount(id, "deploy 2");
        (await app.Admin.Delete($"/api/customers/{id}/service-accounts/{deploy["id"]}", "*")).ShouldBe(204);

        var again = await app.CreateServiceAccount(id);

        new[] { deploy, second, again }.Select(account => (string)account["secretName"]!).Should().OnlyHaveUniqueItems();
        (await app.Admin.Post($"/api/customers/{id}/service-accounts", new { name = "deploy", kind = "apiCredential" })).ShouldBeRefused(409, "service-account-name-taken");
    }

    [Fact]
    public async Task Of_many_requests_for_one_name_at_once_one_gets_it()
    {
        var app = await App.Shared;
        var path = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => app.Admin.Post(path, new { name = "once", kind = "apiCredential" })));

        answers.Count(answer => answer.Status == 201).Should().Be(1);
        answers.Select(answer => answer.Status).Should().OnlyContain(status => status == 201 || status == 409);
        (await app.Admin.Get(path))["value"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task A_storage_accounts_first_credential_is_the_key_it_has()
    {
        var app = await App.Shared;
        var resourceId = await app.CreateStorageAccount();
        var before = await app.Arm(HttpMethod.Post, $"{resourceId}/listKeys?api-version=2023-05-01");

        var created = await app.CreateStorageServiceAccount((string)(await app.CreateCustomer())["id"]!, resourceId);

        var after = await app.Arm(HttpMethod.Post, $"{resourceId}/listKeys?api-version=2023-05-01");
        JsonNode.DeepEquals(after, before).Should().BeTrue("taking an account on breaks nobody");
        (await app.CurrentSecret((string)created["secretName"]!)).Should().Be((string)before["keys"]![0]!["value"]!);
        ((string?)created["resourceId"]).Should().Be(resourceId);
    }

    [Theory]
    [InlineData("""{"kind":"apiCredential"}""", "/name", "required")]
    [InlineData("""{"name":" ","kind":"apiCredential"}""", "/name", "empty")]
    [InlineData("""{"name":"1234567890123456789012345678901234567890123456789012345678901","kind":"apiCredential"}""", "/name", "too-long")]
    [InlineData("""{"name":"a\u0007b","kind":"apiCredential"}""", "/name", "control-character")]
    [InlineData("""{"name":1,"kind":"apiCredential"}""", "/name", "wrong-type")]
    [InlineData("""{"name":"a"}""", "/kind", "required")]
    [InlineData("""{"name":"a","kind":"sshKey"}""", "/kind", "unknown-value")]
    [InlineData("""{"name":"a","kind":"APICREDENTIAL"}""", "/kind", "unknown-value")]
    [InlineData("""{"name":"a","kind":"storageAccountKeys"}""", "/resourceId", "required")]
    [InlineData("""{"name":"a","kind":"apiCredential","resourceId":"/subscriptions/x"}""", "/resourceId", "not-allowed")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"PT59M"}}""", "/rotation/interval", "out-of-range")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"P731D"}}""", "/rotation/interval", "out-of-range")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"-P1D"}}""", "/rotation/interval", "out-of-range")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"overlap":"PT4M59S"}}""", "/rotation/overlap", "out-of-range")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"P6D","window":{"start":"02:00","duration":"PT2H","days":["monday"]}}}""", "/rotation/interval", "shorter-than-window")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"P3D","window":{"start":"02:00","duration":"PT2H","days":["monday","thursday"]}}}""", "/rotation/interval", "shorter-than-window")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"PT23H","window":{"start":"02:00","duration":"P1D"}}}""", "/rotation/interval", "shorter-than-window")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"P1D","overlap":"P1DT1S"}}""", "/rotation/overlap", "out-of-range")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":"P3M"}}""", "/rotation/interval", "wrong-type")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"interval":90}}""", "/rotation/interval", "wrong-type")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":"P90D"}""", "/rotation", "wrong-type")]
    [InlineData("""{"name":"a","kind":"apiCredential","rotation":{"every":"P90D"}}""", "/rotation/every", "unknown-field")]
    [InlineData("""{"name":"a","kind":"apiCredential","secret":"s"}""", "/secret", "unknown-field")]
    public async Task A_wrong_field_is_named_and_nothing_is_created(string body, string field, string code)
    {
        var app = await App.Shared;
        var accounts = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        var refused = (await app.Admin.Post(accounts, body)).ShouldBeRefused(400, "invalid-request", field);

        refused["errors"]!.AsArray().Should().Contain(error => (string?)error!["pointer"] == field && (string?)error["code"] == code);
        (await app.Admin.Get(accounts)).ShouldBe(200)["value"]!.AsArray().Should().BeEmpty();
    }

    [Theory]
    [InlineData("PT1H", null, "PT1H")]
    [InlineData("PT1H", "PT5M", "PT5M")]
    [InlineData("P730D", "P730D", "P730D")]
    public async Task The_shortest_and_longest_intervals_and_overlaps_are_good(string interval, string? overlap, string effective)
    {
        var app = await App.Shared;

        var created = await app.CreateServiceAccount((string)(await app.CreateCustomer())["id"]!, rotation: new { interval, overlap });

        System.Xml.XmlConvert.ToTimeSpan((string)created["rotation"]!["overlap"]!).Should().Be(System.Xml.XmlConvert.ToTimeSpan(effective));
    }

    [Theory]
    [InlineData("account")]
    [InlineData("/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests")]
    [InlineData("/subscriptions/44444444-4444-4444-4444-444444444444/resourceGroups/tests/providers/Microsoft.KeyVault/vaults/one")]
    [InlineData("/subscriptions/44444444-4444-4444-4444-444444444444/providers/Microsoft.Storage/storageAccounts/one")]
    [InlineData(Storage + "one/blobServices/default")]
    [InlineData(Storage + "one/../two")]
    [InlineData(Storage + "one?x=y")]
    [InlineData(Storage + "one#x")]
    [InlineData(Storage + "one%2Ftwo")]
    [InlineData(Storage + "one\\two")]
    [InlineData("https://evil.example.com" + Storage + "one")]
    [InlineData("")]
    public async Task Only_a_storage_accounts_resource_id_is_a_resource_id(string resourceId)
    {
        var app = await App.Shared;
        var accounts = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        (await app.Admin.Post(accounts, new { name = "storage", kind = "storageAccountKeys", resourceId })).ShouldBeRefused(400, "invalid-request", "/resourceId");
    }

    [Fact]
    public async Task A_storage_account_that_is_not_there_cannot_be_used()
    {
        var app = await App.Shared;
        var accounts = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        (await app.Admin.Post(accounts, new { name = "storage", kind = "storageAccountKeys", resourceId = Storage + "nowhere" })).ShouldBeRefused(422, "resource-unusable", "/resourceId");
    }

    [Fact]
    public async Task Only_staff_say_whose_resource_is_whose()
    {
        var app = await App.Shared;
        var customerId = (string)(await app.CreateCustomer())["id"]!;
        var key = app.Caller(await app.CreateApiKey(customerId));
        var resourceId = await app.CreateStorageAccount();

        (await key.Post($"/api/customers/{customerId}/service-accounts", new { name = "storage", kind = "storageAccountKeys", resourceId })).ShouldBeRefused(403, "forbidden");
        (await key.Post($"/api/customers/{customerId}/service-accounts", new { name = "deploy", kind = "apiCredential" })).ShouldBe(201);
    }

    [Fact]
    public async Task A_resource_has_one_service_account_however_its_id_is_written()
    {
        var app = await App.Shared;
        var resourceId = await app.CreateStorageAccount();
        await app.CreateStorageServiceAccount((string)(await app.CreateCustomer())["id"]!, resourceId);
        var others = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        (await app.Admin.Post(others, new { name = "storage", kind = "storageAccountKeys", resourceId = resourceId.Replace("resourceGroups", "RESOURCEGROUPS", StringComparison.Ordinal) })).ShouldBeRefused(409, "resource-taken");
        (await app.Admin.Get(others))["value"]!.AsArray().Should().BeEmpty();
        (await app.Admin.Post(others, new { name = "storage", kind = "apiCredential" })).ShouldBe(201);
    }

    [Fact]
    public async Task A_name_is_taken_once_in_a_customer_also_when_fifty_want_it_at_once()
    {
        var app = await App.Shared;
        var accounts = $"/api/customers/{(await app.CreateCustomer())["id"]}/service-accounts";

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => app.Admin.Post(accounts, new { name = i % 2 == 0 ? "Deploy" : "DEPLOY ", kind = "apiCredential" })));

        answers.Count(answer => answer.Status == 201).Should().Be(1);
        answers.Where(answer => answer.Status != 201).Should().AllSatisfy(answer => answer.ShouldBeRefused(409, "service-account-name-taken"));
        (await app.Admin.Get(accounts))["value"]!.AsArray().Should().ContainSingle();
    }

    [Fact]
    public async Task Two_customers_whose_names_make_the_same_secret_name_get_two_secrets()
    {
        var app = await App.Shared;
        var stem = $"x{Guid.NewGuid():N}"[..12];
        var first = (await app.Admin.Post("/api/customers", new { name = "A", email = App.NewEmail(), slug = $"{stem}-local" })).ShouldBe(201);
        var second = (await app.Admin.Post("/api/customers", new { name = "B", email = App.NewEmail(), slug = stem })).ShouldBe(201);

        var one = await app.CreateServiceAccount((string)first["id"]!, "cat");
        var other = await app.CreateServiceAccount((string)second["id"]!, "local-cat");

        ((string)one["secretName"]!).Should().Be($"sva-{stem}-local-local-cat");
        ((string)other["secretName"]!).Should().MatchRegex($"^sva-{stem}-local-local-cat-[0-9a-z]{{6}}$");
        (await app.Caller(await app.CurrentSecret((string)one["secretName"]!)).Get($"/api/customers/{first["id"]}")).ShouldBe(200);
        (await app.Caller(await app.CurrentSecret((string)other["secretName"]!)).Get($"/api/customers/{second["id"]}")).ShouldBe(200);
    }
}
