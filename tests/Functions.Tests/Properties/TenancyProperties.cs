using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace CustomerFunctions.Tests.Properties;

/// <summary>
/// What holds for people and customers whatever is done to them in whatever order: a hundred made-up histories each, over HTTP, and what is stored afterwards. The history
/// for which one does not hold is printed.
/// </summary>
public sealed class TenancyProperties
{
    private const int Histories = 100;
    private static readonly string[] Roles = ["owner", "admin", "member", "viewer"];

    private enum Act
    {
        Assign,
        Remove,
        SetDefault,
        Ensure,
        Deactivate,
        Activate,
        CreateKey,
        Rename,
    }

    private sealed record Step(Act Act, int Person, int Customer, string Role, string Text);

    private static readonly Gen<Step> Steps =
        from act in Gen.Elements(Enum.GetValues<Act>())
        from person in Gen.Choose(0, 2)
        from customer in Gen.Choose(0, 1)
        from role in Gen.Elements(Roles.Append("king").Append("").ToArray())
        from text in Gen.Elements("Ada", "Grace Hopper", "\u4e2d\u6587", "x")
        select new Step(act, person, customer, role, text);

    [Fact]
    public async Task After_any_history_members_and_accounts_agree_references_resolve_and_rights_follow_membership()
    {
        var app = await App.Shared;
        var people = new List<(Person Person, string Id)>();
        for (var i = 0; i < 3; i++) { var person = await Person.SignedUp(app); people.Add((person, await person.Id())); }
        await Generated.CheckAsync(Gen.ListOf(Steps), async history =>
        {
            var customers = new[] { (string)(await app.CreateCustomer())["id"]!, (string)(await app.CreateCustomer())["id"]! };
            foreach (var step in history) { await Do(app, step, people, customers); }
            foreach (var customer in customers) { (await app.Admin.Post($"/api/customers/{customer}/activate")).ShouldBe(200); }

            var members = new Dictionary<string, JsonArray>();
            foreach (var customer in customers)
            {
                // Customer relationship integrity; references always resolve.
                members[customer] = (await app.Admin.Get($"/api/customers/{customer}/members?maxpagesize=200")).ShouldBe(200)["value"]!.AsArray();
                members[customer].Select(member => (string)member!["accountId"]!).Should().OnlyHaveUniqueItems();
                foreach (var member in members[customer])
                {
                    Roles.Should().Contain((string)member!["role"]!);
                    (await app.Admin.Get($"/api/accounts/{member["accountId"]}")).ShouldBe(200);
                }
                foreach (var key in (await app.Admin.Get($"/api/customers/{customer}/api-keys")).ShouldBe(200)["value"]!.AsArray())
                {
                    var pointer = await app.ReadDocument("directory", "key:" + ((string)key!["id"]!)[4..], "key:" + ((string)key["id"]!)[4..]);
                    ((string?)pointer["customerId"]).Should().Be(customer);
                }
            }
            foreach (var (person, id) in people)
            {
                // User-customer mapping consistency: both sides say the same, with one default.
                var own = (await person.Api.Get($"/api/accounts/{id}/customers")).ShouldBe(200)["value"]!.AsArray();
                foreach (var customer in customers)
                {
                    var there = members[customer].SingleOrDefault(member => (string)member!["accountId"]! == id);
                    var here = own.SingleOrDefault(entry => (string)entry!["customerId"]! == customer);
                    ((string?)here?["role"]).Should().Be((string?)there?["role"]);

                    // Authorization follows customer ownership.
                    (await person.Api.Get($"/api/customers/{customer}")).Status.Should().Be(there is null ? 404 : 200);
                    (await person.Api.Get($"/api/customers/{customer}/ip-rules")).Status.Should().Be(there is null ? 404 : (string)there["role"]! is "owner" or "admin" ? 200 : 403);
                }
                own.Count(entry => (bool)entry!["isDefault"]!).Should().Be(own.Count == 0 ? 0 : 1);
            }
        }, Histories);
    }

    [Fact]
    public async Task A_customers_data_is_what_the_last_accepted_change_said_and_its_names_lead_to_it()
    {
        var app = await App.Shared;
        await Generated.CheckAsync(Gen.ListOf(from name in Generated.Text(30) from slug in Gen.Elements("", "taken", "own") from email in Gen.Elements("keep", "new") select (name, slug, email)), async edits =>
        {
            var created = await app.CreateCustomer();
            var (path, current, etag) = ($"/api/customers/{created["id"]}", created, (await app.Admin.Get($"/api/customers/{created["id"]}")).ETag);
            foreach (var (name, slug, email) in edits)
            {
                var patch = new JsonObject { ["name"] = name };
                if (slug == "own") { patch["slug"] = "own-" + Guid.NewGuid().ToString("N"); }
                if (slug == "taken") { patch["slug"] = (string)(await app.CreateCustomer())["slug"]!; }
                if (email == "new") { patch["email"] = App.NewEmail(); }
                var answer = await app.Admin.Send(HttpMethod.Patch, path, patch.ToJsonString(), etag, "application/merge-patch+json");
                answer.Status.Should().BeOneOf(200, 400, 409);
                if (answer.Status == 200) { (current, etag) = (answer.Object, answer.ETag); }
            }
            var read = (await app.Admin.Get(path)).ShouldBe(200);
            JsonNode.DeepEquals(Without(read.Object), Without(current)).Should().BeTrue();
            read.ETag.Should().Be(etag);
            foreach (var claim in new[] { $"email:{read["email"]}", $"slug:{read["slug"]}" }) { ((string?)(await app.ReadDocument("directory", claim, claim))["customerId"]).Should().Be((string?)created["id"]); }
        }, Histories);
    }

