using CustomerFunctions.Access;

namespace CustomerFunctions.Tests.Access;

/// <summary>Whom the policy walk sends: one caller of every kind, and what the table calls each.</summary>
internal sealed record Actor(string Name, Role? Platform, Role? AtOwn, string? Token);

/// <summary>A customer in one standing, with everybody of <see cref="Cast"/> who can be its own in their roles there.</summary>
internal sealed record Stage(string CustomerId, string ApiKey, string ServiceAccount);

/// <summary>Everybody who can knock at a route: people of every role, machines, and nobody.</summary>
internal sealed class Cast(App app)
{
    private static readonly (string Name, string Role, Role As)[] Members =
        [("owner", "owner", Role.CustomerOwner), ("customer admin", "admin", Role.CustomerAdmin), ("member", "member", Role.CustomerMember), ("viewer", "viewer", Role.CustomerViewer)];

    private readonly Dictionary<string, Person> people = [];

    /// <summary>Signs everybody in.</summary>
    public static async Task<Cast> Assemble(App app)
    {
        var cast = new Cast(app);
        foreach (var role in new[] { "admin", "operator", "sales_rep" })
        {
            var person = cast.people[role] = await Person.Staff(app, role);
            await person.SetUpSecondFactor();
        }
        foreach (var name in Members.Select(member => member.Name).Append("stranger")) { cast.people[name] = await Person.SignedUp(app); }
        return cast;
    }

    /// <summary>A new customer of the cast; <paramref name="owners"/> false leaves everybody a stranger to it.</summary>
    public async Task<Stage> NewStage(bool owners = true)
    {
        var id = (string)(await app.CreateCustomer())["id"]!;
        if (owners)
        {
            foreach (var (name, role, _) in Members) { (await app.Admin.Put($"/api/customers/{id}/members/{await people[name].Id()}", new { role })).ShouldBe(201); }
            (await app.Admin.Put($"/api/customers/{id}/sales-reps/{await people["sales_rep"].Id()}", "{}")).ShouldBe(201);
        }
        var account = await app.CreateServiceAccount(id);
        return new Stage(id, await app.CreateApiKey(id), await app.CurrentSecret((string)account["secretName"]!));
    }

    public Task<string> IdOf(string name) => people[name].Id();

    /// <summary>Everybody, with the machines of a customer.</summary>
    public IEnumerable<Actor> For(Stage own) =>
    [
        new("bootstrap key", Role.Admin, null, app.AdminKey),
        new("admin", Role.Admin, null, people["admin"].AccessToken),
        new("operator", Role.Operator, null, people["operator"].AccessToken),
        new("sales rep", Role.SalesRep, Role.SalesRep, people["sales_rep"].AccessToken),
        .. Members.Select(member => new Actor(member.Name, null, member.As, people[member.Name].AccessToken)),
        new("stranger", null, null, people["stranger"].AccessToken),
        new("API key", Role.CustomerKey, Role.CustomerKey, own.ApiKey),
        new("service account", Role.ServiceAccount, Role.ServiceAccount, own.ServiceAccount),
        new("nobody", null, null, null),
    ];
}
