using System.Text.Json.Nodes;

namespace CustomerFunctions.Tests.Properties;

/// <summary>
/// Three customers, with people, with another owner, and without people, and everybody who makes no members there. A
/// history begins with all of it as it was, but for people's addresses: those are new, since the budget
/// for mail counts by address.
/// </summary>
internal sealed class MembershipWorld
{
    private const int Strangers = 3;
    private static readonly string[] Roles = ["owner", "admin", "member", "viewer"];

    private readonly App app;
    private readonly List<(string Name, Api Api, string? AccountId, string? Home)> callers = [];
    private readonly List<(string Id, Api Api)> people = [];
    private readonly List<string> customers = [];
    private readonly Dictionary<string, JsonObject> documents = [];
    private readonly Dictionary<string, string> addresses = [];
    private readonly HashSet<string> made = [];
    private readonly HashSet<string> left = [];
    private Api? madeKey;
    private string lastSet = "";
    private string invitation = "";

    private MembershipWorld(App app) => this.app = app;

    /// <summary>How often each kind of request was answered in which way.</summary>
    public Dictionary<string, int> Answers { get; } = [];

    public static async Task<MembershipWorld> Assemble(App app)
    {
        var world = new MembershipWorld(app);
        for (var i = 0; i < 3; i++) { world.customers.Add((string)(await app.CreateCustomer())["id"]!); }
        var (first, second, empty) = (world.customers[0], world.customers[1], world.customers[2]);
        await world.Join(first, "owner", isCaller: false);
        await world.Join(first, "member", isCaller: true);
        await world.Join(first, "viewer", isCaller: true);
        await world.Join(second, "owner", isCaller: true);
        for (var i = 0; i < Strangers; i++) { await world.Enlist(await Person.SignedUp(app), $"stranger {i}", home: null); }
        var rep = await Person.Staff(app, "sales_rep");
        await rep.SetUpSecondFactor();
        var repId = await rep.Id();
        (await app.Admin.Put($"/api/customers/{first}/sales-reps/{repId}", "{}")).ShouldBe(201);
        world.callers.Add(("sales rep", rep.Api, null, first));
        foreach (var customer in world.customers) { world.callers.Add(($"key of {customer}", app.Caller(await app.CreateApiKey(customer)), null, customer)); }
        world.callers.Add(("service account", app.Caller(await app.CurrentSecret((string)(await app.CreateServiceAccount(first))["secretName"]!)), null, first));
        world.callers.Add(("nobody", app.Caller(key: null), null, null));
        world.invitation = (string)(await app.Admin.Post($"/api/customers/{first}/invitations", new { email = App.NewEmail(), role = "owner" })).ShouldBe(201)["id"]!;
        foreach (var customer in world.customers) { world.documents[customer] = await app.ReadDocument("customers", customer, customer); }
        foreach (var (id, _) in world.people) { world.documents[id] = await app.ReadDocument("accounts", id, id); }
        return world;
    }

    /// <summary>Everything as it was; each person has a confirmed address that nobody has seen.</summary>
    public async Task Reset()
    {
        made.Clear();
        left.Clear();
        madeKey = null;
        lastSet = "";
        foreach (var customer in customers) { await app.Data.Replace("customers", customer, documents[customer]); }
        foreach (var (id, _) in people)
        {
            var account = documents[id].DeepClone().AsObject();
            account["email"] = addresses[id] = App.NewEmail();
            await app.Data.Replace("accounts", id, account);
        }
    }