    [Fact]
    public async Task A_platform_role_is_always_one_of_four_and_only_an_administrator_gives_it()
    {
        var app = await App.Shared;
        var person = await Person.SignedUp(app);
        var path = $"/api/accounts/{await person.Id()}";
        var valid = new[] { "customer", "sales_rep", "operator" };
        await Generated.CheckAsync(Gen.OneOf(Gen.Elements(valid), Generated.Text(12)), async role =>
        {
            (await person.Api.Patch(path, new { role }, "*")).Status.Should().BeOneOf(401, 403);
            var given = await app.Admin.Patch(path, new { role }, "*");
            given.Status.Should().Be(valid.Contains(role) ? 200 : 400, "the role was '{0}'", role);
            valid.Should().Contain((string)(await app.Admin.Get(path)).ShouldBe(200)["role"]!);
        }, Histories);
    }

    [Fact]
    public async Task Getting_or_creating_a_customer_gives_the_same_one_however_often_and_however_many_at_once()
    {
        var app = await App.Shared;
        await Generated.CheckAsync(Gen.Choose(1, 6), async at =>
        {
            var (email, id) = (App.NewEmail(), "");
            id = (string)(await app.Admin.Post("/api/accounts", new { email, name = "Ada", password = Person.FirstPassword })).ShouldBe(201)["id"]!;
            var answers = await Task.WhenAll(Enumerable.Range(0, at).Select(_ => UntilServed(() => app.Admin.Post($"/api/accounts/{id}/customers"))));
            answers.Append(await app.Admin.Post($"/api/accounts/{id}/customers")).Select(answer => (string)answer["customerId"]!).Distinct().Should().ContainSingle();
        }, Histories);
    }

    [Fact]
    public async Task Older_documents_still_work()
    {
        var app = await App.Shared;
        var optional = new[] { "members", "salesReps", "allowedNetworks", "leakResponse", "holds", "writeId", "outbox", "outboxDueAt" };
        await Generated.CheckAsync(from missing in Gen.SubListOf(optional) from unknown in Generated.Text(20) select (missing, unknown), async made =>
        {
            var (missing, unknown) = made;
            var id = (string)(await app.CreateCustomer())["id"]!;
            var stored = await app.ReadDocument("customers", id, id);
            foreach (var field in missing) { stored.Remove(field); }
            stored["fromAnotherVersion"] = unknown;
            await app.Data.Replace("customers", id, stored);

            var read = (await app.Admin.Get($"/api/customers/{id}")).ShouldBe(200);
            (await app.Admin.Patch($"/api/customers/{id}", new { name = "Changed" }, read.ETag)).ShouldBe(200);

            ((string?)(await app.ReadDocument("customers", id, id))["fromAnotherVersion"]).Should().Be(unknown, "what this version does not know stays");
        }, Histories);
    }

    private static async Task Do(App app, Step step, List<(Person Person, string Id)> people, string[] customers)
    {
        var (id, customer) = (people[step.Person].Id, customers[step.Customer]);
        var answer = step.Act switch
        {
            Act.Assign => await app.Admin.Put($"/api/customers/{customer}/members/{id}", new { role = step.Role }),
            Act.Remove => await app.Admin.Delete($"/api/customers/{customer}/members/{id}"),
            Act.SetDefault => await people[step.Person].Person.Api.Post($"/api/accounts/{id}/customers/{customer}/set-default"),
            Act.Ensure => await UntilServed(() => app.Admin.Post($"/api/accounts/{id}/customers")),
            Act.Deactivate => await app.Admin.Post($"/api/customers/{customer}/deactivate"),
            Act.Activate => await app.Admin.Post($"/api/customers/{customer}/activate"),
            Act.CreateKey => await app.Admin.Post($"/api/customers/{customer}/api-keys", new { name = step.Text }),
            _ => await app.Admin.Patch($"/api/customers/{customer}", new { name = step.Text }, "*"),
        };
        answer.Status.Should().BeLessThan(500, "{0}", step);
    }

    private static async Task<Answer> UntilServed(Func<Task<Answer>> call)
    {
        Answer answer;
        do { answer = await call(); } while (answer.Status == 503);
        return answer;
    }

    private static JsonObject Without(JsonObject customer)
    {
        var copy = customer.DeepClone().AsObject();
        copy.Remove("etag");
        return copy;
    }
}