    /// <summary>One request, as chance has it; in words.</summary>
    public async Task<string> Act(Random random)
    {
        var (name, api, accountId, home) = Any(random, callers);
        var (customer, role) = (home is not null && random.Next(4) > 0 ? home : Any(random, customers), Any(random, Roles));
        if (name == "owner of " + customer) { customer = customers[0]; }
        if (madeKey is not null && random.Next(4) == 0) { (name, api) = ("key made in this history", madeKey); }
        var address = random.Next(4) == 0 ? App.NewEmail() : Any(random, [.. addresses.Values]);
        var path = $"/api/customers/{customer}";
        // Most of what a stranger can use is about the address that was set last.
        var person = people.Find(known => addresses[known.Id] == lastSet) is { Api: not null } reader && random.Next(2) == 0 ? reader : Any(random, people);
        var (what, answer) = random.Next(16) switch
        {
            0 or 1 or 2 => ("SetAddress", await api.Patch(path, new { email = address }, "*")),
            3 => ("ReplaceAddress", await api.Put(path, new { name = "Ada", email = address }, "*")),
            4 or 5 or 6 => ("GetOrCreate", await person.Api.Post($"/api/accounts/{person.Id}/customers")),
            7 => ("OpenLink", await OpenLink(random.Next(3) > 0 ? lastSet : address)),
            8 => ("SendLink", await api.Post($"{path}/email-link")),
            9 => ("PutMember", await api.Put($"{path}/members/{person.Id}", new { role })),
            10 => ("Invite", await api.Post($"{path}/invitations", new { email = address, role })),
            11 => ("Accept", await api.Post("/api/auth/accept-invitation", new { token = invitation, password = Person.FirstPassword })),
            12 => ("MakeKey", await MakeKey(api, path)),
            13 when accountId is not null && random.Next(2) == 0 => ("Promote", await api.Patch($"/api/accounts/{accountId}", new { role = "admin" }, "*")),
            13 or 14 when accountId is not null => ("Leave", await api.Delete($"{path}/members/{accountId}")),
            13 => ("Create", await api.Post("/api/customers", new { name = "Ada", email = App.NewEmail() })),
            _ => ("Bulk", await api.Post("/api/customers/bulk", new { items = new[] { new { action = "patch", id = customer, ifMatch = "*", body = new { email = address } } } })),
        };
        if (what is ("SetAddress" or "ReplaceAddress") && answer.Status == 200) { lastSet = address; }
        if (what == "Leave" && answer.Status == 204) { left.Add($"{accountId} {customer}"); }
        if (what == "GetOrCreate" && answer.Status is 200 or 201) { made.Add((string)answer["customerId"]!); }
        Answers[$"{what} {answer.Status}"] = Answers.GetValueOrDefault($"{what} {answer.Status}") + 1;
        answer.Status.Should().BeLessThan(500, "{0} by {1}: {2}", what, name, answer.Body);
        return what switch
        {
            "GetOrCreate" => $"{what} by {person.Id} with {addresses.GetValueOrDefault(person.Id)}: {answer.Status}",
            _ => $"{what} by {name} at {customer} with {address}, {role}, {person.Id}: {answer.Status}",
        };
    }

    /// <summary>Memberships and platform roles that nobody has given.</summary>
    public async Task<IReadOnlyList<string>> Wrong()
    {
        var wrong = new List<string>();
        foreach (var customer in customers)
        {
            var before = Members(documents[customer]).Where(member => !left.Contains($"{member.Split(' ')[0]} {customer}"));
            wrong.AddRange(Members(await app.ReadDocument("customers", customer, customer)).Except(before).Select(member => $"{member} at {customer}"));
        }
        foreach (var id in made.Except(customers))
        {
            // Whom get-or-create makes a customer for is its owner, and alone there.
            if (Members(await app.ReadDocument("customers", id, id)) is not [var owner] || !owner.EndsWith(" owner", StringComparison.Ordinal)) { wrong.Add($"people at the new {id}"); }
        }
        foreach (var (id, _) in people)
        {
            if ((string?)(await app.ReadDocument("accounts", id, id))["role"] is not (null or "customer")) { wrong.Add($"the platform role of {id}"); }
        }
        return wrong;
    }

    private static IReadOnlyList<string> Members(JsonObject customer) => [.. (customer["members"]?.AsArray() ?? []).Select(member => $"{member!["accountId"]} {member["role"]}")];

    private static T Any<T>(Random random, IReadOnlyList<T> things) => things[random.Next(things.Count)];

    private async Task Join(string customer, string role, bool isCaller)
    {
        var person = await Person.SignedUp(app);
        (await app.Admin.Put($"/api/customers/{customer}/members/{await person.Id()}", new { role })).ShouldBe(201);
        if (isCaller) { await Enlist(person, $"{role} of {customer}", customer); }
    }

    private async Task Enlist(Person person, string name, string? home)
    {
        var id = await person.Id();
        callers.Add((name, person.Api, id, home));
        people.Add((id, person.Api));
        addresses[id] = person.Email;
    }

    /// <summary>Whoever reads the address opens the newest link in it, wherever it came from.</summary>
    private async Task<Answer> OpenLink(string address)
    {
        var mails = JsonNode.Parse(await app.Cloud.Local.GetStringAsync($"/outbox?to={Uri.EscapeDataString(address)}"))!.AsArray();
        var token = (string?)mails.FirstOrDefault(mail => (string)mail!["template"]! == "confirm-customer-email")?["data"]!["token"];
        return await app.Caller(key: null).Post("/api/auth/confirm-customer-email", new { token = token ?? "none" });
    }

    private async Task<Answer> MakeKey(Api api, string path)
    {
        var answer = await api.Post($"{path}/api-keys", new { name = "made", scopes = new[] { "customers.write", "customers.read", "apiKeys.write" } });
        if (answer.Status == 201) { madeKey = app.Caller((string)answer["key"]!); }
        return answer;
    }
}
